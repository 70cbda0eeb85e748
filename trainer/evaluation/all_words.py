"""All-words disambiguation in the format of the Unified Evaluation Framework (Raganato, 2017).

A set is a folder NAME with ``NAME.data.xml``, whose sentences are tokens with the targets among
them, and ``NAME.gold.key.txt``, with one sense key or several for each target.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from schemas.errors import InputError
from schemas.evaluation import ALL_WORDS, PartResult, SystemResult
from schemas.files import explained
from schemas.numbers import counted
from trainer.data import Inventory, Item
from trainer.evaluation.accuracy import Bootstrap, mean_over_lemmas
from trainer.ranking.prediction import Candidates, Scorer


@dataclass(frozen=True, slots=True)
class AllWordsItem:
    """A target, and the keys of the senses that are right; its ``split`` is the set's name."""

    item: Item
    keys: frozenset[str]


def read_all_words(folder: Path) -> list[AllWordsItem]:
    """The targets of a set, in its order; sentences are its tokens with a space between.

    Raises InputError for a file that is not in the format, and for a target without a key.
    """
    name = folder.name
    data, gold = folder / f"{name}.data.xml", folder / f"{name}.gold.key.txt"
    keys = _read_keys(gold)
    with explained(data):
        try:
            root = ElementTree.fromstring(data.read_bytes())
        except (ElementTree.ParseError, LookupError, ValueError) as error:  # the last two: encoding
            raise InputError(f"{data}: not XML ({error}): give it as it was published") from error
    found = [item for sentence in root.iter("sentence") for item in _targets(sentence, name, data)]
    if not found:
        raise InputError(f"{data}: no <instance> in it: give a set of the evaluation framework")
    lacking = [item.item_id for item in found if item.item_id not in keys]
    if lacking:
        raise InputError(
            f"{gold}: {counted(len(lacking), 'target')} without a key, as {lacking[0]}: give the "
            "gold file of the same set"
        )
    # ids of targets are those of their set alone
    return [
        AllWordsItem(replace(item, item_id=f"{name}.{item.item_id}"), keys[item.item_id])
        for item in found
    ]


def _read_keys(path: Path) -> dict[str, frozenset[str]]:
    with explained(path):
        text = path.read_text(encoding="utf-8", errors="replace")
    keys = {}
    for number, line in enumerate(text.splitlines(), start=1):
        target, *own = line.split() or [""]
        if not own or not all("%" in key for key in own):
            raise InputError(f"{path}:{number}: wanted a target and its sense keys: {line[:60]!r}")
        keys[target] = frozenset(key.lower() for key in own)
    return keys


def _targets(sentence: ElementTree.Element, name: str, path: Path) -> Iterator[Item]:
    tokens = [(token, (token.text or "").strip()) for token in sentence]
    text, at = " ".join(word for _, word in tokens), 0
    for token, word in tokens:
        if token.tag == "instance":
            target, lemma, pos = (token.get(key, "") for key in ("id", "lemma", "pos"))
            if not (target and lemma and pos and word):
                raise InputError(
                    f"{path}: an <instance> in sentence {sentence.get('id')} lacks id, lemma, pos "
                    "or text: give it as it was published"
                )
            ids = (target, "", "", lemma.replace("_", " "), pos.lower())
            yield Item(*ids, text, at, at + len(word), name)
        at += len(word) + 1


@dataclass(frozen=True, slots=True)
class AllWords:
    """Targets with what may be chosen and what is right.

    ``candidates`` are the glossed senses of a lemma in the target's part of speech, the most
    frequent first, so that ties go to it; ``gold`` are synsets.
    """

    items: tuple[Item, ...]
    candidates: Candidates
    gold: tuple[frozenset[str], ...]

    @classmethod
    def of(
        cls,
        read: Iterable[AllWordsItem],
        inventory: Inventory,
        synset_of: Mapping[str, str],
        place_of: Mapping[tuple[str, str], int],
    ) -> AllWords:
        """From what was read, the synset of each key, and each sense's place by frequency.

        ``place_of`` is by match key of the lemma and synset; a sense without one stands last.
        """
        items, candidates, gold = [], [], []
        key_of = inventory.language.match_key
        for one in read:
            item = one.item
            lemma = key_of(item.lemma)
            own = [entry for entry in inventory.candidates(item.lemma) if entry.pos == item.pos]
            places = [place_of.get((lemma, entry.synset_id), len(place_of)) for entry in own]
            own = [own[at] for at in sorted(range(len(own)), key=places.__getitem__)]
            items.append(item)
            candidates.append(tuple(own))
            gold.append(frozenset(synset_of[key] for key in one.keys if key in synset_of))
        return cls(tuple(items), candidates, tuple(gold))

    def results(self, name: str, scorer: Scorer, bootstrap: Bootstrap) -> SystemResult:
        """A scorer's accuracy in all, by set and by part of speech.

        A target without candidates, or whose gold sense the inventory lacks, counts as wrong: every
        target is answered, so that this is the framework's F1.
        """
        scores = scorer.scores(self.items, self.candidates)
        right = [
            bool(own) and own[int(given.argmax())].synset_id in gold
            for own, given, gold in zip(self.candidates, scores, self.gold, strict=True)
        ]
        parts = {"all": list(range(len(self.items)))}
        for of in ("split", "pos"):
            for at, item in enumerate(self.items):
                parts.setdefault(getattr(item, of), []).append(at)
        cells = (self._part(part, own, right, bootstrap) for part, own in parts.items())
        return SystemResult(name=name, cells=tuple(cells))

    def _part(
        self, name: str, rows: Sequence[int], right: Sequence[bool], bootstrap: Bootstrap
    ) -> PartResult:
        lemmas = [f"{self.items[at].lemma} {self.items[at].pos}" for at in rows]
        estimate = mean_over_lemmas([right[at] for at in rows], lemmas, bootstrap)
        return PartResult(group=ALL_WORDS, name=name, estimate=estimate)
