{{ typed_rows('agent_learning') }}
