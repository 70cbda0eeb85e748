"""Rows of an earlier release keep their parts, whatever comes and goes."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.engine.progress import Progress
from pipeline.select.records import SelectedContext
from pipeline.split.pins import FREE, keep_pins, read_pins
from pipeline.split.records import Assignment
from pipeline.split.settings import SplitSettings
from pipeline.split.split import PIN_UNSUPPORTED, PINNED_APART, STRADDLES, split_contexts
from schemas.errors import InputError
from schemas.records import Pos, Reject, Sense, Split
from schemas.tables import read_table, write_table
from tests.pipeline.split.test_split import _synsets, assert_no_leak, lexicon, row

VI = find_language("vi")
SHARES = {
    "validation": 0.1,
    "test_seen": 0.1,
    "test_unseen_sense": 0.1,
    "test_unseen_lemma": 0.1,
}


def write_release(
    folder: Path, senses: list[Sense], rows: list[SelectedContext], parts: dict[str, Split]
) -> Path:
    """Of a release only what pins are read from, a file a split."""
    by_id = {sense.sense_id: sense for sense in senses}
    lines: defaultdict[Split, list[dict[str, str]]] = defaultdict(list)
    for each in rows:
        if part := parts.get(each.context_id):
            lines[part].append(
                {
                    "context_id": each.context_id,
                    "synset_id": by_id[each.sense_id].synset_id,
                    "lemma": by_id[each.sense_id].lemma,
                    "split": part.value,
                }
            )
    examples = folder / "data" / "examples"
    examples.mkdir(parents=True, exist_ok=True)
    empty = {name: [] for name in ("context_id", "synset_id", "lemma", "split")}
    tables = {part.value: pa.Table.from_pylist(found) for part, found in lines.items()}
    schema = pa.schema([(name, pa.string()) for name in empty])
    for name, table in (tables or {"train": pa.table(empty, schema)}).items():
        pq.write_table(table, examples / f"{name}-00000-of-00001.parquet")
    return folder


def split(
    folder: Path,
    senses: list[Sense],
    rows: list[SelectedContext],
    previous: Path | None = None,
    **options: object,
) -> tuple[dict[str, Split], dict[str, str]]:
    """Part by row, and code by row that is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "senses.parquet", Sense, senses)
    write_table(folder / "selected.parquet", SelectedContext, rows)
    rejects: list[Reject] = []
    pins = {"pins": read_pins(previous, VI)} if previous else {}
    counts = split_contexts(
        language=VI,
        selected=folder / "selected.parquet",
        senses=folder / "senses.parquet",
        settings=SplitSettings(**(SHARES | options)),  # type: ignore[arg-type]
        output=folder / "splits.parquet",
        on_reject=rejects.append,
        progress=Progress(),
        **pins,
    )
    parts = {a.context_id: a.split for a in read_table(folder / "splits.parquet", Assignment)}
    assert len(parts) + len(rejects) == len(rows) == counts["rows"]
    return parts, {reject.item_id: reject.code for reject in rejects}


def rows_of(senses: list[Sense], most: int, rng: random.Random) -> list[SelectedContext]:
    return [row(sense, n) for sense in senses for n in range(rng.randint(0, most))]


def with_clusters(
    rows: list[SelectedContext], kept_apart: set[str], rng: random.Random
) -> list[SelectedContext]:
    """Some new rows nearly equal others; of old rows at most one stands in a cluster."""
    heads: list[SelectedContext] = []
    found = []
    for each in rows:
        if heads and each.context_id not in kept_apart and rng.random() < 0.2:
            cluster = rng.choice(heads).cluster
            each = each.model_copy(update={"cluster": cluster})
        else:
            heads.append(each)
        found.append(each)
    return found


@given(
    _synsets,
    st.integers(1, 8),
    st.floats(0, 1),
    st.sampled_from([{}, {"seed": 3}, {"test_unseen_sense": 0.0}, {"test_unseen_lemma": 0.0}]),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_rows_keep_their_parts_whatever_comes_and_goes_and_nothing_leaks(
    tmp_path_factory: pytest.TempPathFactory,
    synsets: list[tuple[Pos, list[str]]],
    most: int,
    stays: float,
    options: dict[str, object],
    rng: random.Random,
) -> None:
    """Senses are new, rows go and come, shares change: a row of the release never moves."""
    folder = tmp_path_factory.mktemp("split")
    senses = lexicon(synsets)
    known = senses[: rng.randint(1, len(senses))]
    before = with_clusters(rows_of(known, most, rng), set(), rng)
    was, _ = split(folder / "a", senses, before)
    previous = write_release(folder / "release", senses, before, was)
    old = [each for each in before if rng.random() < stays]
    ids = {each.context_id for each in old}
    fresh = [each for each in rows_of(senses, most, rng) if each.context_id not in ids]
    fresh = with_clusters([*old, *fresh], set(was), rng)
    now = sorted(fresh, key=lambda each: each.context_id)
    parts, left_out = split(folder / "b", senses, now, previous, **options)
    moved = {name for name, part in parts.items() if name in was and part is not was[name]}
    assert moved == set()
    assert_no_leak(senses, now, parts)
    gone = {code for name, code in left_out.items() if name in was}
    assert gone <= {PIN_UNSUPPORTED}
    again = split(folder / "c", senses, rng.sample(now, len(now)), previous, **options)
    assert again == (parts, left_out)


def test_all_rows_stay_where_only_new_ones_come(tmp_path: Path) -> None:
    rng = random.Random(5)
    senses = lexicon([(Pos.NOUN, [f"từ {n % 40}"]) for n in range(120)])
    before = [row(sense, n) for sense in senses for n in range(4)]
    was, _ = split(tmp_path / "a", senses, before)
    previous = write_release(tmp_path / "release", senses, before, was)
    now = [*before, *(row(sense, n) for sense in senses for n in range(10, 10 + rng.randint(0, 6)))]
    parts, left_out = split(tmp_path / "b", senses, now, previous)
    assert left_out == {}
    assert {name: parts[name] for name in was} == was
    assert set(parts.values()) == set(Split)
    without, _ = split(tmp_path / "c", senses, now)
    assert any(without[name] is not was[name] for name in was), "they would stay in any case"


WORDS = lexicon([(Pos.NOUN, ["khoan"]), (Pos.VERB, ["khoan"]), (Pos.NOUN, ["đục", "khoan"])])
TOOL, DRILL, CHISEL, CHISEL_KHOAN = WORDS


def pinned(folder: Path, *of: tuple[SelectedContext, Split]) -> Path:
    return write_release(
        folder / "release", WORDS, [r for r, _ in of], {r.context_id: part for r, part in of}
    )


def test_a_row_that_would_show_training_an_unseen_lemma_is_left_out(tmp_path: Path) -> None:
    """The synset of "đục" is in training, "khoan" is an unseen lemma: it may not join there."""
    seen, unseen, joins = row(CHISEL, 0), row(TOOL, 0), row(CHISEL_KHOAN, 0)
    previous = pinned(tmp_path, (seen, Split.TRAIN), (unseen, Split.TEST_UNSEEN_LEMMA))
    parts, left_out = split(tmp_path, WORDS, [unseen, joins, seen, row(DRILL, 0)], previous)
    assert left_out == {joins.context_id: PINNED_APART}
    assert parts[row(DRILL, 0).context_id] is Split.TEST_UNSEEN_LEMMA
    assert parts[unseen.context_id] is Split.TEST_UNSEEN_LEMMA


def test_a_row_whose_part_rests_on_training_rows_that_are_gone_is_left_out(tmp_path: Path) -> None:
    kept, sense = row(TOOL, 0), row(DRILL, 0)
    previous = pinned(
        tmp_path,
        (row(TOOL, 1), Split.TRAIN),
        (kept, Split.TEST_SEEN),
        (sense, Split.TEST_UNSEEN_SENSE),
    )
    parts, left_out = split(tmp_path / "gone", WORDS, [kept, sense], previous)
    assert parts == {}
    assert left_out == {kept.context_id: PIN_UNSUPPORTED, sense.context_id: PIN_UNSUPPORTED}
    parts, left_out = split(tmp_path / "new", WORDS, [kept, row(TOOL, 2), sense], previous)
    assert left_out == {}
    assert parts[row(TOOL, 2).context_id] is Split.TRAIN


def test_a_new_row_follows_its_near_duplicate_and_one_between_two_parts_is_left_out(
    tmp_path: Path,
) -> None:
    one, two = row(TOOL, 0, "a"), row(TOOL, 1, "b")
    previous = pinned(tmp_path, (one, Split.TRAIN), (two, Split.TEST_SEEN))
    follows = row(TOOL, 2, "b")
    parts, _ = split(tmp_path / "follows", WORDS, [one, two, follows], previous)
    assert parts[follows.context_id] is Split.TEST_SEEN
    both = [row(TOOL, 0, "a"), row(TOOL, 1, "a"), row(TOOL, 2, "a")]
    parts, left_out = split(tmp_path / "between", WORDS, both, previous)
    assert left_out == {both[2].context_id: STRADDLES}
    assert (parts[one.context_id], parts[two.context_id]) == (Split.TRAIN, Split.TEST_SEEN)


def test_what_was_kept_of_a_release_says_what_the_release_says(tmp_path: Path) -> None:
    rows = [row(TOOL, 0), row(DRILL, 0), row(CHISEL, 0)]
    splits = (Split.TRAIN, Split.TEST_UNSEEN_SENSE, Split.TEST_UNSEEN_LEMMA)
    release = pinned(tmp_path, *zip(rows, splits, strict=True))
    keep_pins(release, tmp_path / "splits.parquet")
    found, kept = read_pins(release, VI), read_pins(tmp_path / "splits.parquet", VI)
    assert found.digest == kept.digest
    assert found.seen_synsets == kept.seen_synsets == {TOOL.synset_id}
    assert found.held_synsets == {DRILL.synset_id, CHISEL.synset_id}
    assert (found.seen_lemmas, found.unseen_lemmas) == ({"khoan"}, {VI.match_key("đục")})
    assert FREE not in found.parts


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, r"no data/examples/\*\.parquet; \[split\] previous is the folder of"),
        (
            lambda path: pq.write_table(pa.table({"sentence": ["a"]}), path),
            "no column context_id; it is not of a release",
        ),
        (
            lambda path: pq.write_table(
                pa.table({n: ["dev"] for n in ("context_id", "synset_id", "lemma", "split")}), path
            ),
            "'dev' is no split of this version",
        ),
    ],
)
def test_what_is_no_release_is_named(tmp_path: Path, make: object, said: str) -> None:
    make(tmp_path / "x.parquet")  # type: ignore[operator]
    path = tmp_path / "x.parquet" if (tmp_path / "x.parquet").exists() else tmp_path
    with pytest.raises(InputError, match=said):
        read_pins(path, VI)


def test_what_is_no_table_is_not_called_an_output_that_can_be_deleted(tmp_path: Path) -> None:
    """It may be the user's own file, or the release that everybody works with."""
    config = tmp_path / "run.toml"
    config.write_text("[source]\n", encoding="utf-8")
    shard = tmp_path / "v1" / "data" / "examples" / "train-00000.parquet"
    shard.parent.mkdir(parents=True)
    shard.write_bytes(b"PAR1 and nothing else")
    for path, file in ((config, config), (tmp_path / "v1", shard)):
        with pytest.raises(InputError) as caught:
            read_pins(path, VI)
        said = str(caught.value)
        assert said.startswith(f"{file}: not a readable Parquet table")
        assert said.endswith(
            "; [split] previous is the folder of a release, or USER/NAME on the Hub"
        )
        assert "delete" not in said
