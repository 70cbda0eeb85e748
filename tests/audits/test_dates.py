"""The newest answer wins by the date of its own file, and every overwritten one is told."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime

from audits.answers.dates import saved_at
from audits.answers.findings import Fault, Notice
from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.questions import FLUENT, GLOSS, USAGE
from tests.audits.test_importing import expected, fill_workbook, spoil
from tests.audits.world import COLUMNS, TEXTS, all_good, filled, rows, table, write_csv

NOW = "2027-01-01T00:00:00+00:00"
MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def all_bad(row):
    return ("Không", "Nghĩa khác", "Giải nghĩa sai")


def dated(path, when):
    os.utime(path, (when.timestamp(), when.timestamp()))
    return path


def take(folder, *files):
    return import_files(folder, list(files), NOW, TEXTS)


def answers(folder):
    return latest_answers(read_history(folder))


def faults(result):
    return [finding.fault for finding in result.findings]


def test_an_older_file_listed_later_overwrites_nothing_and_is_told(audit):
    new = dated(filled(audit, "lan", all_good, audit / "new.csv"), JUNE)
    old = dated(filled(audit, "lan", all_bad, audit / "old.csv"), MAY)
    first, second = take(audit, new, old)
    assert (first.findings, second.changed) == ((), 0)
    n = 3 * len(rows(audit, "lan"))
    assert faults(second) == [Notice.OLDER_ANSWER] * n
    assert second.faults == ()
    assert "“no” of 2026-05-01T00:00:00+00:00 is older than “yes” of 2026-06-01" in (
        second.findings[0].detail
    )
    assert answers(audit) == expected(audit, "lan", all_good)


def test_of_two_fillings_the_newer_wins_in_any_order_and_every_change_is_told(audit):
    old = dated(filled(audit, "lan", all_bad, audit / "old.csv"), MAY)
    new = dated(filled(audit, "lan", all_good, audit / "new.csv"), JUNE)
    _, second = take(audit, old, new)
    assert faults(second) == [Notice.OVERWRITTEN] * (3 * len(rows(audit, "lan")))
    assert answers(audit) == expected(audit, "lan", all_good)
    assert [event.answered_at for event in read_history(audit)][-1] == JUNE.isoformat()
    again = take(audit, new, old)
    assert [result.changed for result in again] == [0, 0]


def test_the_document_says_when_it_was_saved_whatever_the_file_system_says(audit, tmp_path):
    made = fill_workbook(
        audit / "workbooks" / "lan.xlsx", tmp_path / "lan.xlsx", all_good, audit, "lan"
    )
    with zipfile.ZipFile(made) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    core = parts["docProps/core.xml"]
    at = core.index(b"<dcterms:modified")
    start = core.index(b">", at) + 1
    end = core.index(b"<", start)
    parts["docProps/core.xml"] = core[:start] + b"2026-05-01T12:30:00Z" + core[end:]
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert saved_at(dated(made, JUNE), NOW) == "2026-05-01T12:30:00+00:00"
    assert saved_at(made, "2026-01-01T00:00:00+00:00") == "2026-01-01T00:00:00+00:00"


def test_an_open_document_says_it_too_and_a_text_has_the_date_of_its_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("meta.xml", "<meta><dc:date>2026-05-01T12:30:00.123456789Z</dc:date>")
    assert saved_at(tmp_path / "a.ods", NOW) == "2026-05-01T12:30:00+00:00"
    (tmp_path / "a.csv").write_text("x", encoding="utf-8")
    assert saved_at(dated(tmp_path / "a.csv", MAY), NOW) == MAY.isoformat()
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("docProps/core.xml", "<dcterms:modified>gestern</dcterms:modified>")
    assert saved_at(dated(tmp_path / "b.xlsx", MAY), NOW) == MAY.isoformat()


def moved(content, line, by):
    """A line whose answers and remark stand ``by`` columns further to the right."""
    first = content[0].index(FLUENT.header(TEXTS))
    cells = list(content[line])
    slid = [*cells[first:], "", ""]
    slid = ["", *slid[:-1]] if by == 1 else [*slid[1:], ""]
    return [*content[:line], [*cells[:first], *slid], *content[line + 1 :]]


def only_misplaced(audit, content, line):
    [result] = take(audit, write_csv(audit / "x.csv", content))
    assert result.faults
    assert {finding.fault for finding in result.faults} == {Fault.MISPLACED_ANSWER}
    assert {finding.row for finding in result.faults} == {line + 1}
    known = expected(audit, "lan", all_good)
    del known[content[line][0]]
    assert answers(audit) == known


def test_answers_slid_by_a_column_are_found(audit):
    content = table(audit, "lan", all_good)
    only_misplaced(audit, moved(content, 4, 1), 4)


def test_answers_slid_to_the_left_are_found(audit):
    only_misplaced(audit, moved(table(audit, "lan", all_good), 4, -1), 4)


def test_an_answer_beyond_the_last_header_is_found(audit):
    content = table(audit, "lan", all_good)
    gloss = content[0].index(GLOSS.header(TEXTS))
    content[3] = [*content[3], "Giải nghĩa đúng"]
    content[3][gloss] = ""
    only_misplaced(audit, content, 3)


def test_an_answer_typed_as_a_remark_is_found(audit):
    content = table(audit, "lan", all_good)
    usage, remark = content[0].index(USAGE.header(TEXTS)), content[0].index(COLUMNS.remark)
    only_misplaced(audit, spoil(spoil(content, 3, usage, ""), 3, remark, "Nghĩa khác"), 3)


def test_a_remark_beside_whole_answers_may_be_any_word(audit):
    content = table(audit, "lan", all_good)
    remark = content[0].index(COLUMNS.remark)
    [result] = take(audit, write_csv(audit / "x.csv", spoil(content, 3, remark, "Không")))
    assert result.findings == ()


def test_a_text_beside_the_columns_is_told(audit):
    content = table(audit, "lan", all_good)
    content[3] = [*content[3], "câu này hay"]
    [result] = take(audit, write_csv(audit / "x.csv", content))
    assert faults(result) == [Notice.OTHER_CELL]
    assert "câu này hay" in result.findings[0].detail
    assert answers(audit) == expected(audit, "lan", all_good)


def test_answers_under_a_renamed_header_are_found(audit):
    content = table(audit, "lan", all_good)
    content[0][content[0].index(USAGE.header(TEXTS))] = "nghĩa"
    [result] = take(audit, write_csv(audit / "x.csv", content))
    assert {finding.fault for finding in result.faults} == {Fault.MISPLACED_ANSWER}
    assert len(result.faults) == len(rows(audit, "lan"))
    assert answers(audit) == {}
