"""`harken models`, `retrain`, `promote`, `rollback-model` and `accept`: which model a task uses, and changing it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.app import app, out, settings, wrong_use

TaskName = Annotated[str, typer.Argument(help="Prediction task, such as escalation.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in published.model_events.")]


@app.command(epilog="Example: `harken models escalation`")
def models(task: Annotated[str | None, typer.Argument(help="Prediction task; all by default.")] = None) -> None:
    """Where each task's model stands: state, versions, figures, what is asked for."""
    configured = settings()
    from orchestration.standing import standing_of

    for name in [_known(task)] if task else sorted(_tasks()):
        found = standing_of(configured, name)
        out.print(f"[bold]{name}[/]: {escape(found.sentence)}", highlight=False)
        shown = Table()
        for heading in ("version", "role", "trained to (UTC)", "PR-AUC promised", "why"):
            shown.add_column(heading, overflow="fold")
        for version in found.versions:
            shown.add_row(*(escape(cell) for cell in version))
        if found.versions:
            out.print(shown)


@app.command(epilog="Example: `harken retrain escalation --reason 'new price list'`")
def retrain(task: TaskName, reason: Why = "by hand") -> None:
    """Train a candidate now. It scores in the shadow, and is promoted only if it wins."""
    _run(task, "retrain", reason=reason)


@app.command(epilog="Example: `harken promote escalation 7 --reason 'agreed with the team leads'`")
def promote(
    task: TaskName,
    version: Annotated[str, typer.Argument(help="Version, as `harken models` lists them.")],
    reason: Why = "by hand",
) -> None:
    """Make a version the champion, whatever the evidence says."""
    if not version.strip():
        raise wrong_use(f"name a version: `harken models {task}` lists them")
    _run(task, "promote", version=version, reason=reason)


@app.command("rollback-model", epilog="Example: `harken rollback-model escalation --reason 'too many false alarms'`")
def rollback_model(task: TaskName, reason: Why = "by hand") -> None:
    """Make the champion before this one champion again."""
    _run(task, "rollback", reason=reason)


@app.command(epilog="Example: `harken accept escalation --reason 'amounts are in cents from 1 June on'`")
def accept(task: TaskName, reason: Why = "by hand") -> None:
    """Take a suspected source fault for a change that is meant, so that the task is scored again and learns it.

    Without one: say that a suspected drift needs no retraining.
    """
    _run(task, "accept", reason=reason)


def _tasks() -> list[str]:
    from ml.tasks import all_tasks

    return list(all_tasks())


def _known(task: str) -> str:
    if task not in _tasks():
        raise wrong_use(f"no prediction task {task!r}: there are {', '.join(sorted(_tasks()))}")
    return task


def _run(task: str, what: str, **asked: str) -> None:
    """Run one of the task's jobs, as the Dagster UI would."""
    configured = settings()
    from orchestration.cli.runs import terminal_report
    from orchestration.defs.models import step_config
    from orchestration.run import raise_problems, run_job

    config = step_config(_known(task), what, **asked)
    raise_problems(run_job(configured, report=terminal_report(), job=f"{task}_{what}", run_config=config))
    out.print("The published tables show it from the next `harken run` on.", highlight=False)
