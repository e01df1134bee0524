{{ versions('surveys') }}
