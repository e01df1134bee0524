{{ versions('agents') }}
