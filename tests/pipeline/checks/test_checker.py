"""A context is let through with an exact span, or everything wrong with it is said."""

import pickle
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages.find import find_language
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.finding import Finding
from pipeline.checks.marks import Sound, mark
from pipeline.checks.rules import ContextRules

GLOSS = "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng"
VI = find_language("vi")
CHECKER = ContextChecker(["khoan", "khoan dung", "khoan khoái"], ContextRules(), VI)
LENIENT = ContextChecker(
    [],
    ContextRules(
        min_length=1,
        off=("length", "other_language", "several_sentences", "meta_talk", "foreign_script"),
    ),
    VI,
)
PIECES = st.lists(
    st.sampled_from(["[[", "]]", "[", "khoan", "Khoan", "hòa", "hoà", " ", "dung", "á", "a\u0301"])
    | st.text(max_size=3),
    max_size=12,
).map("".join)


def codes(result: Sound | tuple[Finding, ...]) -> list[str]:
    return [] if isinstance(result, Sound) else [found.code for found in result]


def check(marked: str, lemma: str = "khoan") -> Sound | tuple[Finding, ...]:
    return CHECKER.check(ContextDraft(marked, lemma, GLOSS))


@given(marked=PIECES, lemma=st.sampled_from(["khoan", "hòa", "á"]))
def test_whatever_is_let_through_has_its_lemma_as_the_target(marked: str, lemma: str) -> None:
    result = LENIENT.check(ContextDraft(marked, lemma, GLOSS))
    if isinstance(result, Sound):
        assert VI.match_key(result.target) == VI.match_key(lemma)
        assert unicodedata.is_normalized("NFC", result.sentence)
        again = mark(result.sentence, result.start, result.end)
        assert LENIENT.check(ContextDraft(again, lemma, GLOSS)) == result
    else:
        assert result
        assert all(found.reason and found.detail for found in result)


@given(marked=PIECES)
def test_decomposed_replies_give_the_same_result(marked: str) -> None:
    composed = unicodedata.normalize("NFC", marked)
    decomposed = unicodedata.normalize("NFD", marked)
    one = LENIENT.check(ContextDraft(composed, "hòa", GLOSS))
    other = LENIENT.check(ContextDraft(decomposed, "hòa", GLOSS))
    assert codes(one) == codes(other)
    assert one == other or not isinstance(one, Sound)


def test_a_checker_goes_through_pickle() -> None:
    copy = pickle.loads(pickle.dumps(CHECKER))
    draft = ContextDraft("Bà cụ vốn là người [[khoan]] dung, chẳng giận ai.", "khoan", GLOSS)
    assert copy.check(draft) == CHECKER.check(draft) != ()


def test_the_segmenter_is_asked_only_where_the_lexicon_knows_a_longer_word() -> None:
    asked: list[str] = []

    def segment(sentence: str) -> list[str]:
        asked.append(sentence)
        return ["Bà", "vốn", "rất", "khoan dung", "với", "con cháu", "."]

    language = replace(VI, segmentation=replace(VI.segmentation, segment=segment))
    checker = ContextChecker(["khoan dung"], ContextRules(word_list=False), language)
    assert isinstance(
        checker.check(ContextDraft("Người thợ đang [[khoan]] mấy lỗ trên tường.", "khoan", GLOSS)),
        Sound,
    )
    assert asked == []
    result = checker.check(ContextDraft("Bà vốn rất [[khoan]] dung với con cháu.", "khoan", GLOSS))
    assert codes(result) == ["target_in_longer_word"]
    assert len(asked) == 1


def test_the_languages_own_words_join_the_lexicon_unless_they_are_switched_off() -> None:
    draft = ContextDraft("Bà cụ vốn là người [[khoan]] dung, chẳng giận ai.", "khoan", GLOSS)
    assert codes(ContextChecker([], ContextRules(), VI).check(draft)) == ["target_in_longer_word"]
    assert codes(ContextChecker([], ContextRules(word_list=False), VI).check(draft)) == []


@pytest.mark.parametrize(
    ("marked", "lemma", "expected"),
    [
        ("Người thợ đang [[khoan]]g mấy lỗ trên tường.", "khoan", ["target_in_longer_word"]),
        ("Người thợ đang [[Khoan]] mấy lỗ trên tường.", "khoan", []),
        ("Cô [[hòa]] thêm ít đường vào cốc nước chanh.", "hoà", []),
        ("Họ [[đã khoan]] xong cái giếng sau nhà.", "khoan", ["target_altered"]),
        ("Nó khoan tường, rồi lại khoan sàn nhà.", "khoan", ["target_missing"]),
        ("Nó [[ ]] tường, rồi lại khoan sàn nhà.", "khoan", ["target_missing"]),
        ("Nó [[khoan]] tường, rồi lại khoan sàn nhà ]].", "khoan", ["leftover_markup"]),
        ("Nó [[khoan[[ tường]] rồi lại khoan sàn nhà.", "khoan", ["leftover_markup"]),
        ("“Anh [[khoan]] hộ em cái lỗ này với!” – cô nói vọng sang.", "khoan", []),
        ("“Khoan chưa?” “[[Khoan]] xong từ lâu rồi nhé!”", "khoan", ["several_sentences"]),
        ("– Anh đã [[khoan]] xong chưa? – Xong rồi em ạ.", "khoan", ["several_sentences"]),
        ("2. Người thợ đang [[khoan]] mấy lỗ trên tường.", "khoan", ["meta_talk"]),
        ("Báo chí: Công ty đã [[khoan]] xong 12 giếng dầu.", "khoan", ["meta_talk"]),
        ('Từ "[[khoan]]" có nghĩa là tạo lỗ trên tường.', "khoan", ["meta_talk"]),
        ("Từ [[khoan]] tường đến lát sàn, anh đều tự làm lấy.", "khoan", []),
        ("Nguoi tho dang [[khoan]] may lo nho tren tuong.", "khoan", ["other_language"]),
        ('Người thợ đang [[khoan]] mấy lỗ trên tường.",', "khoan", ["leftover_markup"]),
        ("Người thợ đang [[khoan]] mấy lỗ trên tường \ud800.", "khoan", ["control_characters"]),
        ("Loài [[Felis concolor]] sống ở vùng núi Nam Mĩ.", "Felis concolor", []),
    ],
)
def test_cases(marked: str, lemma: str, expected: list[str]) -> None:
    assert codes(check(marked, lemma)) == expected


def test_several_faults_are_all_reported() -> None:
    assert codes(check("Câu 1: **Tường** [[đục]].")) == [
        "leftover_markup",
        "target_altered",
        "length",
        "meta_talk",
    ]


def test_the_reason_names_the_words_in_vietnamese() -> None:
    result = check("Bà cụ vốn là người [[khoan]] dung, chẳng giận ai bao giờ.")
    assert isinstance(result, tuple)
    assert result[0].reason == "[[khoan]] chỉ là một phần của từ “khoan dung”"
