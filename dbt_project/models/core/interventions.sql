{{ versions('interventions') }}
