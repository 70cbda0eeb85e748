"""docs/publish.md and the commands know the same options."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from pipeline.cli.card import card
from pipeline.cli.publish import publish

DOCS = Path(__file__).parents[3] / "docs/publish.md"


def options(*commands: click.Command) -> set[str]:
    return {
        name
        for command in commands
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }


def test_every_option_in_the_docs_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOCS.read_text(encoding="utf-8")))
    assert named - {"--rows"} <= options(publish, card)


@pytest.mark.parametrize("option", sorted(options(publish) - {"--config", "--private"}))
def test_every_option_of_publish_is_in_the_docs(option: str) -> None:
    assert option in DOCS.read_text(encoding="utf-8")
