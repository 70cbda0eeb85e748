"""Sibling counts against a slow plain version."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.sources.siblings import senses_of
from schemas.records import Pos, Synset

VI = find_language("vi")


def synset(number: int, pos: Pos, *lemmas: str) -> Synset:
    return Synset(synset_id=f"x-{number}", pos=pos, supersense=pos.value, lemmas=lemmas)


def test_siblings_are_the_other_synsets_of_the_lemma() -> None:
    synsets = [
        synset(1, Pos.NOUN, "khoan", "máy khoan"),
        synset(2, Pos.VERB, "khoan"),
        synset(3, Pos.VERB, "Khoan", "khoan khoan"),
    ]
    counts = {s.sense_id: (s.n_siblings, s.n_siblings_same_pos) for s in senses_of(synsets, VI)}
    assert counts == {
        "x-1#khoan": (2, 0),
        "x-1#máy_khoan": (0, 0),
        "x-2#khoan": (2, 1),
        "x-3#Khoan": (2, 1),
        "x-3#khoan_khoan": (0, 0),
    }


LEMMAS = st.sets(st.sampled_from(["hòa", "hoà", "Hoà", "bỏ", "sao", "đá"]), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(Pos), LEMMAS), max_size=8))
def test_counts_equal_a_slow_plain_version(rows: list[tuple[Pos, set[str]]]) -> None:
    synsets = [synset(number, pos, *sorted(lemmas)) for number, (pos, lemmas) in enumerate(rows)]
    by_id = {s.synset_id: s for s in synsets}
    senses = senses_of(synsets, VI)
    assert [s.sense_id for s in senses] == sorted(s.sense_id for s in senses)
    assert len(senses) == sum(len(s.lemmas) for s in synsets)
    for sense in senses:
        others = [
            other
            for other in synsets
            if other.synset_id != sense.synset_id
            and VI.match_key(sense.lemma) in [VI.match_key(lemma) for lemma in other.lemmas]
        ]
        assert sense.n_siblings == len(others)
        assert sense.n_siblings_same_pos == sum(other.pos is sense.pos for other in others)
        assert sense.pos is by_id[sense.synset_id].pos
