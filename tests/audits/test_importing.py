from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from audits.answers.findings import Fault, Notice
from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.key import read_key
from audits.questions import FLUENT, GLOSS, REMARK, USAGE
from tests.audits.world import COLUMNS, TEXTS, all_good, draw_audit, filled, rows, table, write_csv

NOW = "2026-01-01T00:00:00+00:00"
LATER = "2026-02-01T00:00:00+00:00"


def take(folder, *files):
    return import_files(folder, list(files), NOW, TEXTS)[-1]


def answers(folder):
    return latest_answers(read_history(folder))


def faults(result):
    return [finding.fault for finding in result.findings]


def by_number(row):
    """Different answers in different rows."""
    return (
        ("Có", "Không", "Không chắc: câu")[row.number % 3],
        ("Nghĩa này", "Nghĩa khác")[row.number % 2],
        ("Giải nghĩa đúng", "Đúng một phần", "Giải nghĩa sai", "Không chắc: giải nghĩa")[
            row.number % 4
        ],
        f"ghi chú {row.number}" if row.number % 5 == 0 else "",
    )


def expected(folder, name, answer=by_number):
    """What answers of that kind come to."""
    known = {}
    for row in rows(folder, name):
        given = dict(zip(("fluent", "usage", "gloss", REMARK), answer(row), strict=False))
        codes = {
            question.code: question.read(given[question.code], 0, TEXTS)
            for question in (FLUENT, USAGE, GLOSS)
            if given.get(question.code)
        }
        if given.get(REMARK):
            codes[REMARK] = given[REMARK]
        if codes:
            known[row.row_key] = codes
    return known


def test_a_filled_sheet_is_imported_whole(audit):
    result = take(audit, filled(audit, "lan", by_number))
    assert result.findings == ()
    assert result.complete == result.rows == len(rows(audit, "lan"))
    assert answers(audit) == expected(audit, "lan")


def test_the_workbook_as_it_was_written_has_no_answers(audit):
    result = take(audit, audit / "workbooks" / "lan.xlsx")
    assert result.findings == ()
    assert (result.blank, result.new) == (len(rows(audit, "lan")), 0)


def fill_workbook(path, out, answer, folder, name):
    """Fills a workbook in with openpyxl, which writes it anew in its own way."""
    book = load_workbook(path)
    page = book["Câu hỏi"]
    by_key = {row.row_key: row for row in rows(folder, name)}
    header = [cell.value for cell in page[2]]
    first = header.index(FLUENT.header(TEXTS)) + 1
    for line in page.iter_rows(min_row=3):
        typed = answer(by_key[line[0].value])
        for place, text in enumerate(typed):
            page.cell(line[0].row, first + place).value = text or None
    page.title = "Trang 1"
    book.save(out)
    return out


def test_a_workbook_saved_by_another_program_with_its_sheet_renamed(audit, tmp_path):
    out = fill_workbook(
        audit / "workbooks" / "lan.xlsx", tmp_path / "xong rồi.xlsx", by_number, audit, "lan"
    )
    result = take(audit, out)
    assert result.findings == ()
    assert answers(audit) == expected(audit, "lan")


@pytest.mark.parametrize(
    ("separator", "encoding", "line_end"),
    [
        (",", "utf-8", "\n"),
        (";", "utf-8-sig", "\r\n"),
        ("\t", "utf-16", "\r\n"),
        ("\t", "utf-8", "\r"),
    ],
)
def test_csv_of_every_habit(audit, separator, encoding, line_end):
    made = write_csv(
        audit / "lan.csv",
        table(audit, "lan", by_number),
        separator=separator,
        encoding=encoding,
        line_end=line_end,
    )
    result = take(audit, made)
    assert result.findings == ()
    assert answers(audit) == expected(audit, "lan")


def test_blind_sheets_with_line_breaks_in_their_cells(blind):
    def first_sense(row):
        return ("1.0",)

    made = write_csv(
        blind / "lan.csv", table(blind, "lan", first_sense), separator=";", line_end="\r\n"
    )
    result = take(blind, made)
    assert result.findings == ()
    assert {given["sense"] for given in answers(blind).values()} == {"1"}


def test_nfd_and_blanks_at_the_ends_are_forgiven(audit):
    content = [
        [unicodedata.normalize("NFD", cell) + "  " for cell in line]
        for line in table(audit, "lan", by_number)
    ]
    result = take(audit, write_csv(audit / "lan.csv", content))
    assert result.findings == ()
    assert answers(audit) == expected(audit, "lan")


def test_answers_without_marks_or_in_another_case(audit):
    def careless(row):
        return ("co", "NGHIA KHAC", "dung  mot phan")

    take(audit, filled(audit, "lan", careless))
    assert set(map(tuple, (given.values() for given in answers(audit).values()))) == {
        ("yes", "other", "partly")
    }


def test_columns_in_another_order_and_columns_of_ones_own(audit):
    content = [[*line[::-1], "của tôi"] for line in table(audit, "lan", by_number)]
    result = take(audit, write_csv(audit / "lan.csv", content))
    assert faults(result) == [Notice.OTHER_COLUMN]
    assert result.faults == ()
    assert answers(audit) == expected(audit, "lan")


def test_a_partly_filled_sheet_is_counted_and_completed_later(audit):
    def half(row):
        if row.number % 3 == 0:
            return ()
        return ("Có",) if row.number % 3 == 1 else all_good(row)

    result = take(audit, filled(audit, "lan", half))
    n = len(rows(audit, "lan"))
    assert (result.complete, result.partial, result.blank) == ((n + 1) // 3, (n + 2) // 3, n // 3)
    result = take(audit, filled(audit, "lan", all_good))
    assert result.complete == n
    assert result.changed == 0
    assert answers(audit) == expected(audit, "lan", all_good)


def test_the_newer_answer_wins_and_the_history_is_kept(audit):
    take(audit, filled(audit, "lan", all_good))
    [result] = import_files(audit, [filled(audit, "lan", by_number)], LATER, TEXTS)
    assert result.changed > 0
    assert answers(audit) == expected(audit, "lan")
    events = list(read_history(audit))
    first = rows(audit, "lan")[0]
    told = [
        (e.answer, e.imported_at)
        for e in events
        if (e.row_key, e.question) == (first.row_key, "usage")
    ]
    assert told == [("yes", NOW), ("other", LATER)]


def test_an_empty_cell_takes_nothing_back(audit):
    take(audit, filled(audit, "lan", all_good))
    result = take(audit, filled(audit, "lan", lambda row: ()))
    assert (result.new, result.changed) == (0, 0)
    assert answers(audit) == expected(audit, "lan", all_good)


def test_importing_a_file_twice_changes_nothing(audit):
    made = filled(audit, "lan", by_number)
    take(audit, made)
    before = list(read_history(audit))
    result = take(audit, made)
    assert (result.new, result.changed) == (0, 0)
    assert list(read_history(audit)) == before


def spoil(content, line, column, text):
    """The table with one cell put in another's place."""
    made = [list(cells) for cells in content]
    made[line][column] = text
    return made


def test_a_changed_cell_is_named_and_its_row_left_out(audit):
    content = table(audit, "lan", by_number)
    sentence = content[4][1]
    result = take(audit, write_csv(audit / "x.csv", spoil(content, 4, 1, sentence[:-1] + "!")))
    [finding] = result.findings
    assert finding.fault is Fault.CHANGED_CELL
    assert (finding.row, finding.row_key, finding.column) == (5, content[4][0], content[0][1])
    assert sentence[-10:] in finding.detail
    known = expected(audit, "lan")
    del known[content[4][0]]
    assert answers(audit) == known


def test_letters_lost_in_an_old_csv_are_told_as_such(audit):
    content = table(audit, "lan", by_number)
    lost = [
        [cell.encode("cp1252", "replace").decode("cp1252") for cell in line] for line in content
    ]
    lost[0] = content[0]
    result = take(audit, write_csv(audit / "x.csv", lost))
    assert result.new == 0
    assert any("CSV UTF-8" in finding.detail for finding in result.findings)


def test_a_changed_key_is_named(audit):
    content = table(audit, "lan", by_number)
    key = content[3][0]
    for wrong in (key[:-1] + ("0" if key[-1] != "0" else "1"), key[:7] + "9999" + key[11:], "abc"):
        result = take(audit, write_csv(audit / "x.csv", spoil(content, 3, 0, wrong)))
        [finding] = result.findings
        assert finding.fault is Fault.CHANGED_KEY
        assert finding.row == 4


def test_keys_of_two_rows_exchanged_are_found_by_their_cells(audit):
    content = table(audit, "lan", by_number)
    swapped = spoil(spoil(content, 1, 0, content[2][0]), 2, 0, content[1][0])
    result = take(audit, write_csv(audit / "x.csv", swapped))
    assert {finding.row for finding in result.faults} == {2, 3}
    assert set(faults(result)) == {Fault.CHANGED_CELL}


def test_a_row_without_a_key_is_named(audit):
    content = table(audit, "lan", by_number)
    result = take(audit, write_csv(audit / "x.csv", spoil(content, 2, 0, "")))
    assert faults(result) == [Fault.MISSING_KEY]


def test_rows_of_another_audit_are_named(audit, tmp_path):
    other = draw_audit(tmp_path / "other", name="other", repeats=0.2)
    content = [*table(audit, "lan", by_number), table(other, "lan", by_number)[1]]
    result = take(audit, write_csv(audit / "x.csv", content))
    [finding] = result.findings
    assert finding.fault is Fault.FOREIGN_AUDIT
    assert read_key(other).tag in finding.detail
    assert answers(audit) == expected(audit, "lan")
    result = take(audit, filled(other, "lan", by_number))
    assert set(faults(result)) == {Fault.FOREIGN_AUDIT}


def test_a_row_that_this_audit_never_had_is_foreign(audit):
    content = table(audit, "lan", by_number)
    wrong = f"{read_key(audit).tag}-C-0001-00000000"
    result = take(audit, write_csv(audit / "x.csv", [*content, [wrong, *content[1][1:]]]))
    assert faults(result) == [Fault.FOREIGN_ROW]


def test_a_row_twice_with_other_answers_is_not_imported(audit):
    content = table(audit, "lan", all_good)
    twice = [*content, [*content[1][:-4], "Không", "Nghĩa này", "Giải nghĩa đúng", ""]]
    result = take(audit, write_csv(audit / "x.csv", twice))
    [finding] = result.findings
    assert finding.fault is Fault.DUPLICATE_ROW
    assert f"row 2 and row {len(twice)} are the same row" in finding.detail
    known = expected(audit, "lan", all_good)
    del known[content[1][0]]
    assert answers(audit) == known


def test_a_row_twice_with_the_same_answers_counts_once(audit):
    content = table(audit, "lan", all_good)
    half = [*content[1][:-4], "Có", "", "", ""]
    result = take(audit, write_csv(audit / "x.csv", [*content, half]))
    assert faults(result) == [Notice.SAME_ROW_TWICE]
    assert answers(audit) == expected(audit, "lan", all_good)


def test_an_unknown_answer_is_named_and_the_others_of_the_row_are_taken(audit):
    content = table(audit, "lan", all_good)
    column = content[0].index(USAGE.header(TEXTS))
    result = take(audit, write_csv(audit / "x.csv", spoil(content, 3, column, "hình như")))
    [finding] = result.findings
    assert finding.fault is Fault.UNKNOWN_ANSWER
    assert (finding.row, finding.column) == (4, USAGE.header(TEXTS))
    assert "hình như" in finding.detail
    assert answers(audit)[content[3][0]] == {"fluent": "yes", "gloss": "yes"}


def test_a_sheet_without_a_protected_column_cannot_be_checked(audit):
    content = [[*line[:1], *line[2:]] for line in table(audit, "lan", all_good)]
    result = take(audit, write_csv(audit / "x.csv", content))
    assert faults(result) == [Fault.MISSING_COLUMN]
    assert answers(audit) == {}


def test_a_header_that_is_there_twice_is_named_and_not_guessed_at(audit):
    content = [[*line, "Không"] for line in table(audit, "lan", all_good)]
    content[0][-1] = FLUENT.header(TEXTS)
    result = take(audit, write_csv(audit / "x.csv", content))
    assert Fault.DOUBLE_COLUMN in faults(result)
    assert all("fluent" not in given for given in answers(audit).values())


def test_a_sheet_without_a_column_of_answers_is_taken_without_them(audit):
    content = table(audit, "lan", all_good)
    place = content[0].index(GLOSS.header(TEXTS))
    content = [[*line[:place], *line[place + 1 :]] for line in content]
    result = take(audit, write_csv(audit / "x.csv", content))
    assert faults(result) == [Notice.NO_ANSWER_COLUMN]
    assert result.partial == len(content) - 1


def test_a_remark_that_looks_like_a_formula_is_text(audit):
    take(audit, filled(audit, "lan", lambda row: ("", "", "", "=1+1")))
    assert {given[REMARK] for given in answers(audit).values()} == {"=1+1"}


def test_several_files_are_imported_in_order(audit):
    lan, minh = filled(audit, "lan", all_good), filled(audit, "minh", by_number)
    results = import_files(audit, [lan, minh], NOW, TEXTS)
    assert [result.file for result in results] == ["lan.csv", "minh.csv"]
    assert answers(audit) == expected(audit, "lan", all_good) | expected(audit, "minh")


def test_files_that_are_no_sheets_say_what_to_do(audit, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"not a spreadsheet")
    (tmp_path / "b.csv").write_text("một,hai\n1,2\n", encoding="utf-8")
    (tmp_path / "c.csv").write_bytes("Mã dòng,Câu".encode() + b"\xff\xfe\x00")
    (tmp_path / "d.pdf").write_bytes(b"%PDF")
    for name, word in [
        ("a.xlsx", "spreadsheet"),
        ("b.csv", COLUMNS.key),
        ("c.csv", "UTF-8"),
        ("d.pdf", "unknown kind"),
    ]:
        [finding] = take(audit, tmp_path / name).findings
        assert finding.fault is Fault.UNREADABLE_FILE
        assert word in finding.detail


def test_a_file_that_cannot_be_read_does_not_keep_others_out(audit, tmp_path):
    lan = filled(audit, "lan", all_good)
    missing, result = import_files(audit, [tmp_path / "không có.xlsx", lan], NOW, TEXTS)
    assert faults(missing) == [Fault.UNREADABLE_FILE]
    assert "no such file" in missing.findings[0].detail
    assert result.complete == len(rows(audit, "lan"))
    assert answers(audit) == expected(audit, "lan", all_good)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_permutation_and_subset_of_rows_imports_to_the_same_answers(tmp_path_factory, data):
    folder = AUDITS.setdefault("one", draw_audit(tmp_path_factory.mktemp("p"), repeats=0.2))
    header, *lines = table(folder, "lan", by_number)
    columns = data.draw(st.permutations(range(len(header))))
    chosen = data.draw(st.lists(st.sampled_from(range(len(lines))), unique=True))
    content = [[line[c] for c in columns] for line in [header, *(lines[at] for at in chosen)]]
    file = write_csv(folder / "p.csv", content)
    for part in (folder / "answers").glob("*"):
        part.unlink()
    result = take(folder, file)
    assert result.findings == ()
    known = expected(folder, "lan")
    assert answers(folder) == {lines[at][0]: known[lines[at][0]] for at in chosen}


AUDITS: dict = {}

CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"])


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_single_character_change_of_a_protected_cell_is_found(tmp_path_factory, data):
    folder = AUDITS.setdefault("two", draw_audit(tmp_path_factory.mktemp("q"), repeats=0.2))
    content = table(folder, "lan", by_number)
    line = data.draw(st.integers(1, len(content) - 1))
    column = data.draw(st.integers(0, content[0].index(FLUENT.header(TEXTS)) - 1))
    cell = content[line][column]
    at = data.draw(st.integers(0, len(cell)))
    kind = data.draw(st.sampled_from(["insert", "delete", "replace"]))
    character = data.draw(CHARACTERS)
    changed = {
        "insert": cell[:at] + character + cell[at:],
        "delete": cell[:at] + cell[at + 1 :],
        "replace": cell[:at] + character + cell[at + 1 :],
    }[kind]
    same = (
        unicodedata.normalize("NFC", changed).strip() == unicodedata.normalize("NFC", cell).strip()
    )
    result = take(folder, write_csv(folder / "q.csv", spoil(content, line, column, changed)))
    if same:
        assert result.findings == ()
    else:
        [finding] = result.findings
        assert finding.harmful
        assert finding.row == line + 1
        assert finding.column == content[0][column]


def test_the_remark_column_is_not_needed(audit):
    content = table(audit, "lan", all_good)
    place = content[0].index(COLUMNS.remark)
    content = [line[:place] for line in content]
    assert take(audit, write_csv(audit / "x.csv", content)).findings == ()
