"""The command line: a table of contents of what `countersign` can do, each command in a file of its own."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from services.kernel import config

# Each module holds a Typer `app`. It is imported when one of its commands is called: the processes start fast, and a
# command that needs much, or is broken, is nobody else's trouble.
COMMANDS = {
    "local": ("up", "down", "hold", "release", "status", "logs"),
    "demo": ("demo",),
    "runner": ("all",),
    "processes": ("web", "worker", "relay", "recorder", "signer", "front", "mailcatcher"),
    "migrate": ("migrate",),
    "rebuild": ("rebuild",),
}
# Modules whose commands stand under a word of their own: `countersign parked list`.
GROUPS = ("accounts", "parked", "audit", "contracts", "erasures", "health", "skills", "witness")

SCREEN = 'Type "countersign COMMAND --help" for more of one.'


def main() -> None:
    """Run the command that was typed. What goes wrong is told in a sentence, and with --debug in full."""
    words = sys.argv[1:]
    try:
        os.environ.update(config.as_environment())  # for options, and for what a command turns into
        _app(words)()
    except (SystemExit, typer.Exit):
        raise
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except Exception as error:
        if "--debug" in words:
            raise
        print(f"countersign: {_sentence(error)}", file=sys.stderr)
        sys.exit(1)


def _app(words: list[str]) -> typer.Typer:
    app = typer.Typer(name="countersign", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback(epilog=SCREEN)(_root)
    for module in _modules(words):
        app.add_typer(import_module(f"services.cli.{module}").app, name=module if module in GROUPS else None)
    return app


def _root(debug: Annotated[bool, typer.Option("--debug", help="Show the trace when a command fails.")] = False) -> None:
    """Co-design of micro-credentials, on a log anyone can verify."""


def _modules(words: list[str]) -> list[str]:
    """The module of the command that was typed; all of them when it is none (for --help, or a misspelt word)."""
    typed = next((word for word in words if not word.startswith("-")), "")
    for module, commands in (*COMMANDS.items(), *((group, (group,)) for group in GROUPS)):
        if typed in commands:
            return [module]
    return [module for module in (*COMMANDS, *GROUPS) if find_spec(f"services.cli.{module}")]


def _sentence(error: Exception) -> str:
    """What to tell a person: the message where we wrote one, else also what kind of error it was."""
    message = str(error).strip()
    ours = type(error).__module__.startswith(("services.", "deploy."))
    if ours and message:
        return message
    return f"unexpected {type(error).__name__}: {message or 'no message'} (countersign --debug ... shows where)"
