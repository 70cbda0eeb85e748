"""A task and a template give the messages, and the judge's message can be read back."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from prompts import catalogue
from prompts.render import parse_judge_prompt, render
from prompts.tasks import (
    ContextsGroupTask,
    ContextsTask,
    GlossesTask,
    JudgeTask,
    SynsetToDefine,
    WantedWord,
)
from schemas.errors import InputError
from schemas.records import Pos
from schemas.text import normalise
from testing.prompt_kinds import KICK, STONE, STONE_JUDGED, STONE_SENTENCES

VI = find_language("vi")

LINES = st.lists(
    st.text().map(normalise).filter(bool) | st.sampled_from(["(1) a", "0 = b", "1 = c", "[[d]]"]),
    min_size=1,
    max_size=6,
).map(tuple)


@given(sentences=LINES, candidates=LINES, lemma=st.text().map(normalise))
def test_the_judges_prompt_reads_back_as_it_was_rendered(
    sentences: tuple[str, ...], candidates: tuple[str, ...], lemma: str
) -> None:
    messages = render(catalogue.load("judge", VI), JudgeTask(lemma, sentences, candidates))
    assert parse_judge_prompt(messages.user) == (sentences, candidates)


def test_the_judges_prompt_has_the_documented_lines() -> None:
    assert render(catalogue.load("judge", VI), STONE_JUDGED).user.splitlines() == [
        "Từ: đá",
        "",
        "Nghĩa:",
        "1 = vật rắn",
        "2 = dùng chân hất",
        "0 = không nghĩa nào ở trên",
        "",
        "Câu:",
        "(1) Nó [[đá]] bóng.",
        "(2) Cục [[đá]] to.",
    ]


def test_a_gloss_prompt_says_what_the_source_says_and_no_more() -> None:
    bare = SynsetToDefine(1, ("đá",), Pos.NOUN, "noun.tops")
    assert render(catalogue.load("glosses", VI), GlossesTask("", (bare,))).user == (
        "Cần định nghĩa:\n1. đá (danh từ)"
    )
    full = GlossesTask("đá", (STONE,), (KICK,))
    assert render(catalogue.load("glosses", VI), full).user.splitlines() == [
        "Từ chung: đá",
        "",
        "Cần định nghĩa:",
        "1. đá; cục đá (danh từ; vật thể tự nhiên (không do con người làm ra))",
        "   Định nghĩa tiếng Anh: a lump of hard mineral",
        "   Thuộc loại: khoáng vật",
        "   Ví dụ: ném đá",
        "   Đã bị loại: “viên đá”: định nghĩa dùng chính từ “đá”",
        "",
        "Nhóm khác, không định nghĩa lại nhưng phải phân biệt:",
        "2. đá; sút (động từ; chạm, đánh, buộc, đào): to kick",
    ]


def test_a_contexts_prompt_asks_for_what_is_missing() -> None:
    assert render(catalogue.load("contexts", VI), STONE_SENTENCES).user.splitlines() == [
        "Từ đích: đá (danh từ)",
        "Nghĩa: vật rắn",
        "Phạm vi: vật thể tự nhiên (không do con người làm ra)",
        "Không dùng theo các nghĩa khác:",
        "- dùng chân hất",
        "Đã có các câu sau, không viết lại:",
        "- A.",
        "Các câu trước bị loại, hãy tránh lỗi:",
        "- câu quá ngắn",
        "Số câu: 3",
    ]


def test_a_contexts_prompt_shows_a_wish_for_each_sentence_and_words_to_avoid() -> None:
    task = ContextsTask(
        "đá", Pos.NOUN, "noun.tops", "vật rắn", n=2,
        wishes=("về gia đình; câu hỏi", "về chợ búa"), overused=("sông", "núi"),
    )  # fmt: skip
    messages = render(catalogue.load("contexts", VI), task)
    assert messages.user.splitlines() == [
        "Từ đích: đá (danh từ)",
        "Nghĩa: vật rắn",
        "Các từ sau đã có trong quá nhiều câu, đừng dùng nữa: sông, núi",
        "Gợi ý cho từng câu, câu nào cũng có [[đá]] đúng một lần:",
        "(1) về gia đình; câu hỏi",
        "(2) về chợ búa",
        "Số câu: 2",
    ]
    assert "Mỗi câu viết theo gợi ý cùng số thứ tự" in messages.system
    plain = render(catalogue.load("contexts", VI), replace(task, wishes=()))
    assert "gợi ý" not in plain.system


def test_a_group_prompt_shows_the_wishes_of_each_word() -> None:
    words = (WantedWord("đá", 1, wishes=("về gia đình",)), WantedWord("cục đá", 1, wishes=("a",)))
    task = ContextsGroupTask(words, Pos.NOUN, "noun.tops", "vật rắn")
    messages = render(catalogue.load("contexts_group", VI), task)
    assert messages.user.splitlines()[3:] == [
        "* đá: 1 câu",
        "Gợi ý về đề tài và văn phong cho từng câu:",
        "(1) về gia đình",
        "* cục đá: 1 câu",
        "Gợi ý về đề tài và văn phong cho từng câu:",
        "(1) a",
    ]
    assert "Mỗi câu viết theo gợi ý cùng số thứ tự" in messages.system


def test_a_group_prompt_lists_each_word_with_its_number_of_sentences() -> None:
    words = (WantedWord("đá", 3, ("dùng chân hất",)), WantedWord("cục đá", 5))
    task = ContextsGroupTask(words, Pos.NOUN, "noun.tops", "vật rắn")
    assert render(catalogue.load("contexts_group", VI), task).user.splitlines() == [
        "Nghĩa: vật rắn",
        "Từ loại: danh từ",
        "Từ đích và số câu:",
        "* đá: 3 câu",
        "Không dùng theo các nghĩa khác:",
        "- dùng chân hất",
        "* cục đá: 5 câu",
    ]


def test_texts_with_line_breaks_stay_on_one_line() -> None:
    task = JudgeTask("đá", ("một\n(2) hai",), ("a\r\n2 = b",))
    messages = render(catalogue.load("judge", VI), task)
    assert parse_judge_prompt(messages.user) == (("một (2) hai",), ("a 2 = b",))


def test_nothing_is_escaped() -> None:
    task = ContextsTask("<đá> & 'đá'", Pos.NOUN, "noun.tops", "{{ gloss }}")
    user = render(catalogue.load("contexts", VI), task).user
    assert "<đá> & 'đá'" in user
    assert "{{ gloss }}" in user


@pytest.mark.parametrize("line", [3, 9, 40])
def test_a_template_that_fails_on_a_task_names_file_and_line(tmp_path: Path, line: int) -> None:
    path = tmp_path / "mine.j2"
    lines = ["{% block system %}s{% endblock %}", "{% block user %}"]
    lines += ["x {{ lemma }}"] * (line - 3)
    lines += ["{{ lemma.nothing }}", "y {{ lemma }}", "{% endblock %}"]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=rf"mine\.j2:{line}: .*nothing"):
        render(catalogue.load(str(path), VI), JudgeTask("đá", (), ()))
