{{ quarantined('quality_reviews') }}
