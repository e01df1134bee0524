{{ versions('agent_shifts') }}
