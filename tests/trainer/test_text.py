"""Targets are placed by construction: never searched for, never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InputError
from trainer.model.small import train_tokenizer
from trainer.text.inputs import InputMaker, Marked
from trainer.text.pieces import Pieces
from trainer.text.words import split_syllables, underthesea_words, words_around, words_of

TEXTS = ["Tôi đang khoan tường. Ví dụ: khoan dung, hoà bình, đường phố; a b c d e"] * 3


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces(train_tokenizer(TEXTS, 400))


def target_text(pieces: Pieces, maker: InputMaker, item: Marked) -> str:
    placed = maker.place(item)
    tokens = pieces.tokenizer.convert_ids_to_tokens(list(placed.ids[placed.start : placed.end]))
    return "".join(tokens).replace("##", "")


def test_fault_2_the_marked_occurrence_is_used_not_the_first_substring(pieces: Pieces) -> None:
    """ "khoan" stands inside "khoan dung" first; the marked one comes later."""
    sentence = "người khoan dung không khoan tường"
    start = sentence.rindex("khoan")
    maker = InputMaker(pieces, split_syllables, 64)
    placed = maker.place(Marked(sentence, start, start + 5))
    assert target_text(pieces, maker, Marked(sentence, start, start + 5)) == "khoan"
    before = pieces.tokenizer.decode(list(placed.ids[: placed.start]))
    assert "dung" in before


def test_fault_2_a_target_that_cannot_be_placed_is_an_error_naming_the_row(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_syllables, 64)
    with pytest.raises(InputError, match="row-7"):
        maker.place(Marked("tôi khoan tường", 90, 95, "row-7"))
    with pytest.raises(InputError, match="row-8"):
        maker.place(Marked("tôi  khoan", 3, 5, "row-8"))
    with pytest.raises(InputError, match=r"row-9.*subwords"):
        InputMaker(pieces, split_syllables, 8).place(Marked("a b c d e a b c d", 0, 17, "row-9"))


def test_fault_3_no_normalisation_can_lose_a_target(pieces: Pieces) -> None:
    """underthesea would write "hoà" as "hòa"; the target is cut from the sentence itself."""
    sentence = "sống trong hoà bình"
    marked = words_around(sentence, 11, 19, underthesea_words, "r")
    assert marked.words[marked.target].text == "hoà bình"
    assert "".join(w.text for w in words_of("hoà bình là quý", underthesea_words)) == (
        "hoà bìnhlàquý"
    )


def test_fault_4_words_are_joined_for_a_backbone_pretrained_on_words(pieces: Pieces) -> None:
    seen: list[str] = []

    class Recording(Pieces):
        def _encode(self, text: str) -> tuple[int, ...]:
            seen.append(text)
            return super()._encode(text)

    maker = InputMaker(Recording(pieces.tokenizer, joined=True), underthesea_words, 64)
    maker.place(Marked("Sinh viên trường đại học khoan tường", 25, 30))
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
    maker = InputMaker(pieces, split_syllables, length)
    placed = maker.place(Marked(sentence, start, start + 5))
    whole = InputMaker(pieces, split_syllables, 1000).place(Marked(sentence, start, start + 5))
    assert target_text(pieces, maker, Marked(sentence, start, start + 5)) == "khoan"
    assert len(placed.ids) == min(length, len(whole.ids))
    assert placed.ids[0] == whole.ids[0]
    assert placed.ids[-1] == whole.ids[-1]


_TOKENIZER = train_tokenizer(TEXTS, 400)


def test_the_echo_marks_the_second_copy(pieces: Pieces) -> None:
    item = Marked("khoan tường", 0, 5)
    once = InputMaker(pieces, split_syllables, 64).place(item)
    twice = InputMaker(pieces, split_syllables, 64, echo=True).place(item)
    assert twice.ids.count(once.ids[1]) == 2
    assert twice.start > len(once.ids) - 2
    assert target_text(pieces, InputMaker(pieces, split_syllables, 64, echo=True), item) == "khoan"


def test_a_pair_marks_the_sentence_not_the_gloss(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_syllables, 64)
    placed = maker.place_pair("khoan", "khoan tường", Marked("tôi khoan", 4, 9)).placed
    token = placed.ids[placed.start]
    assert placed.ids.count(token) == 3
    assert token not in placed.ids[placed.end :]


def test_a_batch_pads_on_the_right_and_masks(pieces: Pieces) -> None:
    maker = InputMaker(pieces, split_syllables, 64)
    rows = [maker.place(Marked("khoan", 0, 5)), maker.place(Marked("tôi đang khoan", 9, 14))]
    batch = maker.batch(rows)
    assert batch.attention_mask.sum(dim=1).tolist() == [len(r.ids) for r in rows]
    assert batch.target_mask.sum(dim=1).tolist() == [r.end - r.start for r in rows]
