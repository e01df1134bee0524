{{ quarantined('agent_shifts') }}
