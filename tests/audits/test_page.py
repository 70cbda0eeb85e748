"""The page in a real browser: what is answered there comes back as from a sheet."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
from dataclasses import replace

import pytest

from audits.answers.history import latest_answers, read_history
from audits.answers.importing import import_files
from audits.answers.judgements import read_judgements
from audits.page.content import in_html
from audits.page.write import page_text
from audits.questions import is_note
from audits.reports.report import make_report
from schemas.ids import content_digest
from testing.browser import accessibility_faults, chromium
from tests.audits.browsing import answered, keys_of, saved, until, visited, written
from tests.audits.test_importing import by_number
from tests.audits.world import TEXTS, VI, candidates, draw_audit, filled, right_sense, rows

NOW = "2126-01-01T00:00:00+00:00"
SAYS = VI.audit_page
NASTY = (
    "</script><script>document.title = 'x'</script>{}<!-- <script>",
    "“{}” và \"{}\" & &lt;b&gt; 'a' \\ \\u003c @script@ {{rows}} $& $1",
    "một\u2028hai\u2029ba {} \u202engược\u202c \u200fphải\u200f \u0301 \ufeff",
    '=HYPERLINK("http://a")\t{}\nhai dòng \u0000 🙂 e\u0302\u0301',
)


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def context(browser):
    """A browser profile of its own, that no network reaches."""
    fresh = browser.new_context(viewport={"width": 900, "height": 800})
    fresh.route("http*://**", lambda route: pytest.fail(route.request.url))
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    """An audit of ten rows for lan, of which one comes twice, and its page."""
    folder = tmp_path_factory.mktemp("page") / "audit"
    return draw_audit(folder, annotators=("lan",), size=10, repeats=0.1, workbooks=False)


@pytest.fixture(scope="module")
def page(audit):
    return written(audit, "lan")


@pytest.fixture
def tab(context, page):
    opened = visited(context, page)
    yield opened
    assert opened.errors == []


def press(tab, *keys):
    for key in keys:
        tab.keyboard.press(key)


def heading(tab):
    return tab.inner_text("#heading")


def item(number, total=11):
    return SAYS.item.format(number=number, rows=total)


def records(tab):
    return [each["answers"] for each in tab.evaluate("desk.answers.records")]


def answers(folder):
    """The answers without remarks and reasons."""
    return {
        row_key: {name: code for name, code in given.items() if not is_note(name)}
        for row_key, given in latest_answers(read_history(folder)).items()
    }


@pytest.mark.parametrize("mode", ["review", "blind"])
def test_a_whole_audit_by_keys_has_the_figures_of_the_sheets(context, tmp_path, mode):
    by_page, by_sheet = (
        draw_audit(tmp_path / way, mode=mode, annotators=("lan",), size=12, repeats=0.2)
        for way in ("page", "sheet")
    )
    answer = right_sense(by_page) if mode == "blind" else by_number
    tab = visited(context, written(by_page, "lan"))
    for row in rows(by_page, "lan"):
        press(tab, *keys_of(row, answer, mode))
    assert answered(tab) == len(rows(by_page, "lan"))
    assert heading(tab) == SAYS.finished
    [result] = import_files(by_page, [saved(tab, tmp_path)], NOW, TEXTS)
    assert (result.complete, result.findings) == (len(rows(by_page, "lan")), ())
    [other] = import_files(by_sheet, [filled(by_sheet, "lan", answer)], NOW, TEXTS)
    assert other.faults == ()
    assert answers(by_page) == answers(by_sheet)
    report = make_report(read_judgements(by_page), VI, "not_good")
    again = make_report(read_judgements(by_sheet), VI, "not_good")
    assert report.quality == again.quality
    assert report.self_agreement == again.self_agreement
    assert report.annotators[0].seconds >= 0
    assert tab.errors == []


def test_training_comes_first_with_feedback_and_never_counts(context, page, tmp_path):
    tab = visited(context, page, trained=False)
    press(tab, "Enter")
    assert heading(tab) == SAYS.training.format(number=1, rows=5)
    press(tab, "1", "2", "Enter", "1")
    wrong = SAYS.wrong.format(answer=f"“{TEXTS.questions['usage'].answers['yes']}”")
    assert [text.split("? ")[1] for text in tab.locator(".feedback li").all_inner_texts()] == [
        SAYS.right,
        wrong,
        SAYS.right,
    ]
    for _ in range(4):
        press(tab, "Enter", "1", "1", "1")
    press(tab, "Enter")
    assert heading(tab) == item(1)
    assert answered(tab) == 0
    made = json.loads(saved(tab, tmp_path).read_text(encoding="utf-8"))
    assert (made["rows"], made["numbers"]) == ([], [])


def test_a_reload_in_the_middle_goes_on_where_it_was(tab, audit, tmp_path):
    press(tab, *"111", *"111", "1", "2", "3")
    press(tab, "r")
    tab.keyboard.type('câu 1 \\ "lạ"')
    press(tab, "Escape")
    tab.reload()
    assert heading(tab) == item(3)
    assert tab.input_value("#remark") == 'câu 1 \\ "lạ"'
    assert records(tab)[2] == {"fluent": "yes", "usage": "other"}
    assert tab.get_attribute("[data-name=usage][data-value=other]", "aria-pressed") == "true"
    press(tab, "1")
    assert (heading(tab), answered(tab)) == (item(4), 3)
    made = json.loads(saved(tab, tmp_path).read_text(encoding="utf-8"))
    assert made["rows"][2]["reasons"] == {"usage": "name"}
    assert made["numbers"] == [1, 2, 3]


def test_two_tabs_lose_nothing_and_the_newest_answer_counts(context, tab, page):
    press(tab, *"111", *"111")
    other = visited(context, page)
    assert heading(other) == item(3)
    press(other, *"111", *"1")
    until(tab, "desk.answers.finished === 3")
    until(other, "document.getElementById('notices').textContent !== ''")
    assert tab.inner_text("#notices") == other.inner_text("#notices") == SAYS.other_tab
    press(tab, "ArrowRight", "ArrowRight", *"111")  # row 5, while the other is at row 4
    press(tab, "ArrowLeft", "ArrowLeft", "u", "2")  # row 4, which the other had begun
    until(other, "desk.answers.records[3].answers.usage === 'unsure'")
    press(other, "1")
    assert heading(other) == item(6)
    until(tab, "desk.answers.finished === 5")
    assert records(tab) == records(other)
    assert records(tab)[3] == {"fluent": "yes", "usage": "unsure", "gloss": "yes"}
    press(other, *["ArrowLeft"] * 5, "2", "Enter")
    until(tab, "desk.answers.records[0].answers.fluent === 'no'")
    assert other.errors == []


def test_where_the_browser_keeps_nothing_the_page_says_so_and_files_do(
    browser, context, page, tmp_path
):
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no'); }})"
    )
    tab = visited(context, page)
    assert tab.inner_text("#notices") == SAYS.not_kept
    press(tab, *"111", *"12", "Enter", "1")
    file = saved(tab, tmp_path)
    tab.reload()
    press(tab, "?")
    tab.set_input_files("#file", file)
    tab.wait_for_selector("#remark")
    assert (heading(tab), answered(tab)) == (item(3), 2)
    assert tab.inner_text("#status") == SAYS.file_taken.format(rows=2)
    file.write_text(file.read_text(encoding="utf-8").replace('"yes"', '"no"', 1), encoding="utf-8")
    tab.set_input_files("#file", file)
    until(tab, f"document.getElementById('status').textContent === {SAYS.file_refused!r}")
    assert records(tab)[0] == {"fluent": "yes", "usage": "yes", "gloss": "yes"}


def test_a_full_store_is_told_at_once(tab, tmp_path):
    press(tab, *"111")
    tab.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    press(tab, *"111")
    assert tab.inner_text("#notices") == SAYS.kept_no_more
    assert len(json.loads(saved(tab, tmp_path).read_text(encoding="utf-8"))["rows"]) == 2


def test_keys_choose_skip_return_undo_and_pause(tab):
    press(tab, "4")  # the first question has three answers
    press(tab, "ArrowDown", "ArrowDown", "Enter")
    assert (records(tab)[0], tab.evaluate("desk.state.asking")) == ({"fluent": "no"}, "fluent")
    press(tab, "2")
    press(tab, "ArrowRight", "Numpad1", "u", "4", "4", "Enter")
    assert records(tab)[1] == {"fluent": "yes", "usage": "unsure", "gloss": "unsure"}
    assert tab.evaluate("desk.answers.records[1].reasons") == {"usage": "unknown_word"}
    press(tab, "z")
    assert (heading(tab), records(tab)[1]) == (item(2), {"fluent": "yes", "usage": "unsure"})
    press(tab, "z", "z")
    assert records(tab)[1] == {"fluent": "yes"}
    press(tab, *"zzzz")
    assert (heading(tab), records(tab)[0]) == (item(1), {})
    assert tab.inner_text("#status") == SAYS.nothing_to_undo
    press(tab, "p")
    assert heading(tab) == SAYS.paused
    press(tab, "1")
    assert records(tab)[0] == {}
    press(tab, "p", "1", "Control+1", "Shift+Digit2")
    assert (heading(tab), records(tab)[0]) == (item(1), {"fluent": "yes"})
    for _ in range(3):  # a key that is held down
        tab.keyboard.down("1")
    assert records(tab)[0] == {"fluent": "yes", "usage": "yes"}


def test_what_was_left_for_later_comes_back_at_the_end(tab):
    press(tab, "ArrowRight", *"111" * 10)
    assert (heading(tab), answered(tab)) == (item(1), 10)
    press(tab, *"111")
    assert heading(tab) == SAYS.finished
    press(tab, "z")
    assert heading(tab) == item(1)


def test_single_keys_can_be_switched_off_and_the_mouse_does_it_all(tab):
    tab.click("#help")
    tab.uncheck("#keys-on")
    press(tab, "Escape", *"111")
    assert records(tab)[0] == {}
    for name, value in (("fluent", "yes"), ("usage", "other")):
        tab.click(f"[data-name={name}][data-value={value}]")
    tab.click("[data-name=reason][data-value=part]")
    tab.click("[data-name=gloss][data-value=yes]")
    assert (heading(tab), answered(tab)) == (item(2), 1)
    tab.click("#back")
    tab.click("#undo")
    assert records(tab)[0] == {"fluent": "yes", "usage": "other"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_can_be_used_by_everybody(context, page, scheme):
    """No grave fault by axe-core; nothing runs out of a narrow window: 200 %, a phone."""
    tab = visited(context, page, trained=False)
    tab.emulate_media(color_scheme=scheme)
    seen = []

    def look(name):
        seen.append(name)
        assert (name, accessibility_faults(tab)) == (name, [])
        for width in (450, 320) if scheme == "light" else ():
            tab.set_viewport_size({"width": width, "height": 640})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, name
        tab.set_viewport_size({"width": 900, "height": 800})

    look("introduction")
    press(tab, "Enter", "1", "2")
    look("reasons")
    press(tab, "Enter", "1")
    look("feedback")
    for _ in range(4):
        press(tab, "Enter", "1", "1", "1")
    press(tab, "Enter", "1")
    look("row")
    tab.click("#help")
    look("help")
    press(tab, "Escape", "p")
    look("pause")
    press(tab, "p", *"11", *"111" * 10)
    look("end")
    assert heading(tab) == SAYS.finished


def test_the_focus_goes_to_what_is_to_be_read_next(tab):
    def focused():
        return tab.evaluate("document.activeElement.id || document.activeElement.className")

    assert focused() == "card"
    press(tab, "1")
    assert focused() == "question-1"
    press(tab, "2")
    assert focused() == "reasons"
    press(tab, "1", "1")
    assert focused() == "card"
    assert tab.get_attribute(".card", "aria-labelledby") == "heading sentence"


def test_no_text_breaks_out_of_its_place(context, tmp_path):
    """It is shown as it is, character by character, and what was shown is what was drawn."""
    made = []
    for place, row in enumerate(candidates(1)):
        sentence = NASTY[place % len(NASTY)].format(row.lemma, row.lemma)
        start = sentence.index(row.lemma)
        end = start + len(row.lemma)
        made.append(
            replace(row, sentence=sentence, target_start=start, target_end=end, gloss=sentence)
        )
    folder = draw_audit(tmp_path / "nasty", rows=made, annotators=("lan",), size=8)
    tab = visited(context, written(folder, "lan"))
    for row in rows(folder, "lan"):
        assert tab.text_content("#sentence") == row.cells[0]
        assert row.cells[3] in tab.locator("dd").all_text_contents()
        press(tab, *"111")
    [result] = import_files(folder, [saved(tab, tmp_path)], NOW, TEXTS)
    assert (result.complete, result.findings) == (8, ())
    assert tab.errors == []
    assert "x" not in tab.title()


def test_whatever_is_pressed_in_two_tabs_is_what_comes_back(context, page, audit, tmp_path):
    """Seeded keys, reloads and remarks: no error, both tabs and the file say the same."""
    rng = random.Random(3)
    keys = [*"111234u0zp59x", "r", "Enter", "Tab", "Shift+Tab", "Escape", "Space"]
    keys += ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]
    tabs = [visited(context, page), visited(context, page)]
    for step in range(100):
        tab = rng.choice(tabs)
        if step % 40 == 39:
            tab.reload()
        elif step % 15 == 14:
            tab.keyboard.type("ghi z1u\n")
        else:
            press(tab, "Escape", rng.choice(keys))
    for tab in tabs:
        tab.wait_for_timeout(400)  # a remark is kept a moment after it was typed
    said = [
        tab.evaluate(
            "desk.answers.records.map((each) => [each.answers, each.reasons, each.remark])"
        )
        for tab in tabs
    ]
    assert said[0] == said[1]
    folder = shutil.copytree(audit, tmp_path / "audit")
    [result] = import_files(folder, [saved(tabs[0], tmp_path)], NOW, TEXTS)
    assert result.findings == ()
    taken = latest_answers(read_history(folder))
    assert len(taken) > 5
    for row, (given, reasons, remark) in zip(rows(folder, "lan"), said[0], strict=True):
        wanted = given | {f"{name}_why": code for name, code in reasons.items()}
        wanted |= {"remark": remark.strip()} if remark.strip() else {}
        assert taken.get(row.row_key, {}) == wanted
    assert [tab.errors for tab in tabs] == [[], []]


def test_the_page_makes_the_digests_of_the_program(tab):
    rng = random.Random(1)
    texts = [
        "".join(chr(rng.choice((65, 0x1EBF, 0x1F642, 0x10FFFF, 0))) for _ in range(length))
        for length in (0, 1, 46, 47, 48, 55, 56, 63, 64, 65, 119, 120, 1000)
    ]
    for text in texts:
        assert tab.evaluate("text => digestOf(text)", text) == content_digest(text)[:16]
    assert tab.evaluate("texts => digestOf(...texts)", texts) == content_digest(*texts)[:16]


@pytest.mark.parametrize(
    "change",
    [
        lambda t: "lẩn".join(t.rsplit("lần", 1)),
        lambda t: unicodedata.normalize("NFD", t),
        lambda t: t.encode().decode("cp1252", "replace"),
        lambda t: t.replace('"rows":[[', '"rows":[', 1),
    ],
)
def test_a_page_that_was_damaged_on_its_way_does_not_begin(context, page, tmp_path, change):
    content = page.read_text(encoding="utf-8")
    before, mark, rest = content.partition('id="content">')
    inside, end, after = rest.partition("</script>")
    assert change(inside) != inside
    (tmp_path / "lan.html").write_text(
        before + mark + change(inside) + end + after, encoding="utf-8"
    )
    tab = visited(context, tmp_path / "lan.html", trained=False)
    assert tab.locator(".alarm").count() == 1
    assert tab.inner_text("#main") == ""


def test_five_hundred_rows_are_less_than_a_megabyte(tmp_path):
    for mode in ("review", "blind"):
        folder = draw_audit(
            tmp_path / mode, per_sense=63, mode=mode, size=500, annotators=("lan",), repeats=0
        )
        assert len(rows(folder, "lan")) == 500
        assert written(folder, "lan").stat().st_size < 1_000_000


def test_a_page_loads_nothing_and_runs_nothing_but_its_own(page):
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not any(word in text for word in ("http:", "https:", "src=", "url(", "@import", "eval("))
    assert page_text(in_html('{"a": "@title@ </script>"}'), "lan", VI).count("</script>") == 2
