"""The Typer application and what all commands share: settings, output, and errors as one line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from warehouse.errors import HarkenError, was_interrupt

if TYPE_CHECKING:
    from orchestration.settings import Settings

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

DONE, FAILED, WRONG_USE = 0, 1, 2


class OneLineErrors(TyperGroup):
    """Shows Harken's own errors as one line. A person sees a traceback only for a fault in the program."""

    def invoke(self, ctx: Any) -> Any:
        from orchestration.settings import SettingsError

        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise typer.Exit(_say(str(error), WRONG_USE)) from None
        except HarkenError as error:
            raise typer.Exit(_say(str(error), FAILED)) from None
        except BrokenPipeError:
            # `harken show … | head`: the reader has seen enough.
            sys.stderr.close()
            raise typer.Exit(DONE) from None
        except (KeyboardInterrupt, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not was_interrupt(error):
                raise
            raise typer.Exit(_say("stopped; the next run goes on where this one ended", FAILED)) from None


app = typer.Typer(
    cls=OneLineErrors,
    name="harken",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
    help="Customer-service decisions from your own exports: files in, predictions and conformed tables out.",
    epilog="State lies in $HARKEN_HOME (./var by default). Exit codes: 0 done, 1 the job failed, 2 wrong use.",
)


def _say(message: str, code: int) -> int:
    err.print(f"[bold red]error:[/] {_escaped(message)}", highlight=False)
    return code


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def settings() -> Settings:
    """The settings of this call, with the environment of the tools set."""
    from orchestration.settings import load_settings

    found = load_settings()
    found.apply_environment()
    return found


def wrong_use(message: str) -> typer.Exit:
    """Exit 2 with one line; raise what it returns."""
    return typer.Exit(_say(message, WRONG_USE))


def moment(text: str | None, option: str) -> datetime | None:
    """An ISO time (UTC) given on the command line; exit 2 where it is none."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
        return given if given.tzinfo is None else given.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise wrong_use(f"{option} {text!r} is no time: write 2026-06-30 or 2026-06-30T08:00 (UTC)") from None
