{{ typed_rows('interventions') }}
