{{ quarantined('calendar') }}
