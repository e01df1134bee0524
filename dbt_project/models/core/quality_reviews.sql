{{ versions('quality_reviews') }}
