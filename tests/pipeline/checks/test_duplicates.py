"""Sentences of a sense are compared with their targets left open."""

from languages.find import find_language
from pipeline.checks.duplicates import Accepted
from pipeline.checks.marks import Sound, unmark
from pipeline.checks.rules import ContextRules

VI = find_language("vi")

RULES = ContextRules()


def sound(marked: str) -> Sound:
    found = unmark(marked)
    assert found is not None
    return found


def code(marked: str, *accepted: str, rules: ContextRules = RULES) -> str | None:
    found = Accepted(
        VI, rules.near_duplicate, [sound(text) for text in accepted], rules.off
    ).finding(sound(marked))
    return found.code if found else None


WALL = "Người thợ [[khoan]] mấy lỗ nhỏ trên tường."


def test_case_punctuation_and_tone_placement_make_no_new_sentence() -> None:
    assert code("người thợ [[khoan]] mấy lỗ nhỏ trên tường!", WALL) == "duplicate"
    assert code("Họ sống [[hoà]] thuận.", "Họ sống [[hòa]] thuận.") == "duplicate"


def test_a_synonym_in_the_targets_place_makes_no_new_sentence() -> None:
    assert code("Người thợ [[đục]] mấy lỗ nhỏ trên tường.", WALL) == "duplicate"


def test_a_changed_word_or_a_longer_end_is_nearly_equal() -> None:
    assert code("Người thợ [[khoan]] hai lỗ nhỏ trên tường.", WALL) == "near_duplicate"
    assert code("Người thợ [[khoan]] mấy lỗ nhỏ trên tường nhà.", WALL) == "near_duplicate"


def test_another_sentence_is_new() -> None:
    assert code("Đội địa chất [[khoan]] thăm dò ở ngoài khơi.", WALL) is None
    assert code(WALL) is None


def test_the_finding_names_the_most_alike() -> None:
    accepted = [sound("Người thợ [[khoan]] mấy cái giếng ở quê."), sound(WALL)]
    found = Accepted(VI, 0.2, accepted).finding(sound("Người thợ [[khoan]] mấy lỗ to trên tường."))
    assert found is not None
    assert "mấy lỗ nhỏ" in found.reason


def test_rules_can_be_off() -> None:
    rules = ContextRules(off=("near_duplicate",))
    assert code("Người thợ [[khoan]] hai lỗ nhỏ trên tường.", WALL, rules=rules) is None
    assert code(WALL, WALL, rules=rules) == "duplicate"
    assert code(WALL, WALL, rules=ContextRules(off=("duplicate", "near_duplicate"))) is None
