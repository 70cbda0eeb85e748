"""The documentation names only commands and files that exist."""

import re
from pathlib import Path
from typing import get_args

import click
import pytest

from pipeline.cli.main import COMMANDS, viconwsd
from pipeline.sources.settings import SourceKind

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
COMMAND = re.compile(r"^\s*(?:\$ )?viconwsd +(.+)$|`viconwsd +([^`]+)`", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_written_down_exists(page: Path) -> None:
    for match in COMMAND.finditer(page.read_text(encoding="utf-8")):
        words = (match[1] or match[2]).replace("\\", " ").split()
        known_options(words, page)


def known_options(words: list[str], page: Path) -> None:
    """Follows the words of a command line and fails on an unknown command or option."""
    if words[0].startswith("-") or words[0].isupper():
        return
    assert words[0] in COMMANDS, f"{page.name}: viconwsd {words[0]}"
    command = viconwsd.get_command(click.Context(viconwsd), words[0])
    assert command is not None
    rest = words[1:]
    if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"{page.name}: {' '.join(words[:2])}"
        command, rest = command.commands[rest[0]], rest[1:]
    options = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    for word in rest:
        name = word.partition("=")[0].strip("[],.;")
        if name.startswith("-") and not name.lstrip("-").isdigit() and name != "-":
            assert name in options, f"{page.name}: {' '.join(words)}: {name}"


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"viconwsd {name}" in readme, name


@pytest.mark.parametrize("kind", get_args(SourceKind))
def test_every_kind_of_source_is_documented(kind: str) -> None:
    assert f"\n| `{kind}`" in (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
