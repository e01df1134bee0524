{{ versions('self_service') }}
