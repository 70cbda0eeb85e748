"""All words of a sentence read at once have the states that each has as the target."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_release import VI

from languages.segmentation import by_spaces
from trainer.senses.rows import WordRow, word_means, word_row
from trainer.senses.sentences import WordedSentence
from trainer.senses.vectors import cpu_time, word_states
from trainer.states.teacher import Teacher
from trainer.text.inputs import MarkedSentence

TEXT = "xe chạy bon bon trên đường nhựa, rất êm"


def cut(text: str) -> WordedSentence:
    spans, at = [], 0
    for word in by_spaces(text):
        at = text.index(word, at)
        spans.append((at, at + len(word)))
        at += len(word)
    return WordedSentence("document", text, tuple(spans))


@pytest.fixture(scope="module")
def teacher(decoder: str) -> Teacher:
    return Teacher.open(decoder, VI, layers=(-1,), max_length=96)


@pytest.mark.parametrize("echo", [True, False])
def test_the_ids_and_places_are_those_of_the_words_as_targets(teacher: Teacher, echo: bool) -> None:
    teacher.inputs.echo = echo
    sentence = cut(TEXT)
    wanted = range(len(sentence.spans))
    row = word_row(teacher.inputs, sentence.words, wanted)
    for at in wanted:
        one = teacher.inputs.tokenize(MarkedSentence(TEXT, *sentence.spans[at]))
        assert one.ids == row.ids
        assert (one.start, one.end) == row.places[at]
    teacher.inputs.echo = True


def test_the_states_are_those_of_the_words_as_targets(teacher: Teacher) -> None:
    sentences = [cut(TEXT), cut("lau mặt bàn cho sạch"), cut("khoan")]
    wanted = [[5, 0], [2], []]
    rows = [
        word_row(teacher.inputs, own.words, at) for own, at in zip(sentences, wanted, strict=True)
    ]
    marked = [
        MarkedSentence(own.text, *own.spans[place])
        for own, at in zip(sentences, wanted, strict=True)
        for place in at
    ]
    by_target = teacher.read([teacher.inputs.tokenize(item) for item in marked])[:, 0]
    assert np.allclose(word_states(teacher, rows), by_target, atol=1e-5)


def test_a_word_past_the_window_has_no_state(teacher: Teacher) -> None:
    sentence = cut("đường " * 60)
    row = word_row(teacher.inputs, sentence.words, [0, 59])
    assert len(row.ids) <= teacher.inputs.max_length
    assert row.places[0] is not None
    assert row.places[1] is None
    found = word_states(teacher, [row])
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


def test_means_by_hand() -> None:
    states = torch.arange(12, dtype=torch.float32).reshape(2, 3, 2)
    rows = [WordRow((1, 2, 3), ((0, 2), None)), WordRow((1, 2, 3), ((2, 3), (0, 3)))]
    assert word_means(states, rows).tolist() == [[1.0, 2.0], [10.0, 11.0], [8.0, 9.0]]
    assert word_means(states, [WordRow((1,), ()), WordRow((1,), (None,))]).shape == (0, 2)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (20, "under two minutes of CPU"),
        (600, "about 10 minutes of CPU"),
        (9000, "about 2.5 hours of CPU"),
    ],
)
def test_what_reading_will_take_is_said(seconds: float, said: str) -> None:
    assert cpu_time(seconds) == said
