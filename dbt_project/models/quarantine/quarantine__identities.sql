{{ quarantined('identities', masked_keys=['value']) }}
