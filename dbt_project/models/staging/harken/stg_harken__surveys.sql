{#
    An answer without its time can't be dated: taken at sent_at, it would be known before it was given. With recorded_at
    it is dated by that.
#}
{{ typed_rows('surveys') }}
