{{ quarantined('surveys') }}
