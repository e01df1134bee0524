{{ versions('tickets') }}
