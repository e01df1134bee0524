{{ versions('identities') }}
