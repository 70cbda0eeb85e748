"""Definitions: what is cleaned without a word, and what is a fault."""

from dataclasses import replace

import pytest

from languages.find import find_language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.glosses import GlossDraft, clean_gloss
from pipeline.checks.rules import GlossRules
from schemas.records import Pos

VI = find_language("vi")

CHECKER = GlossChecker(GlossRules(), VI)


def codes(gloss: str, *lemmas: str, pos: Pos | None = None) -> list[str]:
    result = CHECKER.check(GlossDraft(gloss, lemmas, pos))
    return [] if isinstance(result, str) else [found.code for found in result]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  vật rắn,\u00a0cứng. ", "vật rắn, cứng"),
        ("“vật rắn”", "vật rắn"),
        ('"vật rắn."', "vật rắn"),
        ("“vật” và “rắn”", "“vật” và “rắn”"),
        ("như gỗ, đá...", "như gỗ, đá..."),
        ("vâ\u0323t ră\u0301n", "vật rắn"),
        ("", ""),
        ('"', '"'),
    ],
)
def test_cleaning(raw: str, clean: str) -> None:
    assert clean_gloss(raw) == clean
    assert clean_gloss(clean) == clean


@pytest.mark.parametrize(
    ("gloss", "lemmas", "circular"),
    [
        ("di chuyển nhanh bằng chân theo kiểu chạy bộ", ["chạy"], True),
        ("hoạt động giữ gìn hoà bình giữa các nước", ["hòa bình"], True),
        ("di chuyển nhanh hơn nhiều so với đi bộ thường", ["chạy"], False),
        ("con vật nuôi để giữ nhà, thường hay sủa", ["giữ nhà cửa"], False),
        ("từ dùng nối hai vế có quan hệ và ngang nhau", ["và"], False),
    ],
)
def test_a_lemma_is_found_as_a_word_in_any_tone_placement(
    gloss: str, lemmas: list[str], circular: bool
) -> None:
    assert ("circular" in codes(gloss, *lemmas)) is circular


@pytest.mark.parametrize(
    ("gloss", "pos"),
    [
        ("Danh từ chỉ loài vật nuôi trong nhà để bắt chuột", Pos.NOUN),
        ("Là loài vật nuôi trong nhà để bắt chuột", Pos.NOUN),
        ("Đây là loài vật nuôi trong nhà để bắt chuột", None),
        ("Từ dùng để chỉ loài vật nuôi trong nhà", None),
        ("Thuật ngữ chỉ loài vật nuôi trong nhà bắt chuột", None),
        ("Chỉ hành động di chuyển nhanh bằng hai chân", Pos.VERB),
        ("Hành động di chuyển nhanh bằng hai chân mình", Pos.VERB),
        ("Việc di chuyển nhanh bằng hai chân của mình", Pos.VERB),
        ("Tính chất của vật khó bị vỡ khi va đập", Pos.ADJ),
        ("Mô tả trạng thái vui vẻ trong lòng của ai đó", Pos.ADJ),
        ("Dùng để chỉ mức độ cao hơn hẳn mức bình thường", Pos.ADV),
        ("có nghĩa là di chuyển nhanh bằng hai chân", None),
    ],
)
def test_formula_openings(gloss: str, pos: Pos | None) -> None:
    assert codes(gloss, pos=pos) == ["formula_opening"]


@pytest.mark.parametrize(
    ("gloss", "pos"),
    [
        ("hành động cố ý chống lại người có quyền lực", Pos.NOUN),
        ("việc làm trái với pháp luật của nhà nước", Pos.NOUN),
        ("chỉ có một mình, không có ai khác bên cạnh", Pos.ADJ),
        ("dùng để buộc, thường bện bằng sợi dài và dai", Pos.NOUN),
        ("làm cho phẳng bằng bàn là hoặc vật nặng", Pos.VERB),
        ("làng nhỏ ở vùng núi của người thiểu số", Pos.NOUN),
        ("có tính chất khó bị vỡ khi va đập mạnh", Pos.ADJ),
    ],
)
def test_definitions_that_open_alike_and_are_no_formulas(gloss: str, pos: Pos) -> None:
    assert codes(gloss, pos=pos) == []


@pytest.mark.parametrize(
    ("gloss", "lemma", "pos", "doubts"),
    [
        ("thuốc phiện", "a phiến", Pos.NOUN, {"length": True}),
        ("mèo", "miu", Pos.NOUN, {"length": False}),
        ("một " * 60, "a", Pos.NOUN, {"length": True}),
        ("một " * 61, "a", Pos.NOUN, {"length": False}),
        ("phần ghế để tựa lưng khi ngồi", "lưng", Pos.NOUN, {"circular": True}),
        ("băng đạn", "băng", Pos.NOUN, {"length": True, "circular": True}),
        ("sự nỗ lực", "nỗ lực", Pos.NOUN, {"length": True, "circular": False}),
        ("cái cũng là cái thúng ấy mà", "thúng", Pos.NOUN, {"circular": True}),
        ("trong thực tế, trên thực tế", "thực tế", Pos.NOUN, {"circular": False}),
        ("khoan lỗ sâu trên tường", "khoan", Pos.VERB, {"circular": False}),
        ("dùng khoan tạo lỗ trên tường", "khoan", Pos.VERB, {"circular": True}),
    ],
)
def test_what_people_write_too_is_a_doubt_and_what_tells_nothing_a_fault(
    gloss: str, lemma: str, pos: Pos, doubts: dict[str, bool]
) -> None:
    found = CHECKER.check(GlossDraft(gloss, (lemma,), pos))
    assert not isinstance(found, str)
    assert {each.code: each.doubt for each in found if each.code in doubts} == doubts


@pytest.mark.parametrize("gloss", ["máy khoan tay", "cái máy khoan tay", "Máy Khoan Tay."])
def test_a_siblings_lemma_alone_is_no_definition(gloss: str) -> None:
    draft = GlossDraft(gloss, ("mũi",), Pos.NOUN, ("máy khoan tay",))
    found = CHECKER.check(draft)
    assert not isinstance(found, str)
    assert [each.detail for each in found if each.code == "sibling_lemma"] == [
        "is nothing but 'máy khoan tay', another synset's lemma"
    ]
    longer = replace(draft, gloss="máy khoan tay nhỏ")
    assert CHECKER.check(longer) == "máy khoan tay nhỏ"


def test_an_empty_definition_has_no_other_fault() -> None:
    assert codes(" ... ") == ["empty"]


def test_bounds_are_settings() -> None:
    gloss = "vật rắn"
    assert codes(gloss) == ["length"]
    assert GlossChecker(GlossRules(min_length=2), VI).check(GlossDraft(gloss, ())) == gloss
