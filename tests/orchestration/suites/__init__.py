"""Suites of the tests' own two tasks."""
