"""The split keeps its definitions on any lexicon, and its shares where the lexicon allows."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.engine.progress import Progress
from pipeline.select.records import SelectedContext
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.split.split import PART_OFF, STRADDLES, split_contexts
from schemas import ids
from schemas.errors import InputError
from schemas.records import Polysemy, Pos, Provenance, Reject, Sense, Split, polysemy
from schemas.tables import read_table, write_table

SAID = Provenance(
    request_key="k1", prompt_id="contexts", prompt_version="1", model="recorded", sample=0, round=1
)
TESTS = (Split.TEST_SEEN, Split.TEST_UNSEEN_SENSE, Split.TEST_UNSEEN_LEMMA)


def lexicon(synsets: Sequence[tuple[Pos, Sequence[str]]]) -> list[Sense]:
    """The senses of synsets given as POS and lemmas, with their siblings counted."""
    uses: defaultdict[str, list[Pos]] = defaultdict(list)
    for pos, lemmas in synsets:
        for lemma in lemmas:
            uses[find_language("vi").match_key(lemma)].append(pos)
    return [
        Sense(
            sense_id=ids.sense_id(f"w-{number}", lemma),
            synset_id=f"w-{number}",
            lemma=lemma,
            pos=pos,
            n_siblings=len(uses[find_language("vi").match_key(lemma)]) - 1,
            n_siblings_same_pos=uses[find_language("vi").match_key(lemma)].count(pos) - 1,
        )
        for number, (pos, lemmas) in enumerate(synsets)
        for lemma in lemmas
    ]


def row(sense: Sense, number: int, cluster: str | None = None) -> SelectedContext:
    sentence = f"{sense.lemma} câu {number}"
    context_id = ids.context_id(sense.sense_id, sentence, 0, len(sense.lemma))
    return SelectedContext(
        context_id=context_id,
        sense_id=sense.sense_id,
        sentence=sentence,
        target_start=0,
        target_end=len(sense.lemma),
        provenance=SAID,
        judged="unjudged",
        votes=None,
        agreement=None,
        audited="unaudited",
        cluster=cluster or context_id,
    )


@dataclass
class Outcome:
    parts: dict[str, Split]
    counts: dict[str, int]
    rejects: list[Reject] = field(default_factory=list)


def split(
    folder: Path, senses: list[Sense], rows: list[SelectedContext], **options: object
) -> Outcome:
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "senses.parquet", Sense, senses)
    write_table(folder / "selected.parquet", SelectedContext, rows)
    rejects: list[Reject] = []
    counts = split_contexts(
        language=find_language("vi"),
        selected=folder / "selected.parquet",
        senses=folder / "senses.parquet",
        settings=SplitSettings(**options),
        output=folder / "splits.parquet",
        on_reject=rejects.append,
        progress=Progress(),
    )
    assignments = list(read_table(folder / "splits.parquet", Assignment))
    parts = {a.context_id: a.split for a in assignments}
    assert list(parts) == [r.context_id for r in rows if r.context_id in parts]
    assert len(parts) + len(rejects) == len(rows)
    assert counts["excluded"] == len(rejects)
    return Outcome(parts, counts, rejects)


def assert_no_leak(
    senses: list[Sense], rows: list[SelectedContext], parts: dict[str, Split]
) -> None:
    """The definitions of the five parts, spelled out with sets of strings."""
    by_id = {sense.sense_id: sense for sense in senses}
    lemmas, synsets, sense_ids, clusters = (defaultdict(set) for _ in range(4))
    for r in rows:
        if (part := parts.get(r.context_id)) is not None:
            lemmas[part].add(find_language("vi").match_key(by_id[r.sense_id].lemma))
            synsets[part].add(by_id[r.sense_id].synset_id)
            sense_ids[part].add(r.sense_id)
            clusters[r.cluster].add(part)
    train = Split.TRAIN
    for seen in (Split.VALIDATION, Split.TEST_SEEN):
        assert sense_ids[seen] <= sense_ids[train]
    for fit in (train, Split.VALIDATION):
        assert not synsets[Split.TEST_UNSEEN_SENSE] & synsets[fit]
        assert not synsets[Split.TEST_UNSEEN_LEMMA] & synsets[fit]
        assert not lemmas[Split.TEST_UNSEEN_LEMMA] & lemmas[fit]
    assert lemmas[Split.TEST_UNSEEN_SENSE] <= lemmas[train]
    assert all(len(found) == 1 for found in clusters.values())


_lemmas = st.sampled_from(["hòa", "hoà", "Hoà", *(f"từ {n}" for n in range(25))])
_synsets = st.lists(
    st.tuples(
        st.sampled_from([Pos.NOUN, Pos.VERB, Pos.ADJ]),
        st.lists(_lemmas, min_size=1, max_size=4, unique=True),
    ),
    min_size=1,
    max_size=40,
)


@given(
    _synsets,
    st.integers(0, 12),
    st.sampled_from([(0.05, 0.05), (0.2, 0.05), (0.0, 0.1), (0.1, 0.0)]),
    st.floats(0, 0.3),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_nothing_leaks_on_any_lexicon_and_order_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory,
    synsets: list[tuple[Pos, list[str]]],
    most: int,
    shares: tuple[float, float],
    flagged: float,
    rng: random.Random,
) -> None:
    """Random lexicons, missing contexts, near-duplicates across senses: definitions hold."""
    senses = lexicon(synsets)
    rows: list[SelectedContext] = []
    for sense in senses:
        for number in range(rng.randint(0, most)):
            twin = rng.choice(rows).cluster if rows and rng.random() < flagged else None
            rows.append(row(sense, number, twin))
    options = {"test_unseen_sense": shares[0], "test_unseen_lemma": shares[1], "seed": most}
    first = split(tmp_path_factory.mktemp("a"), senses, rows, **options)
    assert_no_leak(senses, rows, first.parts)
    if not flagged:
        assert shares == (0.0, 0.1) or shares == (0.1, 0.0) or not first.rejects
    rng.shuffle(senses)
    rng.shuffle(rows)
    second = split(tmp_path_factory.mktemp("b"), senses, rows, **options)
    assert first.parts == second.parts
    assert first.counts == second.counts


def demo_like() -> tuple[list[Sense], list[SelectedContext]]:
    """70 synsets, 25 ambiguous lemmas, about 100 senses with 9 contexts each."""
    synsets: list[tuple[Pos, list[str]]] = []
    for n in range(25):
        pos = [Pos.NOUN, Pos.VERB, Pos.ADJ][n % 3]
        synsets.append((pos, [f"đa {n}", f"riêng {n}"]))
        synsets.append((pos if n % 5 else Pos.VERB, [f"đa {n}"]))
        if n % 2:
            synsets.append((Pos.NOUN, [f"đa {n}", f"khác {n}"]))
    synsets += [(Pos.NOUN, [f"đơn {n}"]) for n in range(8)]
    senses = lexicon(synsets)
    return senses, [row(sense, number) for sense in senses for number in range(9)]


@pytest.mark.parametrize("seed", range(5))
def test_a_small_lexicon_fills_every_part_with_same_pos_ambiguity(
    tmp_path: Path, seed: int
) -> None:
    senses, rows = demo_like()
    outcome = split(tmp_path, senses, rows, seed=seed)
    assert_no_leak(senses, rows, outcome.parts)
    assert outcome.rejects == []
    by_id = {sense.sense_id: sense for sense in senses}
    same_pos = Counter(
        outcome.parts[r.context_id] for r in rows if by_id[r.sense_id].n_siblings_same_pos
    )
    for part in TESTS:
        assert same_pos[part] > 0, part
        assert 0.02 * len(rows) <= outcome.counts[part.value] <= 0.12 * len(rows), part
    assert outcome.counts["validation"] == round(0.05 * len(rows))
    assert outcome.counts["test_seen"] == round(0.05 * len(rows))


def large() -> tuple[list[Sense], list[SelectedContext]]:
    rng = random.Random(3)
    words = [f"từ {n}" for n in range(2500)]
    weights = [1 / (n + 3) for n in range(2500)]
    synsets = [
        (rng.choice([Pos.NOUN, Pos.NOUN, Pos.VERB, Pos.ADJ]),
         list(dict.fromkeys(rng.choices(words, weights, k=rng.randint(1, 4)))))
        for _ in range(1500)
    ]  # fmt: skip
    senses = lexicon(synsets)
    return senses, [row(sense, number) for sense in senses for number in range(5)]


def test_parts_keep_the_shares_of_pos_and_polysemy(tmp_path: Path) -> None:
    """Within 5 points in the seen parts and 12 in the unseen ones, of which ambiguity is a part.

    Unseen senses are compared with the ambiguous rows only: a monosemous lemma has no second
    sense that could be unseen.
    """
    senses, rows = large()
    outcome = split(tmp_path, senses, rows)
    assert_no_leak(senses, rows, outcome.parts)
    assert outcome.rejects == []
    by_id = {sense.sense_id: sense for sense in senses}

    def shares(chosen: list[SelectedContext]) -> dict[object, float]:
        found = [by_id[r.sense_id] for r in chosen]
        kinds = Counter(polysemy(s.n_siblings, s.n_siblings_same_pos) for s in found)
        counts = Counter(s.pos for s in found) + kinds
        return {key: counts[key] / len(found) for key in [*Pos, *Polysemy]}

    for part in Split:
        mine = [r for r in rows if outcome.parts[r.context_id] is part]
        ambiguous = part is Split.TEST_UNSEEN_SENSE
        base = shares([r for r in rows if not ambiguous or by_id[r.sense_id].n_siblings])
        allowed = 0.12 if part in TESTS[1:] else 0.05
        for key, share in shares(mine).items():
            assert abs(share - base[key]) < allowed, (part, key)
        if part is not Split.TRAIN:
            assert abs(len(mine) / len(rows) - 0.05) < 0.015, part


def test_more_rows_move_few_of_the_others(tmp_path: Path) -> None:
    """A tenth more contexts: at least 93 of 100 rows stay where they were."""
    senses, rows = large()
    before = split(tmp_path / "a", senses, rows).parts
    more = rows + [row(sense, 5) for sense in senses[::2]]
    after = split(tmp_path / "b", senses, more).parts
    assert sum(before[name] is after[name] for name in before) / len(before) > 0.93


def test_another_seed_is_another_split(tmp_path: Path) -> None:
    senses, rows = demo_like()
    first = split(tmp_path / "a", senses, rows, seed=1).parts
    assert first != split(tmp_path / "b", senses, rows, seed=2).parts


def test_near_duplicates_of_seen_rows_leave_the_unseen_parts(tmp_path: Path) -> None:
    """One cluster through all senses can only stand in one place; the rest is in the rejects."""
    senses, rows = demo_like()
    rows = [r.model_copy(update={"cluster": "all"}) if n % 9 == 0 else r
            for n, r in enumerate(rows)]  # fmt: skip
    own = {r.context_id for r in rows[::18]}
    rows = [r.model_copy(update={"provenance": None}) if r.context_id in own else r
            for r in rows]  # fmt: skip
    outcome = split(tmp_path, senses, rows)
    assert {(r.provenance is None, r.item_id in own) for r in outcome.rejects} == {
        (True, True), (False, False)}  # fmt: skip
    assert_no_leak(senses, rows, outcome.parts)
    assert {reject.code for reject in outcome.rejects} == {STRADDLES}
    assert 0 < len(outcome.rejects) < 0.05 * len(rows)


@pytest.mark.parametrize(
    ("stays", "goes"),
    [
        (Split.TRAIN, Split.TEST_UNSEEN_SENSE),
        (Split.TRAIN, Split.TEST_UNSEEN_LEMMA),
        (Split.TEST_UNSEEN_LEMMA, Split.TEST_UNSEEN_SENSE),
    ],
)
def test_of_near_duplicates_in_two_places_the_seen_stay_then_those_of_unseen_lemmas(
    tmp_path: Path, stays: Split, goes: Split
) -> None:
    senses, rows = demo_like()
    before = split(tmp_path / "before", senses, rows).parts
    pair = {part: next(row for row in before if before[row] is part) for part in (stays, goes)}
    rows = [r.model_copy(update={"cluster": "both"}) if r.context_id in pair.values() else r
            for r in rows]  # fmt: skip
    after = split(tmp_path / "after", senses, rows)
    assert [reject.item_id for reject in after.rejects] == [pair[goes]]
    assert pair[stays] in after.parts


def test_rows_that_could_only_go_into_a_switched_off_part_are_rejected(tmp_path: Path) -> None:
    senses, rows = demo_like()
    outcome = split(tmp_path, senses, rows, test_unseen_sense=0.0)
    assert outcome.counts["test_unseen_sense"] == 0
    assert {reject.code for reject in outcome.rejects} <= {PART_OFF}


def test_without_held_out_shares_everything_is_training(tmp_path: Path) -> None:
    senses, rows = demo_like()
    off = dict.fromkeys(["validation", "test_seen", "test_unseen_sense", "test_unseen_lemma"], 0.0)
    assert set(split(tmp_path, senses, rows, **off).parts.values()) == {Split.TRAIN}


def test_no_rows_at_all(tmp_path: Path) -> None:
    assert split(tmp_path, demo_like()[0], []).parts == {}


def test_shares_that_leave_too_little_for_training_are_refused() -> None:
    with pytest.raises(ValueError, match=r"add up to 0\.65; at most 0\.5"):
        SplitSettings(validation=0.5)


def test_a_context_of_an_unknown_sense_is_named(tmp_path: Path) -> None:
    senses, rows = demo_like()
    with pytest.raises(InputError, match=r"sense w-0#đa_0 is not in the inventory"):
        split(tmp_path, senses[1:], rows)
