{{ quarantined('targets') }}
