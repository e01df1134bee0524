"""The warehouse room: DuckDB files. It connects, lands files as they came, publishes snapshots and rolls back.

It knows nothing of Dagster, dbt models or machine learning, and reads no environment: everything is a parameter.
"""
