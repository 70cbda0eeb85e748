"""From rows to links: evidence, probabilities, one counterpart each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.link.assignment import assigned
from pipeline.link.english import EnglishIndex, name_of
from pipeline.link.evidence import Evidence
from pipeline.link.ili import InterlingualIndex
from pipeline.link.posterior import edges_of, scored
from pipeline.sources.princeton_file import PrincetonSynset
from schemas.records import Link

_DIGITS = 4
_SUREST = 1 - 10**-_DIGITS
"""Of what is found; 1 is what a source says itself."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a model chose among the candidates it was shown; None is "none of these"."""

    shown: tuple[int, ...]
    chosen: int | None


def linked(
    found: Sequence[Evidence],
    english: EnglishIndex,
    ids: InterlingualIndex,
    *,
    choices: Mapping[str, Chosen],
    trust: float,
    taken: Sequence[int] = (),
) -> list[Link]:
    """The link of every row that has one, whatever its confidence, by synset id.

    ``choices`` are a model's, by synset id, and ``trust`` how often it is right; ``taken`` are
    synsets that are the counterparts of other rows already.
    """
    others = np.array(taken, dtype=np.int32)
    weighed = [
        _weighed(evidence, choices.get(evidence.row.synset_id), trust, others) for evidence in found
    ]
    edges = edges_of(weighed)
    links = []
    for pair in assigned(edges.row, edges.candidate, np.log(edges.odds)).tolist():
        evidence = found[int(edges.row[pair])]
        synset = english.synsets[int(edges.candidate[pair])]
        links.append(
            Link(
                synset_id=evidence.row.synset_id,
                ili=ids.ili(name_of(synset)),
                princeton=name_of(synset),
                link_confidence=min(_SUREST, round(float(edges.probability[pair]), _DIGITS)),
                candidates=len(evidence.candidates),
            ).model_copy(update=_said_of(synset))
        )
    return sorted(links, key=lambda link: link.synset_id)


def with_definition(link: Link, english: EnglishIndex) -> Link:
    """A link with Princeton's words and definition, where the source has no definition itself."""
    n = english.number.get(link.princeton or "")
    if link.definition is not None or n is None:
        return link
    return link.model_copy(update=_said_of(english.synsets[n]))


def _said_of(synset: PrincetonSynset) -> dict[str, object]:
    return {
        "lemmas": tuple(word.replace("_", " ") for word in synset.words),
        "definition": synset.definition or None,
    }


def _weighed(
    evidence: Evidence, choice: Chosen | None, trust: float, taken: NDArray[np.int32]
) -> tuple[Evidence, NDArray[np.float64], float]:
    """The scores, in the light of a model's choice.

    One that is right with probability t says of k + 1 answers (none is one) the right one with t,
    and each wrong one with (1 - t) / k: its answer gains log(t k / (1 - t)).
    """
    scores, none = scored(evidence)
    scores = np.where(np.isin(evidence.candidates, taken), -np.inf, scores)
    if choice is not None:
        gain = float(np.log(trust * len(choice.shown) / (1 - trust)))
        if choice.chosen is None:
            none += gain
        else:
            scores = scores + gain * (evidence.candidates == choice.chosen)
    return evidence, scores, none
