{{ versions('customers') }}
