{{ quarantined('contacts') }}
