"""Files that pages save: whatever happened to them, no answer is taken that was not given."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter

import pytest

from audits.adjudication import write_adjudication
from audits.answers import saved
from audits.answers.expected import expected_rows
from audits.answers.findings import Fault, Notice
from audits.answers.history import latest_answers, newest_answers, read_history
from audits.answers.importing import import_files
from audits.answers.judgements import read_judgements
from audits.answers.saved import read_saved
from audits.key import read_sheet_rows, read_sheets
from audits.questions import REMARK
from audits.reports.markdown import report_text
from audits.reports.report import make_report
from schemas.errors import InputError
from tests.audits.page_file import page_file, signed, write_saved
from tests.audits.test_importing import by_number, expected
from tests.audits.world import TEXTS, VI, all_good, draw_audit, filled, rows, table, write_csv
from tests.fuzz import damage

NOW = "2026-04-01T00:00:00+00:00"
LATER = "2026-03-01T10:00:01.000Z"
ASKED = ["fluent", "usage", "gloss"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_audit(tmp_path_factory.mktemp("drawn") / "audit", repeats=0.2)


@pytest.fixture
def audit(drawn, tmp_path):
    """A fresh copy of the same audit for every test."""
    return shutil.copytree(drawn, tmp_path / "audit")


@pytest.fixture
def made(audit):
    """A sound file of lan's page."""
    return page_file(audit, "lan", by_number)


def take(folder, *files):
    return import_files(folder, list(files), NOW, TEXTS)


def answers(folder):
    return {
        row_key: {name: code for name, code in given.items() if not name.endswith("_why")}
        for row_key, given in latest_answers(read_history(folder)).items()
    }


def found(result):
    return [(finding.fault, finding.row, finding.row_key) for finding in result.findings]


def without(folder, *row_keys):
    return {key: given for key, given in expected(folder, "lan").items() if key not in row_keys}


def test_a_sound_file_brings_what_a_sheet_brings(audit, tmp_path, made):
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert (result.findings, result.complete) == ((), len(rows(audit, "lan")))
    assert answers(audit) == expected(audit, "lan")
    assert {event.answered_at for event in read_history(audit)} == {"2026-03-01T10:00:00.500+00:00"}
    [again] = take(audit, tmp_path / "lan.json")
    assert (again.new, again.changed, again.findings) == (0, 0, ())


def test_an_unfinished_file_is_imported_in_part(audit, tmp_path):
    def half(row):
        return ("Có", "", "", "gấp") if row.number % 2 else ()

    [result] = take(audit, write_saved(tmp_path / "lan.json", page_file(audit, "lan", half)))
    odd = [row.row_key for row in rows(audit, "lan") if row.number % 2]
    assert (result.findings, result.partial, result.complete) == ((), len(odd), 0)
    assert answers(audit) == {key: {"fluent": "yes", REMARK: "gấp"} for key in odd}


def test_a_page_on_which_nothing_was_answered(audit, tmp_path):
    made = page_file(audit, "lan", lambda row: ())
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert (result.findings, result.rows, result.new) == ((), 0, 0)


def changed_answer(row):
    row["answers"]["usage"] = "other" if row["answers"]["usage"] == "yes" else "yes"


def no_number(row):
    row["ms"] = float("nan")


def number_as_text(row):
    row["ms"] = "12345"


def new_field(row):
    row["verdict"] = "good"


def impossible_date(row):
    row["at"] = "2026-02-31T10:00:00.000Z"


def other_text(row):
    row["shown"] = "0" * 16


def deep(row):
    row["remark"] = [[[[[[]]]]]]


def no_key(row):
    del row["row"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (changed_answer, Fault.CHANGED_ROW),
        (lambda row: row.update(remark="khác"), Fault.CHANGED_ROW),
        (lambda row: row.update(reasons={}) or row.update(ms=1), Fault.CHANGED_ROW),
        (lambda row: row.update(at="2026-03-01T10:00:00.501Z"), Fault.CHANGED_ROW),
        (lambda row: row.update(remark="ă" * 4001), Fault.CHANGED_ROW),
        (lambda row: row.update(answers=None), Fault.CHANGED_ROW),
        (no_number, Fault.CHANGED_ROW),
        (number_as_text, Fault.CHANGED_ROW),
        (new_field, Fault.CHANGED_ROW),
        (impossible_date, Fault.CHANGED_ROW),
        (deep, Fault.CHANGED_ROW),
        (other_text, Fault.CHANGED_CELL),
    ],
)
def test_a_row_that_was_changed_is_named_and_the_others_are_imported(
    audit, tmp_path, made, change, fault
):
    bad = made["rows"][3]
    change(bad)
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert found(result) == [(fault, 4, bad["row"])]
    assert answers(audit) == without(audit, bad["row"])


@pytest.mark.parametrize("row", [None, 7, [], "", {}])
def test_what_is_no_row_at_all(audit, tmp_path, made, row):
    gone = made["rows"][3]["row"]
    made["rows"][3] = row
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert found(result) == [(Fault.MISSING_ROW, 0, gone), (Fault.CHANGED_ROW, 4, "")]
    assert answers(audit) == without(audit, gone)


def test_a_row_that_was_taken_out_is_named(audit, tmp_path, made):
    gone = made["rows"].pop(3)["row"]
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert found(result) == [(Fault.MISSING_ROW, 0, gone)]
    assert answers(audit) == without(audit, gone)


def test_a_row_that_was_taken_out_of_the_head_too_is_noticed(audit, tmp_path, made):
    gone = made["rows"].pop(3)["row"]
    del made["numbers"][3]
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert found(result) == [(Fault.CHANGED_FILE, 0, "")]
    assert answers(audit) == without(audit, gone)


def test_rows_that_were_exchanged_are_both_refused(audit, tmp_path, made):
    first, second = made["rows"][3], made["rows"][5]
    first["row"], second["row"] = second["row"], first["row"]
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert [fault for fault, _, _ in found(result)] == [Fault.CHANGED_CELL] * 2
    assert answers(audit) == without(audit, first["row"], second["row"])


def test_answers_under_the_keys_of_other_rows(audit, tmp_path, made):
    key = made["rows"][0]["row"]
    tag, letter, number, digest = key.split("-")
    wrong = {
        f"{tag}-{letter}-{number}-00000000": Fault.CHANGED_KEY,
        f"{tag}-{letter}-9999-00000000": Fault.FOREIGN_ROW,
        f"2222-{letter}-{number}-{digest}": Fault.FOREIGN_AUDIT,
        "": Fault.MISSING_KEY,
        "x": Fault.CHANGED_KEY,
        rows(audit, "minh")[0].row_key: Fault.FOREIGN_ROW,
    }
    for row, other in zip(made["rows"], wrong, strict=False):
        row["row"] = other
    [result] = take(audit, write_saved(tmp_path / "lan.json", signed(made, ASKED)))
    faults = [fault for fault, row, _ in found(result) if row]
    assert faults == list(wrong.values())
    assert answers(audit) == without(audit, *(row.row_key for row in rows(audit, "lan")[:6]))


def test_the_same_row_twice(audit, tmp_path, made):
    """Equal copies count once; of others none is taken, not even where a forger signed them."""
    made["rows"].append(dict(made["rows"][0]))
    [result] = take(audit, write_saved(tmp_path / "a.json", signed(made, ASKED)))
    assert found(result) == [(Notice.SAME_ROW_TWICE, 0, "")]
    other = {**made["rows"][0], "answers": {"fluent": "no", "usage": "yes", "gloss": "yes"}}
    made["rows"][-1] = other
    [result] = take(audit, write_saved(tmp_path / "b.json", signed(made, ASKED)))
    assert found(result) == [(Fault.DUPLICATE_ROW, 1, other["row"])]
    assert answers(audit) == expected(audit, "lan")


def test_codes_that_no_page_offers(audit, tmp_path, made):
    first, second, third = made["rows"][:3]
    first["answers"]["fluent"] = "perhaps"
    second["reasons"] = {"usage": "tired"}
    second["answers"] = {"usage": "other"}
    third["answers"]["mood"] = "good"
    [result] = take(audit, write_saved(tmp_path / "lan.json", signed(made, ASKED)))
    told = [(finding.row, finding.column) for finding in result.faults]
    assert told == [(1, "fluent"), (2, "usage_why"), (3, "mood")]
    assert {finding.fault for finding in result.findings} == {Fault.UNKNOWN_ANSWER}
    assert "fluent" not in answers(audit)[first["row"]]
    assert answers(audit)[second["row"]] == {"usage": "other"}


def test_a_file_of_another_audit_or_annotator(audit, tmp_path, made):
    other = draw_audit(tmp_path / "other", seed=7)
    file = write_saved(tmp_path / "lan.json", page_file(other, "lan", by_number))
    made["sheet"] = "hoa"
    nobody = write_saved(tmp_path / "hoa.json", signed(made, ASKED))
    made["sheet"] = "minh"
    minh = write_saved(tmp_path / "minh.json", signed(made, ASKED))
    results = take(audit, file, nobody, minh)
    assert [result.new for result in results] == [0, 0, 0]
    assert [each.fault for each in results[0].findings] == [Fault.FOREIGN_AUDIT]
    assert [each.fault for each in results[1].findings] == [Fault.FOREIGN_ROW]
    assert {each.fault for each in results[2].faults if each.row} == {Fault.FOREIGN_ROW}
    assert answers(audit) == {}


def test_of_two_files_the_newer_answer_to_a_row_counts_in_any_order(audit, tmp_path, made):
    old = write_saved(tmp_path / "old.json", made)
    new = write_saved(tmp_path / "new.json", page_file(audit, "lan", all_good, LATER))
    [newer, older] = take(audit, new, old)
    assert newer.findings == ()
    assert {finding.fault for finding in older.findings} == {Notice.OLDER_ANSWER}
    good = {"fluent": "yes", "usage": "yes", "gloss": "yes"}
    assert all(given | good == given for given in answers(audit).values())


def test_a_date_to_come_does_not_prevail_for_ever(audit, tmp_path):
    ahead = page_file(audit, "lan", by_number, "2099-01-01T00:00:00.000Z")
    take(audit, write_saved(tmp_path / "lan.json", ahead))
    assert {
        each.at for row in newest_answers(read_history(audit)).values() for each in row.values()
    } == {NOW}


def test_whatever_is_done_to_a_file_no_answer_is_another_and_none_is_lost_in_silence(
    audit, tmp_path, made
):
    """Seeded faults of its bytes, its text and its values, as the fuzz makes them."""
    known, whole = expected_rows(audit, TEXTS), content(made)
    (tmp_path / "lan.json").write_bytes(whole)
    sound = set(read_saved(tmp_path / "lan.json", audit, known, NOW).answers)
    ends = Counter()
    for seed in range(150):
        damaged, told = damage.damage_json(random.Random(seed), whole)
        (tmp_path / "lan.json").write_bytes(damaged)
        try:
            read = read_saved(tmp_path / "lan.json", audit, known, NOW)
        except InputError as refused:
            ends["refused"] += 1
            ends["lines"] += str(refused).count("\n")
            continue
        assert set(read.answers) <= sound, told
        assert set(read.answers) == sound or any(each.harmful for each in read.findings), told
        ends["whole" if set(read.answers) == sound else "in part"] += 1
    assert min(ends["refused"], ends["in part"]) > 20, ends
    assert ends["lines"] == 0


def content(made):
    return json.dumps(made, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        (lambda made: b"", "cut off or damaged"),
        (lambda made: bytes(range(256)) * 8, "not UTF-8 at byte 128"),
        (lambda made: content(made)[:-40], "cut off or damaged"),
        (lambda made: content(made) + b"}", "cut off or damaged"),
        (lambda made: content(made)[: len(content(made)) // 2], "cut off or damaged"),
        (
            lambda made: json.dumps(made, ensure_ascii=False).encode("cp1258", "replace"),
            "not UTF-8",
        ),
        (lambda made: b"[" * 100_000, "cut off or damaged"),
        (lambda made: b'{"a":' * 100_000, "cut off or damaged"),
        (lambda made: b"[]", "not a file that an audit's page saved"),
        (lambda made: b'{"kind": "another"}', "not a file that an audit's page saved"),
        (lambda made: content(made | {"format": 2}), "not as a page saves it (format"),
        (lambda made: content(made | {"rows": {}}), "not as a page saves it (rows"),
        (lambda made: content(made | {"numbers": ["1"]}), "not as a page saves it (numbers.0"),
        (lambda made: content(made | {"numbers": [0]}), "not as a page saves it (numbers.0"),
        (lambda made: content(made | {"more": 1}), "not as a page saves it (more"),
    ],
)
def test_a_file_that_is_none_is_told_in_one_line(audit, tmp_path, made, damaged, told):
    path = tmp_path / "lan.json"
    path.write_bytes(damaged(made))
    bad, good = take(audit, path, filled(audit, "lan", all_good))
    [finding] = bad.findings
    assert finding.fault is Fault.UNREADABLE_FILE
    assert told in finding.detail
    assert "press “save file”" in finding.detail
    assert str(finding).count("\n") == 0
    assert good.complete == len(rows(audit, "lan"))


def test_a_number_of_a_row_beyond_any_integer(audit, tmp_path, made):
    made["numbers"][0] = 10**30
    [result] = take(audit, write_saved(tmp_path / "lan.json", made))
    assert result.faults


def test_a_file_larger_than_any_page_saves(audit, tmp_path):
    with open(tmp_path / "lan.json", "wb") as file:
        file.truncate(saved.LARGEST_SAVED + 1)
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    results = take(
        audit, *(tmp_path / f"{name}.json" for name in ("lan", "pipe", "folder", "none"))
    )
    details = [result.findings[0].detail for result in results]
    assert "more than any page saves" in details[0]
    assert ["not a file" in details[1], "not a file" in details[2]] == [True, True]
    assert "no such file" in details[3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["lan.json", "lan.json.txt", "lan (1).JSON"])
def test_what_mail_programs_and_editors_do_to_a_file(audit, tmp_path, made, encoding, name):
    if name.endswith(".txt") and encoding == "utf-16":
        return
    (tmp_path / name).write_text(json.dumps(made, indent=4), encoding=encoding)
    [result] = take(audit, tmp_path / name)
    assert (result.findings, result.complete) == ((), len(rows(audit, "lan")))


@pytest.mark.parametrize("name", ["lan.html", "lan.HTM", "lan.mhtml"])
def test_the_page_itself_sent_back(audit, tmp_path, name):
    (tmp_path / name).write_text("<!doctype html>", encoding="utf-8")
    [result] = take(audit, tmp_path / name)
    assert "holds no answers" in result.findings[0].detail


def test_reasons_are_counted_and_shown_to_whoever_decides(audit, tmp_path, made):
    take(audit, write_saved(tmp_path / "lan.json", made))
    take(audit, write_saved(tmp_path / "minh.json", page_file(audit, "minh", all_good)))
    judgements = read_judgements(audit)
    report = make_report(judgements, VI, "not_good")
    counted = {(each.criterion, each.answer): each for each in report.reasons}
    given = judgements.given.values()
    bad = sum(by["lan"].get("fluent") == "no" for by in given if "lan" in by)
    assert counted["fluent", "no"].count == bad > 0
    assert counted["fluent", "no"].label == "sai ngữ pháp"
    assert "| fluent | no | sai ngữ pháp |" in report_text(report).replace("  ", "")
    assert [each.seconds for each in report.annotators] == [12.3, 12.3]
    assert write_adjudication(audit, VI, "hoa") is not None
    sheet = next(each for each in read_sheets(audit) if each.kind == "adjudication")
    opinions = [row.cells[-1] for row in read_sheet_rows(audit, sheet)]
    assert any("Không (sai ngữ pháp) · " in opinion for opinion in opinions)


def test_a_remark_of_a_sheet_can_name_a_reason(audit, tmp_path):
    """Without case and marks, alone or beside others; copies of a row may say it or not."""

    def said(row):
        remark = ("SAI NGU PHAP.", "lạ quá; sai ngữ pháp", "sai ngữ pháp nhé", "")[row.number % 4]
        return ("Không", "Nghĩa này", "Giải nghĩa đúng", remark)

    content = table(audit, "lan", said)
    content += [[*line[:-1], ""] for line in content[1:5]]
    take(audit, write_csv(tmp_path / "lan.csv", content))
    found = latest_answers(read_history(audit))
    for row in rows(audit, "lan"):
        wanted = "grammar" if row.number % 4 < 2 else None
        assert found[row.row_key].get("fluent_why") == wanted
        assert found[row.row_key].get(REMARK, "") == said(row)[3]


def test_a_reason_goes_with_its_answer(audit, tmp_path, made):
    """A sheet that changes the answer later takes the reason's meaning with it."""
    take(audit, write_saved(tmp_path / "lan.json", made))
    later = filled(audit, "lan", all_good)
    os.utime(later, (1775000000, 1775000000))
    take(audit, later)
    assert make_report(read_judgements(audit), VI, "not_good").reasons == ()


def test_a_csv_that_says_it_is_a_text_is_still_a_sheet(audit, tmp_path):
    path = write_csv(tmp_path / "lan.txt", table(audit, "lan", all_good))
    [result] = take(audit, path)
    assert (result.findings, result.complete) == ((), len(rows(audit, "lan")))
