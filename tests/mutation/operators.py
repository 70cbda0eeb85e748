"""Small faults that could be made in a Python file: one change each, in the body of a function."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_TALK = {"begin", "advance", "echo", "print", "say", "note", "warning", "debug", "info"}
"""Calls that only tell people how far something is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One fault: the bytes from ``start`` to ``end`` of a file become ``after``."""

    function: str
    line: int
    start: int
    end: int
    before: str
    after: str


def changes(source: str) -> Iterator[Change]:
    """Every change that can be made in the bodies of a file's functions, in its order."""
    lines = [0]
    for line in source.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    for name, function in _functions(ast.parse(source), ""):
        for statement in function.body:
            for node, mutated in _mutations(statement):
                start = lines[node.lineno - 1] + node.col_offset
                end = lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
                before = source.encode()[start:end].decode()
                yield Change(name, node.lineno, start, end, before, mutated)


def apply(source: str, change: Change) -> str:
    """The file with the fault in it."""
    data = source.encode()
    return (data[: change.start] + change.after.encode() + data[change.end :]).decode()


Function = ast.FunctionDef | ast.AsyncFunctionDef
Positioned = ast.expr | ast.stmt


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, Function]]:
    """The functions and methods of a file; a function within another belongs to the outer one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{within}{child.name}", child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{within}{child.name}.")


def _mutations(node: ast.AST) -> Iterator[tuple[Positioned, str]]:
    if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr | ast.ImportFrom | ast.Import):
        return
    if isinstance(node, ast.stmt | ast.expr):
        yield from ((node, _written(mutated)) for mutated in _of(node))
    yield from ((test, _written(ast.UnaryOp(ast.Not(), test))) for test in _tests(node))
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "args") and isinstance(
            node, Function | ast.AnnAssign
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _mutations(child)


def _written(node: Positioned) -> str:
    """As code; an expression in brackets, as what is around it may bind more tightly."""
    text = ast.unparse(ast.fix_missing_locations(node))
    return f"({text})" if isinstance(node, ast.expr) else text


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    """The conditions of a node that nothing else turns around."""
    found: list[ast.expr] = []
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        found = [node.test]
    elif isinstance(node, ast.comprehension):
        found = node.ifs
    yield from (test for test in found if isinstance(test, ast.Name | ast.Attribute | ast.Call))


def _of(node: Positioned) -> Iterator[Positioned]:
    match node:
        case ast.Compare(ops=[op]):
            yield _with(node, ops=[_COMPARED[type(op)]()])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not()):
            yield copy.deepcopy(node.operand)
        case ast.BinOp(op=op) if type(op) in _COUNTED and not _is_text(node):
            yield _with(node, op=_COUNTED[type(op)]())
        case ast.Constant():
            yield from _constant(node)
        case ast.Call(func=ast.Name(id="min" | "max" as name), args=[_, _]):
            yield _with(node, func=ast.Name(_CALLED[name]))
        case ast.Call(func=ast.Name(id="any" | "all" as name), args=[_]):
            yield _with(node, func=ast.Name(_CALLED[name]))
        case ast.Call(func=ast.Name(id="sorted"), args=[_]):
            yield _with(node, func=ast.Name("list"), keywords=[])
        case ast.AugAssign():
            yield ast.Pass()
        case ast.Expr() if _does(node):
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, float):
        yield ast.Constant(node.value * 2 if node.value else 1.0)


def _does(node: ast.Expr) -> bool:
    """Whether a statement is a call that does something."""
    call = node.value.value if isinstance(node.value, ast.Await) else node.value
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    return name not in _TALK


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


def _with(node: Positioned, **changed: object) -> Positioned:
    made = copy.deepcopy(node)
    for name, value in changed.items():
        setattr(made, name, value)
    return made
