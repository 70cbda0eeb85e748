"""The rules of the house: no circles between folders, each name once, small files.

``tests/test_import_directions.py`` holds the directions between packages; this file looks at the
folders and files inside them.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "languages", "prompts", "audits", "trainer", "pipeline")
LONGEST_FILE = 400


def modules(*packages: str) -> dict[str, Path]:
    """The modules of the packages by their dotted names."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The known modules that a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def room(module: str, known: dict[str, Path]) -> str:
    """The folder a module lies in, or the module itself where it lies in its package's."""
    is_folder = known[module].name == "__init__.py"
    parts = module.split(".")
    folder = parts if is_folder else parts[:-1]
    return ".".join(folder) if len(folder) > 1 else module


def circles(arrows: dict[str, set[str]]) -> set[frozenset[str]]:
    """The sets of rooms that reach each other."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for following in arrows[waiting.pop()] - found:
                found.add(following)
                waiting.append(following)
        return found

    reach = {name: reached(name) for name in list(arrows)}
    return {
        frozenset(other for other in reach[name] if name in reach.get(other, ()))
        for name in reach
        if name in reach[name]
    }


def test_no_folders_import_each_other_in_a_circle() -> None:
    known = modules(*PACKAGES)
    arrows: dict[str, set[str]] = defaultdict(set)
    for module, path in known.items():
        here = room(module, known)
        for name in imports(path, known):
            there = room(name, known) if name in known else here
            if there != here and here.partition(".")[0] == there.partition(".")[0]:
                arrows[here].add(there)
    found = {" <-> ".join(sorted(circle)) for circle in circles(arrows)}
    assert not found, found


def test_tests_and_benchmarks_do_not_import_each_other() -> None:
    known = modules("tests", "benchmarks")
    for ours, theirs in (("tests", "benchmarks"), ("benchmarks", "tests")):
        for path in (ROOT / ours).rglob("*.py"):
            found = {name for name in imports(path, known) if name.split(".")[0] == theirs}
            assert not found, f"{path.relative_to(ROOT)} imports {found}"


def test_no_part_imports_the_settings_of_another() -> None:
    """Only what binds the parts to run.toml sees the settings of several.

    That is: the files that lie in ``pipeline`` itself, the stages and the commands.
    """
    known = modules(*PACKAGES)
    binding = ("pipeline.cli.", "pipeline.stages.")
    found = set()
    for module, path in known.items():
        for name in imports(path, known):
            owner = name.removesuffix(".settings")
            if owner == name or module.startswith((f"{owner}.", *binding)):
                continue
            if room(module, known) != module or not module.startswith("pipeline."):
                found.add(f"{module} -> {name}")
    assert not found, sorted(found)


def owners(found: list[str]) -> set[str]:
    """The modules, where the same file of two languages counts as one."""
    return {re.sub(r"^languages\.[a-z_]+\.", "languages.*.", module) for module in found}


def test_every_public_name_is_defined_once() -> None:
    """But for the folders of the languages, which are the same room for different tenants."""
    places: dict[str, list[str]] = defaultdict(list)
    for module, path in modules(*PACKAGES).items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
                not node.name.startswith("_")
            ):
                places[node.name].append(module)
    twice = {name: found for name, found in places.items() if len(owners(found)) > 1}
    assert not twice, twice


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_long(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= LONGEST_FILE, path
