"""Imports point one way: schemas <- languages <- prompts, audits, trainer <- pipeline."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "schemas": set(),
    "languages": {"schemas"},
    "prompts": {"schemas", "languages"},
    "audits": {"schemas", "languages"},
    "trainer": {"schemas", "languages"},
    "pipeline": {"schemas", "languages", "prompts", "audits", "trainer"},
}
PARTS_OF_PIPELINE = (
    "llm",
    "checks",
    "sources",
    "link",
    "select",
    "split",
    "panel",
    "variety",
    "engine",
)
"""Parts that know nothing of stages, the command line or each other's settings."""


def imported(path: Path) -> set[str]:
    """The modules that a file imports, at any depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[package] - {package}
    for path in (ROOT / package).rglob("*.py"):
        tops = {module.partition(".")[0] for module in imported(path)}
        assert not tops & forbidden, f"{path.relative_to(ROOT)} imports {tops & forbidden}"


@pytest.mark.parametrize("part", PARTS_OF_PIPELINE)
def test_a_part_of_the_pipeline_knows_nothing_of_stages_and_commands(part: str) -> None:
    above = ("pipeline.cli", "pipeline.stages", "pipeline.config", "pipeline.session")
    for path in (ROOT / "pipeline" / part).rglob("*.py"):
        found = {module for module in imported(path) if module.startswith(above)}
        assert not found, f"{path.relative_to(ROOT)} imports {found}"


def test_no_package_imports_relatively() -> None:
    """Absolute imports only, or the tests above would not see them."""
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.ImportFrom) and node.level), path
