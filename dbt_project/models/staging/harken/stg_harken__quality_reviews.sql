{{ typed_rows('quality_reviews') }}
