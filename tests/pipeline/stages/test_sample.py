"""A limited run is a small lexicon of whole lemmas."""

import random

from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.stages.sample import sample_synsets
from schemas.records import Pos, Synset

VI = find_language("vi")


def synset(number: int, lemmas: list[str]) -> Synset:
    return Synset(
        synset_id=f"s-{number}", pos=Pos.NOUN, supersense="noun.act", lemmas=tuple(lemmas)
    )


lexicons = st.lists(
    st.lists(
        st.sampled_from(["khoan", "đá", "đường", "sao", "bạc", "chạy", "Hòa", "hoà"]),
        min_size=1,
        max_size=3,
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: [synset(number, row) for number, row in enumerate(rows)])


@given(lexicons, st.integers(1, 14), st.randoms())
def test_a_sample_has_the_wanted_size_at_most_and_no_order(
    rows: list[Synset], limit: int, rng: random.Random
) -> None:
    chosen = sample_synsets(rows, limit, VI)
    assert len(chosen) <= limit
    shuffled = rows.copy()
    rng.shuffle(shuffled)
    assert sample_synsets(shuffled, limit, VI) == chosen


@given(lexicons, st.integers(1, 14))
def test_every_chosen_synset_came_with_a_whole_lemma(rows: list[Synset], limit: int) -> None:
    chosen = sample_synsets(rows, limit, VI)
    synsets: dict[str, set[str]] = {}
    for row in rows:
        for lemma in row.lemmas:
            synsets.setdefault(VI.match_key(lemma), set()).add(row.synset_id)
    whole = [ids for ids in synsets.values() if ids <= chosen]
    assert chosen == frozenset().union(*whole)


def test_a_limit_above_the_size_takes_everything() -> None:
    rows = [synset(n, ["khoan", f"từ {n}"]) for n in range(9)]
    assert len(sample_synsets(rows, 9, VI)) == 9


def test_polysemous_lemmas_come_first() -> None:
    rows = [synset(n, [f"từ {n}"]) for n in range(20)]
    rows += [synset(20, ["khoan"]), synset(21, ["khoan"])]
    assert {"s-20", "s-21"} <= sample_synsets(rows, 2, VI)
