{{ typed_rows('agent_shifts') }}
