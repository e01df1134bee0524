"""How far the simulated company is from real call centres and a real ticket log: `python -m benchmarks.realism`."""
