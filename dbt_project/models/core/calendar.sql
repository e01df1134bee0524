{{ versions('calendar') }}
