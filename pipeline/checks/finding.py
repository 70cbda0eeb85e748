"""The form of a rule, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

CaseT = TypeVar("CaseT")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a rule found: in English for the reject, and what goes into the language's own line."""

    detail: str
    places: Mapping[str, object]
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: its code, what exactly is wrong, and how to say so to the model."""

    code: str
    detail: str
    reason: str
    doubt: bool = False
    """Whether a text can be sound all the same: people write such ones, too."""


Rule: TypeAlias = Callable[[CaseT], Flaw | None]
"""A pure function named by its code, whose docstring begins with its message."""


def flaw(detail: str, **places: object) -> Flaw:
    """A flaw with its places by name."""
    return Flaw(detail, places)


def doubt(detail: str, **places: object) -> Flaw:
    """A flaw that a sound text can have."""
    return Flaw(detail, places, doubt=True)


def only_doubts(found: Iterable[Finding]) -> bool:
    """Whether none of these makes a text unusable."""
    return all(each.doubt for each in found)


def message(rule: Callable[..., object]) -> str:
    """What is wrong where a rule finds something: the first line of its docstring."""
    return (rule.__doc__ or "").strip().splitlines()[0]


def messages(rules: Iterable[Callable[..., object]]) -> dict[str, str]:
    """The messages of rules by their codes."""
    return {rule.__name__: message(rule) for rule in rules}


def finding(code: str, found: Flaw, lines: Mapping[str, str]) -> Finding:
    """A flaw under its code, told in the line that the language has for it."""
    reason = lines[code].format_map(dict(found.places))
    return Finding(code, found.detail, reason, found.doubt)


def findings(
    rules: Iterable[Rule[CaseT]], case: CaseT, lines: Mapping[str, str], off: Collection[str]
) -> tuple[Finding, ...]:
    """What the rules that are on find wrong with a case, in their order."""
    return tuple(
        finding(rule.__name__, found, lines)
        for rule in rules
        if rule.__name__ not in off and (found := rule(case)) is not None
    )
