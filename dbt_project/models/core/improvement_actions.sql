{{ versions('improvement_actions') }}
