"""A target inside a longer word is found where lexicon and segmenter agree, and only there."""

import subprocess
import sys

import pytest

from languages.find import find_language
from pipeline.checks.words import LONGEST_ENTRY, WordLexicon, longer_word

VI = find_language("vi")

LEXICON = WordLexicon(
    ["khoan dung", "hoà bình", "học sinh", "sinh học", "hợp tác xã", "phòng thí nghiệm", "bê-tông"],
    VI.spelling,
)


def covering(text: str, target: str) -> list[str]:
    start = text.index(target)
    spans = LEXICON.covering(text, start, start + len(target))
    return [text[left:right] for left, right in spans]


@pytest.mark.parametrize(
    ("text", "target", "found"),
    [
        ("rất khoan dung với bạn", "khoan", ["khoan dung"]),
        ("rất Khoan Dung với bạn", "Khoan", ["Khoan Dung"]),
        ("rất khoan-dung với bạn", "khoan", ["khoan-dung"]),
        ("rất khoan, dung thì không", "khoan", []),
        ("rất khoan  dung", "khoan", []),
        ("yêu hòa bình lắm", "bình", ["hòa bình"]),
        ("học sinh học bài", "sinh", ["học sinh", "sinh học"]),
        ("học sinh học bài", "học sinh", []),
        ("tường bê tông", "bê", ["bê tông"]),
        ("khoan", "khoan", []),
        ("(khoan dung)", "khoan", ["khoan dung"]),
        ("vào hợp tác, xã nào", "hợp", []),
        ("xã, hợp tác xã", "tác", ["hợp tác xã"]),
        ("trong phòng thí nghiệm", "nghiệm", ["phòng thí nghiệm"]),
        ("trong phòng thí nghiệm", "thí nghiệm", ["phòng thí nghiệm"]),
    ],
)
def test_entries_that_cover_a_target(text: str, target: str, found: list[str]) -> None:
    assert covering(text, target) == found


def longer(text: str, target: str, words: list[str]) -> str | None:
    start = text.index(target)
    return longer_word(text, start, start + len(target), LEXICON, lambda _: words)


def test_both_must_agree() -> None:
    text = "rất khoan dung"
    assert longer(text, "khoan", ["rất", "khoan dung"]) == "khoan dung"
    assert longer(text, "khoan", ["rất", "khoan", "dung"]) is None
    assert longer("rất khoan thai", "khoan", ["rất", "khoan thai"]) is None


def test_a_target_that_the_segmenter_splits_or_runs_across_is_fine() -> None:
    assert longer("các học sinh giỏi", "học sinh", ["các", "học", "sinh", "giỏi"]) is None
    assert longer("học sinh học", "sinh học", ["học sinh", "học"]) is None


def test_a_target_of_several_syllables_is_a_part_only_before_one_more_syllable() -> None:
    assert longer("vào hợp tác xã", "hợp tác", ["vào", "hợp tác xã"]) == "hợp tác xã"
    assert longer("phòng thí nghiệm", "thí nghiệm", ["phòng thí nghiệm"]) is None


def test_words_that_do_not_add_up_to_the_text_are_not_believed() -> None:
    assert longer("rất khoan dung", "khoan", ["khoan dung"]) is None


def test_entries_of_one_syllable_and_phrases_are_left_out() -> None:
    assert (
        len(WordLexicon(["khoan", "", "...", " ".join("a" * (LONGEST_ENTRY + 1))], VI.spelling))
        == 0
    )
    assert len(WordLexicon(["hoà bình", "hòa bình", "Hòa  bình"], VI.spelling)) == 1


def test_underthesea_agrees_about_khoan_dung_and_leaves_khoan_tuong_apart() -> None:
    lexicon = WordLexicon([*VI.segmentation.word_list(), "khoan tường"], VI.spelling)
    text = "Anh ấy là người rất khoan dung với bạn bè."
    start = text.index("khoan")
    assert longer_word(text, start, start + 5, lexicon, VI.segmentation.segment) == "khoan dung"
    text = "Anh thợ đang khoan tường nhà hàng xóm."
    start = text.index("khoan")
    assert longer_word(text, start, start + 5, lexicon, VI.segmentation.segment) is None


def test_underthesea_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys; from pipeline.checks.checker import ContextChecker; "
        "from pipeline.checks.rules import ContextRules; "
        "from languages.find import find_language; "
        "ContextChecker(['khoan dung'], ContextRules(), find_language('vi')); "
        "sys.exit('underthesea' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_segmenting_does_not_import_torch() -> None:
    code = (
        "import sys; from languages.vi.segmentation import segment; "
        "assert segment('rất khoan dung') == ['rất', 'khoan dung']; "
        "import underthesea.pipeline; "
        "sys.exit('torch' in sys.modules or None in sys.modules.values())"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
