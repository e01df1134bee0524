{{ quarantined('interventions') }}
