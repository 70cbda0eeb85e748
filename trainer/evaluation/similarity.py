"""ViCon and ViSim-400: similarity of words, bare and in fixed templates."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InputError
from schemas.evaluation import SimilarityResult
from schemas.files import explained
from schemas.text import normalise, units
from trainer.ranking.prediction import unit_rows
from trainer.text.inputs import MarkedSentence

Encode = Callable[[Sequence[MarkedSentence]], NDArray[np.float32]]

Carriers = Mapping[str, tuple[str, ...]]
"""Per part of speech the sentences of a language in which words are compared."""
_PARTS = ("noun", "verb", "adj")
_POS = {"n": "noun", "noun": "noun", "v": "verb", "verb": "verb", "a": "adj", "adj": "adj"}


@dataclass(frozen=True, slots=True)
class WordPair:
    """Two words of one POS and the gold answer: 1/0 for synonyms/antonyms, or a human score."""

    left: str
    right: str
    pos: str
    gold: float


def read_vicon(folder: Path) -> list[WordPair]:
    """The pairs of every ``*_noun_*``, ``*_verb_*`` and ``*_adj_*`` file of a folder."""
    pairs = []
    for path in sorted(folder.glob("*.txt")):
        pos = next((pos for pos in _PARTS if pos in path.name), None)
        if pos is None:
            continue
        for row in _rows(path, ("Word1", "Word2", "Relation")):
            if row["Relation"] not in ("SYN", "ANT"):
                raise InputError(f"{path}: relation {row['Relation']!r} is neither SYN nor ANT")
            gold = float(row["Relation"] == "SYN")
            pairs.append(WordPair(_word(row["Word1"]), _word(row["Word2"]), pos, gold))
    if not pairs:
        raise InputError(f"{folder}: no ViCon files (such as 400_noun_pairs.txt): check the path")
    return pairs


def read_visim(path: Path) -> list[WordPair]:
    """The pairs of ViSim-400 with Sim1, the human score from 0 to 6."""
    pairs = []
    for row in _rows(path, ("Word1", "Word2", "POS", "Sim1")):
        pos = _POS.get(row["POS"].strip().lower())
        if pos is None:
            raise InputError(f"{path}: POS {row['POS']!r} is unknown")
        score = float(row["Sim1"].replace(",", "."))
        pairs.append(WordPair(_word(row["Word1"]), _word(row["Word2"]), pos, score))
    return pairs


def similarities(encode: Encode, pairs: Sequence[WordPair], carriers: Carriers) -> list[float]:
    """The cosine of each pair: the mean over all of its POS's carrier sentences.

    Both words of a pair stand in the same sentence, so nothing is random.
    """
    total = np.zeros(len(pairs))
    n = min(map(len, carriers.values()))
    for at in range(n):
        sides = []
        for side in ("left", "right"):
            asked = []
            for pair in pairs:
                carrier, word = carriers[pair.pos][at], getattr(pair, side)
                start = carrier.index("{}")
                asked.append(MarkedSentence(carrier.format(word), start, start + len(word), word))
            sides.append(unit_rows(encode(asked)))
        total += (sides[0] * sides[1]).sum(axis=1)
    return [float(value) for value in total / n]


def shared_letters(left: str, right: str) -> float:
    """Dice's coefficient of two words' runs of two and three characters, spaces around included."""
    one, other = _runs(left), _runs(right)
    return 2 * sum((one & other).values()) / (one + other).total()


def _runs(word: str) -> Counter[str]:
    text = f" {word.lower()} "
    return Counter(text[at : at + n] for n in (2, 3) for at in range(len(text) - n + 1))


def _scored(
    encode: Encode, pairs: Sequence[WordPair], carriers: Carriers
) -> dict[str, list[float]]:
    """By form, in the order of the report: letters alone, the words alone, and in sentences."""
    return {
        "letters": [shared_letters(pair.left, pair.right) for pair in pairs],
        "bare": similarities(encode, pairs, dict.fromkeys(_PARTS, ("{}",))),
        "templates": similarities(encode, pairs, carriers),
    }


def average_precision(scores: Sequence[float], positive: Sequence[float]) -> float:
    """The mean precision at each positive; equal scores are taken together, as one threshold."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    values, gold = np.asarray(scores)[order], np.asarray(positive, dtype=float)[order]
    last = np.append(np.nonzero(np.diff(values))[0], len(values) - 1)
    hits = gold.cumsum()[last]
    precision = hits / (last + 1)
    gained = np.diff(np.concatenate([[0.0], hits]))
    return float((precision * gained).sum() / max(1.0, gold.sum()))


def spearman(left: Sequence[float], right: Sequence[float]) -> float:
    """Spearman's rho, equal values sharing their mean rank; 0 where one side is constant."""
    from scipy.stats import rankdata

    x, y = rankdata(left), rankdata(right)
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum() / norm) if norm else 0.0


def vicon_scores(
    encode: Encode, pairs: Sequence[WordPair], carriers: Carriers
) -> list[SimilarityResult]:
    """AP of synonyms against antonyms per POS; chance is the share of synonyms."""
    parts = sorted({pair.pos for pair in pairs})
    return _scores("ViCon AP", parts, average_precision, encode, pairs, carriers)


def visim_scores(
    encode: Encode, pairs: Sequence[WordPair], carriers: Carriers
) -> list[SimilarityResult]:
    """Spearman's rho with the human scores, all pairs and per POS."""
    parts = ["all", *sorted({pair.pos for pair in pairs})]
    return _scores("ViSim-400 rho", parts, spearman, encode, pairs, carriers)


def _scores(
    test: str,
    parts: Sequence[str],
    measure: Callable[[Sequence[float], Sequence[float]], float],
    encode: Encode,
    pairs: Sequence[WordPair],
    carriers: Carriers,
) -> list[SimilarityResult]:
    """Each part whole, and then its pairs that share no unit: there letters tell little."""
    rows = {part: [n for n, p in enumerate(pairs) if part in ("all", p.pos)] for part in parts}
    apart = {
        f"{part}, no shared unit": [n for n in own if not _share_unit(pairs[n])]
        for part, own in rows.items()
    }
    return [
        SimilarityResult(
            test=test,
            part=part,
            form=form,
            value=measure([scores[n] for n in own], [pairs[n].gold for n in own]) if own else None,
            n_pairs=len(own),
        )
        for form, scores in _scored(encode, pairs, carriers).items()
        for part, own in (rows | apart).items()
    ]


def _share_unit(pair: WordPair) -> bool:
    return bool(set(units(pair.left.lower())) & set(units(pair.right.lower())))


def _word(text: str) -> str:
    return normalise(text.replace("_", " "))


def _rows(path: Path, fields: tuple[str, ...]) -> list[dict[str, str]]:
    with explained(path), open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = set(fields) - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{path}: columns {sorted(missing)} are missing: check the file")
        return [row for row in reader if row[fields[0]]]
