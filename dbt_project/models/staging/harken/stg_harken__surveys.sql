{#
    An answer without its time can't be dated: taken at sent_at, it would be known before it was given. With recorded_at
    it is dated by that.
#}
{{ typed_rows('surveys', rules=[
    ('responded_at is null and recorded_at is null and coalesce(csat, nps, ces) is not null',
     'responded_at is missing though there is an answer'),
]) }}
