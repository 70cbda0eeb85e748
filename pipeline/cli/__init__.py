"""The command line: ``viconwsd COMMAND``. Nothing heavy is imported before it is needed."""

from pipeline.cli.main import main

__all__ = ["main"]
