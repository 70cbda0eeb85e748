"""Files of sentences in, answers out: every row comes back, whatever is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_release import VI, tiny_settings

from pipeline.cli.disambiguate import disambiguate
from schemas.errors import InputError, UsageError
from trainer.data import WsdData
from trainer.inference import Disambiguator
from trainer.inference.rows import answered_rows, query_of
from trainer.inference.tables import Row, look_through, read_rows, write_rows
from trainer.training.run import train_model

SUFFIXES = [".csv", ".jsonl", ".parquet"]


@pytest.fixture(scope="module")
def model(data: WsdData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    return train_model(data, tiny_settings(epochs=1), folder, lambda text: None).folder


def strings(rows: list[Row]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in dict.fromkeys(n for r in rows for n in r)])


def answers(model: Path, source: Path, result: Path) -> Result:
    return CliRunner().invoke(
        disambiguate,
        ["--input", str(source), "--output", str(result), "-m", str(model)],
        standalone_mode=False,
    )


@pytest.mark.parametrize("into", SUFFIXES)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_in_and_out(model: Path, tmp_path: Path, suffix: str, into: str) -> None:
    """More rows than are answered together; columns of the row stay, a gold sense_id too."""
    rows = [
        {
            "id": str(n),
            "sentence": "Tôi đang [[khoan]] tường" if n % 2 else "xe trên [[đường]]",
            "sense_id": "gold",
        }
        for n in range(600)
    ]
    source, result = tmp_path / f"in{suffix}", tmp_path / f"out{into}"
    write_rows(source, strings(rows), rows)
    done = answers(model, source, result)
    assert (done.return_value, done.stdout) == (0, f"{result}\n")
    back = list(read_rows(result))
    assert [row["id"] for row in back] == [row["id"] for row in rows]
    assert {row["sense_id"] for row in back} == {"gold"}
    assert back[1]["answer_sense_id"].endswith("#khoan")
    assert back[1]["answer_target"] == "khoan"
    assert json.loads(back[0]["answer_ranking"])[0]["sense_id"].endswith("#đường")
    assert {row["answer_error"] for row in back} <= {None, ""}
    again = tmp_path / f"again{into}"
    answers(model, result, again)
    assert list(read_rows(again)) == back  # answers of an earlier run are replaced


def test_rows_that_cannot_be_answered_say_why_and_stop_nobody(model: Path, tmp_path: Path) -> None:
    rows: list[Row] = [
        {"sentence": "xe trên [[đường]]"},
        {"sentence": "không có dấu"},
        {"sentence": None},
        {"sentence": "xe trên đường", "target_start": 8, "target_end": 99},
        {"sentence": "xe trên đường", "target_start": "8.0", "target_end": 13.0},
        {"sentence": "xe trên đường", "target_start": "tám", "target_end": 13},
        {"text": "con mèo đen", "target": "mèo"},
    ]
    source, result = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_rows(source, strings(rows), rows)
    done = answers(model, source, result)
    assert done.return_value == 1
    assert "4 could not be answered: the column answer_error says why" in done.stderr
    back = list(read_rows(result))
    assert [row["answer_target"] for row in back] == [
        "đường",
        None,
        None,
        None,
        "đường",
        None,
        "mèo",
    ]
    assert [row["answer_known"] for row in back] == [True, None, None, None, True, None, False]
    errors = [row["answer_error"] for row in back]
    for at, part in (
        (1, "row 2: no target is marked"),
        (2, "row 3: no sentence"),
        (3, "row 4: the target 8 to 99 does not lie in a sentence of 13 characters"),
        (5, "row 6: 'tám' is no offset"),
    ):
        assert part in errors[at]


def test_a_row_without_a_place_in_the_window_does_not_stop_its_batch(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.text.inputs import InputMaker

    original = InputMaker.tokenize

    def tokenize(self: InputMaker, item: Any) -> Any:
        if "bàn" in item.sentence:
            raise InputError(f"{item.row}: no place")
        return original(self, item)

    monkeypatch.setattr(InputMaker, "tokenize", tokenize)
    rows: list[Row] = [{"sentence": f"[[{word}]]"} for word in ("khoan", "bàn", "đường")]
    source, result = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_rows(source, strings(rows), rows)
    assert answers(model, source, result).return_value == 1
    found = [(row["answer_target"], row["answer_error"]) for row in read_rows(result)]
    assert found == [("khoan", None), (None, "row 2: no place"), ("đường", None)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"\xff\xfea\x00", "not UTF-8 .*: save it as UTF-8"),
        ("x.csv", b"id,id\n1,2\n", "column 'id' stands twice"),
        ("x.csv", b"id,sentence\n1,a,b\n", "x.csv:2: 3 cells, but 2 columns"),
        ("x.csv", b'id,sentence\n1,"a\n', "no readable csv file"),
        ("x.csv", b"id;sentence\n1;a\n", "no column sentence or text, only id;sentence"),
        ("x.jsonl", b'{"sentence": 1}\n[]\n', "x.jsonl:2: a line must be a JSON object"),
        ("x.jsonl", b'{"id": 1}\n', "no column sentence or text, only id"),
        ("x.jsonl", b"{\n", "x.jsonl:1: not JSON"),
        ("x.parquet", b"nothing", "no readable parquet file"),
        ("x.parquet", None, "x.parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_a_model_is_opened(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = answers(tmp_path / "no model", tmp_path / name, tmp_path / "out.csv")
    with pytest.raises(Exception, match=message) as caught:
        raise done.exception or AssertionError
    assert type(caught.value).__name__ in {"InputError", "StorageError"}
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("option", [["--target", "a"], ["--lemma", "a"], ["--json"]])
def test_what_is_for_one_sentence_is_refused_with_a_file(tmp_path: Path, option: list[str]) -> None:
    files = ["--input", str(tmp_path / "a.csv"), "--output", str(tmp_path / "b.csv")]
    done = CliRunner().invoke(disambiguate, [*files, *option], standalone_mode=False)
    with pytest.raises(UsageError, match="are for one sentence"):
        raise done.exception or AssertionError


def test_columns_of_several_types_go_into_every_format_that_can_hold_them(
    model: Path, tmp_path: Path
) -> None:
    rows = [{"sentence": "[[khoan]]", "x": x} for x in (1, "a", [1], {"y": "ý"})]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(json.dumps(row) for row in rows))
    assert answers(model, source, tmp_path / "out.jsonl").return_value == 0
    assert [row["x"] for row in read_rows(tmp_path / "out.jsonl")] == [1, "a", [1], {"y": "ý"}]
    assert answers(model, source, tmp_path / "out.csv").return_value == 0
    assert [row["x"] for row in read_rows(tmp_path / "out.csv")] == ["1", "a", "[1]", '{"y":"ý"}']
    refused = answers(model, source, tmp_path / "out.parquet")
    assert isinstance(refused.exception, InputError)
    assert "different types" in str(refused.exception)
    source.write_text('{"sentence": "[[khoan]]", "x": 1}\n{"sentence": "[[khoan]]", "x": 0.5}\n')
    assert answers(model, source, tmp_path / "out.parquet").return_value == 0
    assert pq.read_table(tmp_path / "out.parquet")["x"].to_pylist() == [1.0, 0.5]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_without_rows_has_an_answer_without_rows(
    model: Path, tmp_path: Path, suffix: str
) -> None:
    source = tmp_path / f"in{suffix}"
    write_rows(source, pa.schema([("sentence", pa.string())]), [])
    for into in SUFFIXES:
        result = tmp_path / f"out{into}"
        assert answers(model, source, result).return_value == 0
        assert list(read_rows(result)) == []


def test_the_suffix_says_the_format(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="suffix"):
        look_through(tmp_path / "x.xlsx", typed=False)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.fixed_dictionaries({"sentence": TEXTS, "ghi chú": TEXTS}), min_size=1))
def test_any_text_comes_back_from_any_format(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    for suffix in SUFFIXES:
        path = folder / f"x{suffix}"
        write_rows(path, strings(rows), rows)
        assert list(read_rows(path)) == rows
        found = look_through(path, typed=True)
        assert (found.n_rows, found.schema.names) == (len(rows), [*rows[0]])


def test_offsets_mark_the_target() -> None:
    asked = query_of({"sentence": "xe trên đường", "target_start": 8, "target_end": 13}, VI, "r")
    assert (asked.lemma, asked.marked.start, asked.marked.end) == ("đường", 8, 13)


def test_progress_counts_answered_batches(model: Path, tmp_path: Path) -> None:
    """Counting row by row, the first of a batch seemed to have taken as long as all of it."""
    rows: list[Row] = [{"sentence": "[[khoan]]"}] * 300
    source = tmp_path / "in.jsonl"
    write_rows(source, strings(rows), rows)
    told: list[int] = []
    senses = Disambiguator.open(model)
    asked = look_through(source, typed=False)
    for _ in answered_rows(senses, asked, told.append):
        assert told
    assert told == [256, 44]
