"""The prediction tasks. Each module here defines one `TASK`; a new module is a new task, with no wiring."""

from __future__ import annotations

import importlib
import pkgutil

from ml.task import LearningError, PredictionTask


def all_tasks() -> dict[str, PredictionTask]:
    """Every task by name, in name order. Raises LearningError where a module has no TASK or a name is used twice."""
    tasks: dict[str, PredictionTask] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        task = getattr(module, "TASK", None)
        if not isinstance(task, PredictionTask):
            raise LearningError(f"ml/tasks/{info.name}.py defines no TASK of type PredictionTask")
        if task.name in tasks:
            raise LearningError(f"ml/tasks/{info.name}.py: the task name {task.name!r} is used twice")
        tasks[task.name] = task
    return tasks
