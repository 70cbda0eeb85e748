"""The senses that annotated English corpora name, among the synsets of an inventory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from languages.language import Language
from pipeline.link.ranks import read_ranks
from pipeline.sources.princeton_file import open_wordnet
from pipeline.sources.sense_keys import sense_keys


@dataclass(frozen=True, slots=True)
class NamedSenses:
    """``synset_of`` each sense key; ``place_of`` each match key and synset, by frequency, from 0.

    Synsets are those of the inventory alone.
    """

    synset_of: Mapping[str, str]
    place_of: Mapping[tuple[str, str], int]


def named_senses(
    wordnet: Path | None, synset_ids: Collection[str], language: Language
) -> NamedSenses:
    """Of an inventory whose ids end in offset and letter, as a source of kind princeton makes them.

    ``wordnet`` is the folder of the same files; None: NLTK's corpus. Nothing is read for an
    inventory that has no such id.
    """
    own = {(int(offset), pos): synset for synset in synset_ids for offset, pos in _place(synset)}
    if not own:
        return NamedSenses({}, {})
    keys = sense_keys(open_wordnet(wordnet))
    return NamedSenses(
        {key: own[place] for key, place in keys.items() if place in own},
        {
            (language.match_key(word), own[offset, pos]): place
            for (word, pos, offset), place in read_ranks(wordnet).items()
            if (offset, pos) in own
        },
    )


def _place(synset_id: str) -> list[tuple[str, str]]:
    """Offset and letter of an id such as ``pwn-03238586-n``; nothing where it is another."""
    _, _, place = synset_id.partition("-")
    offset, _, pos = place.partition("-")
    return [(offset, pos)] if offset.isdecimal() and pos in ("n", "v", "a", "r") else []
