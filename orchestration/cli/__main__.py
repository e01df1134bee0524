"""`python -m orchestration.cli`, the same as `harken`."""

from orchestration.cli import app

app(prog_name="harken")
