"""All votes in little memory until the last is cast: four bytes a judge and context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from pipeline.panel.records import CastVote
from pipeline.panel.rule import Meaning, decided
from schemas.records import Verdict, Vote

_ABSENT, _NONE_FITS = -2, -1


class Ballots:
    """The votes on numbered contexts, and the verdicts that they come to."""

    def __init__(
        self, n_contexts: int, judges: Sequence[str], meaning: Callable[[str], Meaning]
    ) -> None:
        self._judges = {judge: place for place, judge in enumerate(judges)}
        self._chosen = np.full((n_contexts, len(judges)), _ABSENT, dtype=np.int32)
        self._asked = np.zeros(n_contexts, dtype=bool)
        self._numbers: dict[str, int] = {}
        self._meaning = meaning

    def add(self, row: int, votes: Iterable[CastVote]) -> None:
        """Notes the votes on a context that the judges were asked about."""
        self._asked[row] = True
        for vote in votes:
            sense = vote.chosen_sense_id
            number = _NONE_FITS if sense is None else self._number(sense)
            self._chosen[row, self._judges[vote.judge]] = number

    def verdicts(self, contexts: Iterable[tuple[str, str]]) -> Iterator[Verdict]:
        """The verdicts on all contexts, given in order by their ids and senses."""
        judges, senses = list(self._judges), list(self._numbers)
        for row, (context_id, sense_id) in enumerate(contexts):
            votes = tuple(
                Vote(judge=judges[place], sense_id=senses[number] if number >= 0 else None)
                for place, number in enumerate(self._chosen[row].tolist())
                if number != _ABSENT
            )
            if votes:
                yield verdict(context_id, sense_id, votes, self._meaning)

    def without_votes(self) -> Iterator[int]:
        """The numbers of the contexts that no judge gave a valid answer to."""
        missing = self._asked & (self._chosen == _ABSENT).all(axis=1)
        yield from np.flatnonzero(missing).tolist()

    def _number(self, sense: str) -> int:
        return self._numbers.setdefault(sense, len(self._numbers))


def verdict(
    context_id: str, sense_id: str, votes: Sequence[Vote], meaning: Callable[[str], Meaning]
) -> Verdict:
    """What the votes on a context of a sense come to."""
    meant = meaning(sense_id)
    meanings = [vote.sense_id and meaning(vote.sense_id) for vote in votes]
    winner = decided(meanings)
    return Verdict(
        context_id=context_id,
        chosen_sense_id=votes[meanings.index(winner)].sense_id,
        agrees=winner == meant,
        votes=tuple(votes),
        agreement=meanings.count(meant) / len(meanings),
    )
