"""What an index tells, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class LemmaEntry:
    """A lemma with the counts of what it has."""

    lemma: str
    key: str
    senses: int
    rows: int
    short: int
    """Senses with fewer rows than wanted."""
    contested: int
    """Rows with a vote against their sense."""
    bad: int
    doubted: int
    rejects: int


@dataclass(frozen=True, slots=True)
class SenseEntry:
    """A sense."""

    number: int
    sense_id: str
    synset_id: str
    lemma: str
    """As this sense spells it."""
    pos: str
    supersense: str
    gloss: str | None
    cluster: str | None
    ili: str | None
    princeton: str | None
    confidence: float | None
    rows: int
    rejects: int


@dataclass(frozen=True, slots=True)
class CastBallot:
    """What a judge chose: the row's own sense, another one (None: none of these)."""

    judge: str
    own: bool
    sense_id: str | None


@dataclass(frozen=True, slots=True)
class RowEntry:
    """A context."""

    context_id: str
    sense_id: str
    lemma: str
    pos: str
    supersense: str
    sentence: str
    start: int
    stop: int
    split: str
    judged: str
    audited: str
    contested: bool
    doubted: bool
    votes: tuple[CastBallot, ...]

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the target, the target, and what stands after it."""
        text = self.sentence
        return text[: self.start], text[self.start : self.stop], text[self.stop :]


@dataclass(frozen=True, slots=True)
class RejectEntry:
    """What a stage dropped."""

    stage: str
    item: str
    code: str
    detail: str
    text: str
    request: str | None
    lemma: str | None


E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Found(Generic[E]):
    """One page of a list: the entries, and how many there are in all."""

    entries: tuple[E, ...]
    total: int
    at_least: bool = False
    """Whether ``total`` is only where counting stopped."""
