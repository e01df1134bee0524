{{ quarantined('self_service') }}
