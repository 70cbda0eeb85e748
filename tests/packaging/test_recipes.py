"""CONTRIBUTING's recipes are true: what is added by them works, with as many files as they say."""

import re
from pathlib import Path

import pytest

from tests.packaging.recipes import RECIPES, Recipe
from tests.packaging.scratch import ROOT, copy_project, python

ROW = re.compile(r"^\| (an? [^|]+?) \| (\d+) \| (.+) \|$", re.MULTILINE)
PATH = re.compile(r"`([^`]*/[^`]*|[A-Z]+\.md)`")


def rows() -> dict[str, tuple[int, str]]:
    """The table of what can be added: how many files, and which."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {what: (int(number), where) for what, number, where in ROW.findall(text)}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which all recipes were followed."""
    copy = tmp_path_factory.mktemp("scratch")
    copy_project(copy)
    for recipe in RECIPES:
        for step in recipe.steps:
            step.apply(copy)
    return copy


def test_everything_in_the_table_is_tried() -> None:
    assert list(rows()) == [recipe.what for recipe in RECIPES]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.what)
def test_as_many_files_are_touched_as_the_table_says(recipe: Recipe) -> None:
    number, where = rows()[recipe.what]
    named = PATH.findall(where.replace("NAME", recipe.name))
    assert sorted(named) == sorted({step.path for step in recipe.steps})
    assert number == len(named)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.what)
def test_what_was_added_can_be_used(recipe: Recipe, scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(scratch / "data")
    done = python(scratch, ["-c", recipe.use], folder=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_tests_that_speak_of_all_of_a_kind_pass_with_what_was_added(scratch: Path) -> None:
    proofs = sorted({proof for recipe in RECIPES for proof in recipe.proofs})
    done = python(scratch, ["-m", "pytest", "-v", "-p", "no:cacheprovider", *proofs])
    assert done.returncode == 0, done.stdout
    listed = [seen for recipe in RECIPES for seen in recipe.seen]
    assert [seen for seen in listed if f"{seen} PASSED" not in done.stdout] == []
