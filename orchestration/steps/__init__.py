"""What the steps of a run do, in plain Python: they fetch frames, call a room, and put its answer away."""
