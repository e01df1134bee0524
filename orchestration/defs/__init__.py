"""One module for each domain: its assets, checks and schedules together."""
