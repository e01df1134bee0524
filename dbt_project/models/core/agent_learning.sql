{{ versions('agent_learning') }}
