"""The entry point: finds the command, runs it, and turns its outcome into an exit code.

====  ====================================================0     done
1     an expected failure, or done with items that failed for good
2     the command line or run.toml is wrong
3     a bug in viconwsd
130   interrupted (Ctrl-C); run again to go on
====  ===================================================="""

from __future__ import annotations

import importlib
import os
import sys

import click

COMMANDS = {
    "init": ("pipeline.cli.init:init", "Write a commented run.toml for a new run."),
    "plan": ("pipeline.cli.plan:plan", "Print what would run and why, and what it would cost."),
    "run": ("pipeline.cli.run:run", "Run the stages, from synsets to the release."),
    "batches": (
        "pipeline.cli.batches:batch_commands",
        "List, cancel and import batches of requests.",
    ),
    "status": ("pipeline.cli.status:status", "Print what is done, and what it cost."),
    "rejects": ("pipeline.cli.rejects:rejects", "Show what was dropped, and why."),
    "leakage": ("pipeline.cli.leakage:leakage", "Prove what the splits of a release share."),
    "diversity": ("pipeline.cli.diversity:diversity", "Measure how varied sentences are."),
    "view": ("pipeline.cli.view:view", "Look at a run and its data set in the browser."),
    "audit": ("pipeline.cli.audit:audit", "Sample, import and report human audits."),
    "card": ("pipeline.cli.card:card", "Render the release's data card, with a preview."),
    "publish": ("pipeline.cli.publish:publish", "Publish to the Hugging Face Hub."),
    "train": ("pipeline.cli.train:train", "Train the sense-aware encoder on the release."),
    "evaluate": ("pipeline.cli.evaluate:evaluate", "Evaluate a model, beside its baselines."),
    "export": ("pipeline.cli.export:export", "Write a model that opens without viconwsd."),
    "distil": ("pipeline.cli.distil:distil", "Distil meaning vectors, and measure them."),
    "senses": ("pipeline.cli.senses:senses", "Find how words are used in a corpus."),
    "bank": ("pipeline.cli.bank:bank", "Make a trained model answer fast."),
    "disambiguate": ("pipeline.cli.disambiguate:disambiguate", "Rank the senses of a word."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="viconwsd")
def viconwsd() -> None:
    """Builds, audits, publishes and learns from word-sense data.

    Start with `viconwsd init runs/demo --preset demo`, then `viconwsd run -c
    runs/demo/run.toml`.
    """


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Runs the command and returns its exit code; errors are one line on stderr."""
    from pipeline.cli.streams import clean_streams

    with clean_streams():
        return _exit_code(arguments)


def _exit_code(arguments: list[str]) -> int:
    from schemas.errors import UsageError, ViconwsdError

    try:
        result = viconwsd.main(arguments, prog_name="viconwsd", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; run the same command again to go on, nothing that was paid is lost")
        return 130
    except UsageError as error:
        _say(str(error))
        return 2
    except ViconwsdError as error:
        _say(str(error))
        return 1
    except BrokenPipeError:  # the reader of our output, such as `head`, has what it wants
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as error:
        from pipeline.cli.extras import advice

        told = advice(error.name or "")
        if told is None:
            return _bug(error)
        _say(told)
        return 2
    except OSError as error:  # whatever no other place has put into words
        from schemas.files import storage_error

        _say(str(storage_error(error.filename or "a file", error)))
        return 1
    except Exception as error:
        return _bug(error)
    return result if isinstance(result, int) else 0


def _bug(error: Exception) -> int:
    if os.environ.get("VICONWSD_DEBUG"):
        raise error
    _say(
        f"this is a bug in viconwsd: {type(error).__name__}: {error}\n"
        "run it again with VICONWSD_DEBUG=1 and report what it prints"
    )
    return 3


def _say(message: str) -> None:
    from schemas.shown import shortened

    for line in message.splitlines():
        click.echo(f"viconwsd: {shortened(line)}", err=True)
