{{ quarantined('agent_learning') }}
