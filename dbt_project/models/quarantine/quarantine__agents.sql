{{ quarantined('agents') }}
