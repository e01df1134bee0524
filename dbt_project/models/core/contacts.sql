{{ versions('contacts') }}
