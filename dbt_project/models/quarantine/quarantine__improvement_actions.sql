{{ quarantined('improvement_actions') }}
