"""What stands in a page's file: all that an annotator reads, and nothing else."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audits.page import write
from audits.page.content import TRAINING_ITEMS, in_html
from audits.page.write import page_text, write_pages
from audits.questions import questions
from languages.audit_page import AuditPageTexts
from languages.find import find_language, known_languages
from pipeline.cli.main import exit_code
from tests.audits.world import VI, draw_audit, rows

TEMPLATE = Path(write.__file__).parent / "template"


class Blocks(HTMLParser):
    """The scripts of a file as a browser would find them: (attributes, text)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[dict, str]] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script"
        if self.inside:
            self.found.append((dict(attrs), ""))

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def content_of(path):
    [(attributes, text), _] = Blocks(path.read_text(encoding="utf-8")).found
    assert attributes["type"] == "application/json"
    return json.loads(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
@example(["</script><script>", "</SCRIPT >", "<!--", "-->", "]]>", '"', "'", "\\", "&quot;"])
@example(["\u2028\u2029", "\u202e\u200f", "\0", "@content@", "\\1", "\ufeff", "{rows}"])
def test_no_text_ends_its_block_and_each_comes_out_as_it_went_in(texts):
    page = page_text(in_html(json.dumps(texts, ensure_ascii=False)), "lan", VI)
    [(_, data), (attributes, _)] = Blocks(page).found
    assert json.loads(data) == texts
    assert attributes == {}
    assert not set("<>&\u2028\u2029") & set(data)


def test_every_text_of_a_language_is_shown_somewhere():
    scripts = "".join(path.read_text(encoding="utf-8") for path in TEMPLATE.glob("*.js"))
    named = set(re.findall(r"texts\??\.(\w+)|'(\w+)'", scripts))
    known = {field.name for field in fields(AuditPageTexts)}
    assert known - {name for pair in named for name in pair} == {"no_script"}


def test_an_annotators_name_is_text_too():
    page = page_text("{}", "<b>&\"'", VI)
    assert "<b>" not in page.partition("<style>")[0]


@pytest.mark.parametrize("mode", ["review", "blind"])
def test_a_page_shows_the_rows_of_the_sheet_and_hides_what_it_hides(tmp_path, mode):
    folder = draw_audit(tmp_path, mode=mode, repeats=0.2)
    for path, name in zip(write_pages(folder, VI), ("lan", "minh"), strict=True):
        content, sheet = content_of(path), rows(folder, name)
        assert [row[0] for row in content["rows"]] == [row.row_key for row in sheet]
        assert ["".join(row[1]) for row in content["rows"]] == [row.cells[0] for row in sheet]
        assert [row[2][0] for row in content["rows"]] == [row.cells[1] for row in sheet]
        assert [len(row[3]) for row in content["rows"]] == [row.n_choices for row in sheet]
        text = path.read_text(encoding="utf-8")
        for secret in ("mô-hình-bí-mật", "context-v1", "viwn-", "disagree", "is_repeat", "#khoan"):
            assert secret not in text


@pytest.mark.parametrize("code", known_languages())
@pytest.mark.parametrize("mode", ["review", "blind"])
def test_the_training_items_have_answers_in_every_language(tmp_path, code, mode):
    language = find_language(code)
    folder = draw_audit(tmp_path, mode=mode, annotators=("lan",), size=8)
    [path] = write_pages(folder, language)
    content = content_of(path)
    assert len(content["training"]) == TRAINING_ITEMS == 5
    asked = {question.code: question for question in questions(mode)}
    seen = set()
    for trial in content["training"]:
        _, sentence, _, choices = trial["row"]
        assert sentence[1]
        assert trial["answers"].keys() == asked.keys()
        for name, answer in trial["answers"].items():
            assert answer in {*asked[name].verdicts, *(str(n + 1) for n in range(len(choices)))}
        seen |= set(trial["answers"].items())
    assert ("sense", "none") in seen if mode == "blind" else ("usage", "other") in seen


def test_a_page_can_be_written_anew_and_is_the_same(tmp_path):
    folder = draw_audit(tmp_path)
    first = [path.read_bytes() for path in write_pages(folder, VI)]
    assert [path.read_bytes() for path in write_pages(folder, VI)] == first


def test_pages_need_no_extra(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "audits.sheets.workbook", raising=False)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    folder = draw_audit(tmp_path / "pages", workbooks=False)
    assert len(write_pages(folder, VI)) == 2
    with pytest.raises(ModuleNotFoundError, match="xlsxwriter"):
        draw_audit(tmp_path / "workbooks")


def test_pages_of_what_is_no_audit(tmp_path, capsys):
    assert exit_code(["audit", "pages", "--folder", str(tmp_path)]) == 1
    assert "no audit here" in capsys.readouterr().err
