from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from audits.create import create_audit
from audits.questions import questions
from audits.settings import AuditSettings
from audits.sheets.lines import LINE_POINTS, n_lines, row_points
from tests.audits.world import TEXTS, VI, candidates, rows, senses


@pytest.fixture(params=["audit", "blind"])
def folder(request):
    return request.getfixturevalue(request.param)


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_the_rows_show_what_the_key_holds(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    for row, line in zip(rows(folder, "lan"), page.iter_rows(min_row=3), strict=True):
        shown = [cell.value or "" for cell in line]
        assert shown[0] == row.row_key
        assert tuple(shown[1 : 1 + len(row.cells)]) == row.cells
        assert not any(shown[1 + len(row.cells) :])


def test_no_cell_but_the_progress_is_a_formula(folder):
    book = load_workbook(folder / "workbooks" / "lan.xlsx")
    formulas = [
        (page.title, cell.coordinate)
        for page in book
        for line in page.iter_rows()
        for cell in line
        if cell.data_type == "f"
    ]
    assert formulas == [(TEXTS.rows_sheet, "A1")]
    texts = [cell.value for line in book[TEXTS.rows_sheet].iter_rows(min_row=3) for cell in line]
    assert any(text and text.startswith("=") for text in texts)
    assert any(text and text.startswith("-") for text in texts)


def test_data_cells_are_text_that_editing_does_not_turn_into_formulas(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    for line in page.iter_rows(min_row=3):
        assert all(cell.number_format == "@" for cell in line)
    assert 'quotePrefix="1"' in parts(folder / "workbooks" / "lan.xlsx")["xl/styles.xml"]


def test_only_the_answers_can_be_edited(folder):
    book = load_workbook(folder / "workbooks" / "lan.xlsx")
    page = book[TEXTS.rows_sheet]
    assert page.protection.sheet
    assert book[TEXTS.guide_sheet].protection.sheet
    n_protected = 1 + len(rows(folder, "lan")[0].cells)
    for line in page.iter_rows(min_row=3):
        assert [cell.protection.locked for cell in line[:n_protected]] == [True] * n_protected
        assert not any(cell.protection.locked for cell in line[n_protected:])
    # Protection allows what does not change a text: in OOXML "0" means allowed.
    assert not page.protection.autoFilter
    assert not page.protection.sort
    assert not page.protection.formatColumns


def test_the_annotator_does_not_see_where_a_row_comes_from(folder):
    """Neither model, prompt, round, verdict of the judge, stratum, ids, nor which are repeats."""
    text = "".join(parts(folder / "workbooks" / "lan.xlsx").values())
    for word in ("bí-mật", "context-v", "agree", "same_pos", "monosemous", "viwn-", "repeat"):
        assert word not in text
    bold = [row.cells for row in rows(folder, "lan") if row.is_repeat]
    assert bold


def test_the_target_is_bold_and_only_the_target(folder):
    page = parts(folder / "workbooks" / "lan.xlsx")["xl/worksheets/sheet2.xml"]
    runs = re.findall(r"<r><rPr>(.*?)</rPr><t[^>]*>(.*?)</t></r>", page)
    bold = [text for properties, text in runs if "<b/>" in properties]
    lemmas = {row.cells[1] for row in rows(folder, "lan")}
    assert len(bold) == len(rows(folder, "lan"))
    assert set(bold) == lemmas


def test_every_question_has_a_drop_down_with_all_its_answers(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    lists = [validation.formula1 for validation in page.data_validations.dataValidation]
    mode = "review" if folder.name == "audit" else "blind"
    for question in questions(mode):
        labels = ",".join(question.labels(TEXTS).values())
        assert any(formula.endswith(f'{labels}"') for formula in lists)
    if mode == "blind":
        assert '"1,2,3,Không nghĩa nào,Không chắc"' in lists


def test_each_row_of_a_blind_sheet_offers_its_own_senses(blind):
    page = load_workbook(blind / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    shown = {row.row_key: row.n_choices for row in rows(blind, "lan")}
    assert set(shown.values()) == {1, 2, 3}
    for validation in page.data_validations.dataValidation:
        offered = validation.formula1.strip('"').split(",")
        numbers = [text for text in offered if text.isdigit()]
        assert offered[len(numbers) :] == ["Không nghĩa nào", "Không chắc"]
        for area in validation.sqref.ranges:
            for number in range(area.min_row, area.max_row + 1):
                assert shown.pop(page.cell(number, 1).value) == len(numbers)
    assert shown == {}


def test_the_workbook_opens_on_the_instructions_and_says_how_long_it_takes(folder):
    book = load_workbook(folder / "workbooks" / "lan.xlsx")
    assert book.active.title == TEXTS.guide_sheet
    text = "\n".join(str(c.value) for line in book.active.iter_rows() for c in line if c.value)
    n_rows = len(rows(folder, "lan"))
    assert re.search(rf"Tệp này có {n_rows} dòng, làm hết khoảng \d+ phút", text)


GLOSS_IS_VALID = (
    '(({0}="Giải nghĩa đúng")+({0}="Đúng một phần")+({0}="Giải nghĩa sai")'
    '+({0}="Không chắc: giải nghĩa"))'
)
SENSE_IS_VALID = (
    '(({0}="Không nghĩa nào")+({0}="Không chắc")'
    '+(LEN({0})<4)*(LEN({0})>0)*ISNUMBER(FIND(CHAR(10)&{0}&". ",CHAR(10)&{1})))'
)


def test_the_progress_counts_the_rows_with_a_valid_answer_to_every_question(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    last, told = page.max_row, page["A1"].value
    assert told.startswith('="Đã xong "&SUMPRODUCT(1*')
    assert told.endswith(f')&" / {last - 2} dòng"')
    if folder.name == "audit":
        assert told.count(f"G3:G{last}=") == 3
        assert told.count(f"H3:H{last}=") == 3
        assert GLOSS_IS_VALID.format(f"I3:I{last}") in told
    else:
        assert SENSE_IS_VALID.format(f"E3:E{last}", f"D3:D{last}") in told


def test_only_listed_answers_are_green_and_others_pink(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    last, rules = page.max_row, {}
    for place, found in page.conditional_formatting._cf_rules.items():
        rules.setdefault(str(place.sqref), []).extend(rule.formula[0] for rule in found)
    if folder.name == "audit":
        done, missing = rules[f"G3:I{last}"]
        assert done.endswith(f"*{GLOSS_IS_VALID.format('$I3')}>0")
        assert missing == '(G3="")*(($G3<>"")+($H3<>"")+($I3<>""))>0'
        assert rules[f"I3:I{last}"] == [f'($I3<>"")*({GLOSS_IS_VALID.format("$I3")}=0)>0']
    else:
        valid = SENSE_IS_VALID.format("$E3", "$D3")
        assert rules == {f"E3:E{last}": [f"{valid}>0", f'($E3<>"")*({valid}=0)>0']}


def test_a_list_that_is_too_long_for_excel_is_left_out_and_no_other(tmp_path):
    """255 characters; a language may have long words for an answer."""
    first, *others = questions("review")
    asked = TEXTS.questions[first.code]
    wordy = {code: f"{label} {'rất ' * 30}".strip() for code, label in asked.answers.items()}
    told = {**TEXTS.questions, first.code: replace(asked, answers=wordy)}
    language = replace(VI, audit=replace(TEXTS, questions=told))
    create_audit(tmp_path, candidates(), senses(), AuditSettings(annotators=("lan",)), language)
    page = load_workbook(tmp_path / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    lists = [rule.formula1 for rule in page.data_validations.dataValidation]
    assert lists == [f'"{",".join(each.labels(TEXTS).values())}"' for each in others]


def test_the_header_stays_in_view_and_on_every_printed_page(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.rows_sheet]
    assert page.freeze_panes == "C3"
    assert page.print_title_rows == "$2:$2"
    assert page.page_setup.orientation == "landscape"
    assert page.auto_filter.ref.startswith("A2:")


def test_the_instructions_are_vietnamese_with_worked_examples(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.guide_sheet]
    text = "\n".join(str(c.value) for line in page.iter_rows() for c in line if c.value)
    for words in ("Cách làm", "Ví dụ", "Không chắc", "khoan dung", "Alt + ↓", "Bỏ bảo vệ"):
        assert words in text


def test_the_instructions_run_over_columns_wide_enough_to_read(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.guide_sheet]
    widths = {name: int(column.width) for name, column in page.column_dimensions.items()}
    last, expected = {
        "audit": ("E", {"A": 38, "B": 32, "C": 18, "D": 9, "E": 11, "F": 12, "G": 36}),
        "blind": ("B", {"A": 38, "B": 56, "C": 16, "D": 34}),
    }[folder.name]
    assert widths == expected
    spans = {str(cells).translate(str.maketrans("", "", "0123456789")) for cells in
             page.merged_cells.ranges}  # fmt: skip
    assert spans == {f"A:{last}"}


def test_the_worked_examples_begin_a_printed_page(folder):
    page = load_workbook(folder / "workbooks" / "lan.xlsx")[TEXTS.guide_sheet]
    [row] = [cell.row for cell in page["A"] if cell.value == "Ví dụ"]
    assert [break_.id for break_ in page.row_breaks.brk] == [row - 1]
    assert not page.page_setup.fitToHeight


@pytest.mark.parametrize(
    ("audit_of", "choices"),
    [
        (
            "audit",
            {
                "“Có”, “Không” hoặc “Không chắc: câu”",
                "“Nghĩa này”, “Nghĩa khác” hoặc “Không chắc: nghĩa”",
                "“Giải nghĩa đúng”, “Đúng một phần”, “Giải nghĩa sai” hoặc “Không chắc: giải "
                "nghĩa”",
            },
        ),
        ("blind", {"số của một nghĩa, “Không nghĩa nào” hoặc “Không chắc”"}),
    ],
)
def test_an_answer_that_is_not_in_the_list_is_told_what_to_choose(audit_of, choices, request):
    file = request.getfixturevalue(audit_of) / "workbooks" / "lan.xlsx"
    rules = load_workbook(file)[TEXTS.rows_sheet].data_validations.dataValidation
    assert {rule.error for rule in rules} == {f"Hãy chọn {answers}." for answers in choices}
    assert {(rule.errorTitle, rule.errorStyle) for rule in rules} == {
        ("Không có trong danh sách", "warning")
    }


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("ngắn", 20, 1),
        ("một hai ba bốn", 8, 2),
        ("một\nhai\nba", 20, 3),
        ("ngoằnngoèongoằnngoèo", 12, 2),
        ("", 10, 1),
    ],
)
def test_lines_of_wrapped_text(text, width, lines):
    assert n_lines(text, width) == lines


def test_a_row_is_as_high_as_its_longest_cell_and_no_higher_than_excel_allows():
    assert row_points([("một", 20), ("một\nhai\nba", 20)]) == 3 * LINE_POINTS + 4
    assert row_points([("dòng\n" * 60, 20)]) == 409.0
