"""What a card says in the data's own language: complete in every language, absent in English."""

from __future__ import annotations

import itertools
import re
import string
from dataclasses import fields, replace
from pathlib import Path

import pytest

from languages.card import CardFigures, CardTexts, OwnCardTexts, PlotText, PlotTexts
from languages.find import find_language, known_languages
from languages.names import Names
from pipeline.card.citation import kind_of_data
from pipeline.card.facts import gather
from pipeline.card.plots import draw_plots
from pipeline.card.render import card_text, compose_card
from testing.tiny_release import make_tiny_release

FIGURES = CardFigures(
    name="mẫu", examples=12345, senses=678, lemmas=543, same_pos_lemmas=21, source="WordNet thử",
    licence="cc0-1.0", recorded=False, audited=True, clean=True,
)  # fmt: skip


def own_texts() -> list[tuple[str, OwnCardTexts]]:
    found = [(code, find_language(code).card.own) for code in known_languages()]
    return [(code, own) for code, own in found if own is not None]


@pytest.mark.parametrize(("code", "own"), own_texts())
def test_a_summary_tells_all_figures_whatever_the_state(code: str, own: OwnCardTexts) -> None:
    said = set()
    for recorded, audited, clean in itertools.product([False, True], repeat=3):
        figures = replace(FIGURES, recorded=recorded, audited=audited, clean=clean)
        summary = own.summary(figures)
        said.add(summary)
        numbers = re.sub(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3})", "", summary)
        for told in ("mẫu", "12345", "678", "543", "21", "WordNet thử", "cc0-1.0"):
            assert told in numbers
        assert "{" not in summary
        assert "  " not in summary
        assert "\n" not in summary
    assert len(said) == 6  # of a demonstration, no audit is told


@pytest.mark.parametrize(("code", "own"), own_texts())
def test_the_words_of_plots_are_complete(code: str, own: OwnCardTexts) -> None:
    with_y = {"senses_per_lemma", "contexts_per_sense"}
    for field in fields(PlotTexts):
        words = getattr(own.plots, field.name)
        if isinstance(words, PlotText):
            assert words.title
            assert words.x
            assert bool(words.y) == (field.name in with_y)
            assert words.caption.endswith(".")
        texts = [words] if isinstance(words, str) else [words.caption]
        for text in texts:
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            wanted = field.name in ("contexts_per_sense", "wanted")
            assert names == ({"wanted"} if wanted else set())


@pytest.mark.parametrize("code", known_languages())
def test_the_example_marks_one_target(code: str) -> None:
    assert len(re.findall(r"\[\[\w+\]\]", find_language(code).card.example)) == 1


def test_an_english_card_says_nothing_twice(tmp_path: Path) -> None:
    facts = gather(make_tiny_release(tmp_path))
    english = replace(
        facts.language,
        code="en",
        names=Names(english="English", own="English", code_3="eng"),
        card=CardTexts(example="They [[drill]] a hole.", own=None),
    )
    facts = replace(facts, language=english)
    plots = draw_plots(facts)
    text = card_text(facts, plots)
    assert "is an English word-sense data set: 8 sentences" in text
    assert "Tóm tắt" not in text
    assert plots[0].caption == "Senses per lemma of the inventory."
    assert "## Loading it" in text


def test_a_card_in_another_language_has_its_own_paragraph(tmp_path: Path) -> None:
    readme = compose_card(make_tiny_release(tmp_path)).readme
    assert "## Tóm tắt bằng tiếng Việt\n\nviconwsd-demo là bộ ngữ liệu" in readme
    assert "![Senses per lemma of the inventory. Số nghĩa của mỗi từ trong kho nghĩa.]" in readme


def test_the_article_fits_the_name() -> None:
    vietnamese = find_language("vi")
    indonesian = replace(vietnamese, names=Names("Indonesian", "bahasa Indonesia", "ind"))
    assert kind_of_data(vietnamese) == "a Vietnamese word-sense data set"
    assert kind_of_data(indonesian) == "an Indonesian word-sense data set"
