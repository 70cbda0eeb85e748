"""How varied sentences are: measures that are compared at equal length only.

All of them move with the size of what is measured, so that a sample has the same number of
sentences for every sense and, against another, the same number of units (:func:`sampled`).
Sources: distinct-n of Li et al. 2016 (A diversity-promoting objective function); compression ratio
and templates after Shaib et al. 2024 (Standardizing the measurement of text diversity; Detection
and measurement of syntactic templates), whose templates are of parts of speech, for which not
every language has a tagger; self-repetition of Salkar et al. 2022 (Self-repetition in abstractive
neural summarizers).
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from languages.language import Language
from pipeline.checks.cues import cue_units
from pipeline.checks.marks import Sound
from pipeline.checks.similarity import key_units
from schemas.ids import content_digest

RUN = 4
"""Units of a run that is looked for in other sentences."""
_TARGET = "_"  # no unit


@dataclass(frozen=True, slots=True)
class Variety:
    """The measures of one sample."""

    n_senses: int
    n_sentences: int
    n_units: int
    distinct_1: float
    distinct_2: float
    distinct_3: float
    compression: float
    template_rate: float
    self_repetition: float
    cue_saturation: float


def sampled(
    by_sense: Mapping[str, Sequence[Sound]],
    per_sense: int,
    language: Language,
    most_units: int | None = None,
) -> dict[str, list[Sound]]:
    """So many sentences of each sense that has them, sense by sense up to a number of units.

    Senses and sentences come in the order of digests: the sample of a smaller number is a part
    of that of a greater one, and the same sentences give the same sample.
    """
    chosen: dict[str, list[Sound]] = {}
    left = most_units
    for sense in sorted(by_sense, key=content_digest):
        if len(by_sense[sense]) < per_sense:
            continue
        order = sorted(by_sense[sense], key=lambda each: content_digest(sense, each.sentence))
        kept = order[:per_sense]
        if left is not None:
            left -= n_units(kept, language)
            if left < 0:
                break
        chosen[sense] = kept
    return chosen


def n_units(sounds: Iterable[Sound], language: Language) -> int:
    """The units of sentences together."""
    return sum(len(key_units(sound.sentence, language)) for sound in sounds)


def variety(sample: Mapping[str, Sequence[Sound]], language: Language) -> Variety:
    """The measures of a sample; all are 0 for an empty one."""
    sounds = list(chain.from_iterable(sample.values()))
    keys = [key_units(sound.sentence, language) for sound in sounds]
    return Variety(
        n_senses=len(sample),
        n_sentences=len(sounds),
        n_units=sum(map(len, keys)),
        distinct_1=distinct(keys, 1),
        distinct_2=distinct(keys, 2),
        distinct_3=distinct(keys, 3),
        compression=compression_ratio(sound.sentence for sound in sounds),
        template_rate=template_rate([_with_slot(sound, language) for sound in sounds]),
        self_repetition=self_repetition(keys),
        cue_saturation=cue_saturation(sample.values(), language),
    )


def distinct(sentences: Sequence[Sequence[str]], n: int) -> float:
    """Different runs of n units, over all runs of n units."""
    runs = [run for units in sentences for run in _runs(units, n)]
    return len(set(runs)) / len(runs) if runs else 0.0


def compression_ratio(texts: Iterable[str]) -> float:
    """Bytes of the sentences, a line each, over their bytes when deflated; more is more alike."""
    data = "\n".join(texts).encode()
    return len(data) / len(zlib.compress(data, 9)) if data else 0.0


def template_rate(sentences: Sequence[Sequence[str]]) -> float:
    """The share of sentences that hold a run of four units which another sentence holds too.

    The target counts as one unit, the same in all: *he has been ___* is a template.
    """
    holders = _holders(sentences)
    repeated = sum(any(holders[run] > 1 for run in _runs(units, RUN)) for units in sentences)
    return repeated / len(sentences) if sentences else 0.0


def self_repetition(sentences: Sequence[Sequence[str]]) -> float:
    """The mean over sentences of log(1 + N), N summed over their different runs of four units.

    N of a run is the number of other sentences that hold it.
    """
    holders = _holders(sentences)
    return (
        sum(
            math.log1p(sum(holders[run] - 1 for run in set(_runs(units, RUN))))
            for units in sentences
        )
        / len(sentences)
        if sentences
        else 0.0
    )


def cue_saturation(senses: Iterable[Sequence[Sound]], language: Language) -> float:
    """The mean over senses of the largest share of its sentences that have one content word."""
    shares = []
    for sounds in senses:
        counts = Counter(unit for sound in sounds for unit in cue_units(sound, language))
        shares.append(max(counts.values(), default=0) / len(sounds))
    return sum(shares) / len(shares) if shares else 0.0


def _with_slot(sound: Sound, language: Language) -> tuple[str, ...]:
    """The units of a sentence, its target being one."""
    before = key_units(sound.sentence[: sound.start], language)
    return (*before, _TARGET, *key_units(sound.sentence[sound.end :], language))


def _holders(sentences: Sequence[Sequence[str]]) -> Counter[tuple[str, ...]]:
    """How many sentences hold each run of four units."""
    return Counter(run for units in sentences for run in set(_runs(units, RUN)))


def _runs(units: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return (tuple(units[start : start + n]) for start in range(len(units) - n + 1))
