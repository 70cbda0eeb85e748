"""Marking and unmarking a target are each other's inverse."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.checks.cleaning import visible
from pipeline.checks.marks import Sound, mark, unmark
from schemas.text import normalise

BRACKETS = "[]［］【】〚〛⟦⟧"
SENTENCES = st.text(
    st.characters(exclude_characters=BRACKETS, exclude_categories=["Cs"]), min_size=1
).map(normalise) | st.text("aàảệ ưởđ, .\u0301", min_size=1).map(normalise)


@st.composite
def spans(draw: st.DrawFn) -> Sound:
    sentence = draw(SENTENCES.filter(bool))
    start = draw(st.integers(0, len(sentence) - 1))
    end = draw(st.integers(start + 1, len(sentence)))
    assume(sentence[start:end] == sentence[start:end].strip())
    return Sound(sentence, start, end)


@given(spans())
def test_unmarking_undoes_marking(sound: Sound) -> None:
    assert unmark(mark(sound.sentence, sound.start, sound.end)) == sound


@given(spans())
def test_decomposed_text_gives_composed_spans(sound: Sound) -> None:
    marked = unicodedata.normalize("NFD", mark(sound.sentence, sound.start, sound.end))
    back = unmark(visible(marked))
    composed = unmark(visible(mark(sound.sentence, sound.start, sound.end)))
    assert back == composed
    if back is not None:
        assert unicodedata.is_normalized("NFC", back.target)


@pytest.mark.parametrize(
    "marked",
    [
        "Thợ [[khoan]] tường.",
        "Thợ [[ khoan ]] tường.",
        "Thợ[[ khoan ]]tường.",
        "Thợ [khoan] tường.",
        "Thợ [[[khoan]]] tường.",
        "Thợ [ [khoan] ] tường.",
        "Thợ ［［khoan］］ tường.",
        "Thợ 【khoan】 tường.",
        "Thợ 〚khoan〛 tường.",
        "  Thợ\u00a0[[khoan]]  tường. \n",
        "Thợ \u200b[[\ufeffkhoan\u200d]]\u2060 tường.",
        unicodedata.normalize("NFD", "Thợ [[khoan]] tường."),
    ],
)
def test_the_ways_in_which_models_write_a_mark(marked: str) -> None:
    assert unmark(visible(marked)) == Sound("Thợ khoan tường.", 4, 9)


@pytest.mark.parametrize(
    "marked",
    [
        "",
        "khoan",
        "[[]]",
        "a [[ ]] b",
        "[[a]] [[b]]",
        "[[a",
        "a]]",
        "]]a[[",
        "[[a]] b]",
        "[[a[[b]]",
    ],
)
def test_no_mark_several_marks_and_broken_marks_have_no_span(marked: str) -> None:
    assert unmark(marked) is None


def test_a_mark_at_the_ends_of_the_sentence_leaves_no_spaces() -> None:
    assert unmark("[[ Khoan ]] đi") == Sound("Khoan đi", 0, 5)
    assert unmark("cứ [[ khoan ]] ") == Sound("cứ khoan", 3, 8)
