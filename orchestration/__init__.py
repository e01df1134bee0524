"""Wiring: settings, the Dagster definitions, the runs and the command line. No SQL, no modelling, no statistics."""
