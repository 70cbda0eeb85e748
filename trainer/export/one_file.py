"""One Python file out of a project's definitions: those that a few of them reach, as they stand.

So a model's code can leave the project without a second version of it to keep equal.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_OURS = ("schemas", "languages", "trainer")
Place = tuple[str, str]
"""A module's dotted name, and a name in it."""


@dataclass(slots=True)
class _Module:
    """The definitions of a module by name, as text in their order, and what it imports."""

    definitions: dict[str, ast.stmt] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    imports: dict[str, Place] = field(default_factory=dict)


def one_file(wanted: Sequence[Place], head: str, tail: str) -> str:
    """The source of the wanted definitions and of all they use of ours, between head and tail.

    Imports of other packages stand at the top. Raises ValueError where two modules give one name
    to different things, or where a definition reaches what cannot be copied.
    """
    reached: dict[str, set[str]] = {}
    outside: dict[str, Place] = {}
    waiting = list(wanted)
    order: list[str] = []
    while waiting:
        module, name = waiting.pop()
        own = _read(module)
        if name in own.definitions:
            if name not in reached.setdefault(module, set()):
                reached[module].add(name)
                waiting += [(module, used) for used in _used(own.definitions[name])]
        elif name in own.imports:
            source, there = own.imports[name]
            if source.partition(".")[0] in _OURS:
                waiting.append((source, there))
            elif outside.setdefault(name, (source, there)) != (source, there):
                raise ValueError(f"{name} is imported from two places")
    for module in reached:
        _below_first(module, set(), order)
    order = [module for module in order if module in reached]
    names = [name for module in order for name in reached[module]]
    if twice := {name for name in names if names.count(name) > 1 or name in outside}:
        raise ValueError(f"defined in two modules: {', '.join(sorted(twice))}")
    bodies = ["\n\n\n".join((f"# {m}", *_texts(m, reached[m]))) for m in order]
    top = "from __future__ import annotations\n\n" + _import_lines(outside)
    return "\n\n\n".join([head.strip(), top, *bodies, tail.strip()]) + "\n"


def _below_first(module: str, waiting: set[str], order: list[str]) -> None:
    """Adds a module to the order behind all of ours that it imports."""
    if module in order or module in waiting:
        return
    waiting.add(module)
    for source, there in _read(module).imports.values():
        inner = f"{source}.{there}"
        if source.partition(".")[0] in _OURS:
            _below_first(inner if _path(inner) else source, waiting, order)
    order.append(module)


def _texts(module: str, names: set[str]) -> Iterator[str]:
    """The texts of a module's definitions; names of one statement stand in one text."""
    own = _read(module)
    yield from dict.fromkeys(text for name, text in own.texts.items() if name in names)


def _import_lines(outside: dict[str, Place]) -> str:
    """The imports, those of Python's own packages first."""
    plain, grouped = set(), defaultdict(set)
    for name, (source, there) in outside.items():
        if not there:
            plain.add(f"import {source}" + ("" if name == source.split(".")[0] else f" as {name}"))
        else:
            grouped[source].add(there if name == there else f"{there} as {name}")
    lines = [*plain, *(f"from {of} import {', '.join(sorted(n))}" for of, n in grouped.items())]
    own = [line for line in lines if line.split()[1].split(".")[0] in sys.stdlib_module_names]
    groups = (own, [line for line in lines if line not in own])
    return "\n\n".join("\n".join(sorted(group)) for group in groups if group)


def _used(definition: ast.stmt) -> set[str]:
    for node in ast.walk(definition):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in _OURS:
            raise ValueError(f"line {node.lineno}: an import of {node.module} inside a definition")
    return {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}


@cache
def _read(module: str) -> _Module:
    path = _path(module)
    if path is None:
        raise ValueError(f"no module {module}")
    text = path.read_text(encoding="utf-8")
    lines, found = text.splitlines(), _Module()
    statements = ast.parse(text).body
    for at, statement in enumerate(statements):
        for inner in statement.body if isinstance(statement, ast.If) else [statement]:
            found.imports.update(_imported(inner))
        for name in _defined(statement):
            found.definitions[name] = statement
            found.texts[name] = "\n".join(lines[_first(statement, lines) : _last(statements, at)])
    return found


def _path(module: str) -> Path | None:
    """The file of a module or package of ours; None where there is none."""
    path = _ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return path if path.is_file() else None


def _imported(statement: ast.stmt) -> Iterator[tuple[str, Place]]:
    """What a statement imports by its name here; those for the type checker alone too."""
    if isinstance(statement, ast.ImportFrom) and statement.module not in (None, "__future__"):
        for alias in statement.names:
            yield alias.asname or alias.name, (str(statement.module), alias.name)
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0], (alias.name, "")


def _defined(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def _first(statement: ast.stmt, lines: list[str]) -> int:
    """The line a definition begins in, with its decorators and the comment right above."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(d.lineno for d in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return first


def _last(statements: list[ast.stmt], at: int) -> int:
    """The line behind a definition, with the text that describes a constant."""
    following = statements[at + 1] if at + 1 < len(statements) else None
    describes = (
        isinstance(statements[at], ast.Assign | ast.AnnAssign)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    )
    last = following if describes and following is not None else statements[at]
    return last.end_lineno or last.lineno
