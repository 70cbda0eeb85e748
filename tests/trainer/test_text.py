"""Targets are tokenized by construction: never searched for, never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_release import VI

from schemas.errors import InputError
from trainer.model.small import train_tokenizer
from trainer.text.inputs import InputMaker, MarkedSentence
from trainer.text.pieces import Pieces
from trainer.text.words import split_units, words_around, words_of

TEXTS = ["Tôi đang khoan tường. Ví dụ: khoan dung, hoà bình, đường phố; a b c d e"] * 3


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces(train_tokenizer(TEXTS, 400))


def target_text(pieces: Pieces, maker: InputMaker, item: MarkedSentence) -> str:
    tokenized = maker.tokenize(item)
    tokens = pieces.tokenizer.convert_ids_to_tokens(
        list(tokenized.ids[tokenized.start : tokenized.end])
    )
    return "".join(tokens).replace("##", "")


def test_fault_2_the_marked_occurrence_is_used_not_the_first_substring(pieces: Pieces) -> None:
    """ "khoan" stands inside "khoan dung" first; the marked one comes later."""
    sentence = "người khoan dung không khoan tường"
    start = sentence.rindex("khoan")
    maker = InputMaker(pieces, split_units, 64)
    tokenized = maker.tokenize(MarkedSentence(sentence, start, start + 5))
    assert target_text(pieces, maker, MarkedSentence(sentence, start, start + 5)) == "khoan"
    before = pieces.tokenizer.decode(list(tokenized.ids[: tokenized.start]))
    assert "dung" in before


def test_fault_2_a_target_that_cannot_be_placed_is_an_error_naming_the_row(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_units, 64)
    with pytest.raises(InputError, match="row-7"):
        maker.tokenize(MarkedSentence("tôi khoan tường", 90, 95, "row-7"))
    with pytest.raises(InputError, match="row-8"):
        maker.tokenize(MarkedSentence("tôi  khoan", 3, 5, "row-8"))
    with pytest.raises(InputError, match=r"row-9.*subwords"):
        InputMaker(pieces, split_units, 8).tokenize(
            MarkedSentence("a b c d e a b c d", 0, 17, "row-9")
        )


def test_fault_3_no_normalisation_can_lose_a_target(pieces: Pieces) -> None:
    """underthesea would write "hoà" as "hòa"; the target is cut from the sentence itself."""
    sentence = "sống trong hoà bình"
    marked = words_around(sentence, 11, 19, VI.segmentation.segment, "r")
    assert marked.words[marked.target].text == "hoà bình"
    assert "".join(w.text for w in words_of("hoà bình là quý", VI.segmentation.segment)) == (
        "hoà bìnhlàquý"
    )


def test_fault_4_words_are_joined_for_a_backbone_pretrained_on_words(pieces: Pieces) -> None:
    seen: list[str] = []

    class Recording(Pieces):
        def _encode(self, text: str) -> tuple[int, ...]:
            seen.append(text)
            return super()._encode(text)

    maker = InputMaker(Recording(pieces.tokenizer, joined=True), VI.segmentation.segment, 64)
    maker.tokenize(MarkedSentence("Sinh viên trường đại học khoan tường", 25, 30))
    assert " đại_học" in seen
    assert " khoan" in seen


def test_the_target_stays_one_word_whatever_the_segmenter_does() -> None:
    marked = words_around(
        "lòng khoan dung", 5, 10, lambda text: [text] if text.strip() else [], "r"
    )
    assert [w.text for w in marked.words] == ["lòng", "khoan", "dung"]
    assert marked.target == 1


@given(
    st.lists(st.sampled_from(["đường", "a", "tường", "e,", "b."]), min_size=0, max_size=30),
    st.lists(st.sampled_from(["đường", "a", "c", "d!"]), min_size=0, max_size=30),
    st.integers(8, 40),
)
def test_the_window_keeps_the_target_and_wastes_no_room(
    left: list[str], right: list[str], length: int
) -> None:
    pieces = Pieces(_TOKENIZER)
    sentence = " ".join([*left, "khoan", *right])
    start = len(" ".join(left)) + bool(left)
    maker = InputMaker(pieces, split_units, length)
    tokenized = maker.tokenize(MarkedSentence(sentence, start, start + 5))
    whole = InputMaker(pieces, split_units, 1000).tokenize(
        MarkedSentence(sentence, start, start + 5)
    )
    assert target_text(pieces, maker, MarkedSentence(sentence, start, start + 5)) == "khoan"
    assert len(tokenized.ids) == min(length, len(whole.ids))
    assert tokenized.ids[0] == whole.ids[0]
    assert tokenized.ids[-1] == whole.ids[-1]


_TOKENIZER = train_tokenizer(TEXTS, 400)


def test_the_echo_marks_the_second_copy(pieces: Pieces) -> None:
    item = MarkedSentence("khoan tường", 0, 5)
    once = InputMaker(pieces, split_units, 64).tokenize(item)
    twice = InputMaker(pieces, split_units, 64, echo=True).tokenize(item)
    assert twice.ids.count(once.ids[1]) == 2
    assert twice.start > len(once.ids) - 2
    assert target_text(pieces, InputMaker(pieces, split_units, 64, echo=True), item) == "khoan"


def test_a_pair_marks_the_sentence_not_the_gloss(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_units, 64)
    tokenized = maker.tokenize_pair(
        "khoan", "khoan tường", MarkedSentence("tôi khoan", 4, 9)
    ).tokenized
    token = tokenized.ids[tokenized.start]
    assert tokenized.ids.count(token) == 3
    assert token not in tokenized.ids[tokenized.end :]


def test_the_languages_label_stands_between_a_gloss_and_its_sentence(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_units, 64, example_label=VI.training.example_label)
    pair = maker.tokenize_pair("khoan", "khoan tường", MarkedSentence("tôi khoan", 4, 9))
    front = pieces.tokenizer.decode(list(pair.tokenized.ids[: pair.start]))
    assert front.endswith("khoan : khoan tường . ví dụ :")


def test_a_batch_pads_on_the_right_and_masks(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_units, 64)
    rows = [
        maker.tokenize(MarkedSentence("khoan", 0, 5)),
        maker.tokenize(MarkedSentence("tôi đang khoan", 9, 14)),
    ]
    batch = maker.batch(rows)
    assert batch.attention_mask.sum(dim=1).tolist() == [len(r.ids) for r in rows]
    assert batch.target_mask.sum(dim=1).tolist() == [r.end - r.start for r in rows]
