"""Rules have codes of their own, messages that are documented, and switches."""

from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks import contexts, cues, duplicates, equality, glosses, texts
from pipeline.checks.checker import ContextChecker, GlossChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.marks import Sound
from pipeline.checks.rules import CheckRules, ContextRules, GlossRules
from schemas.errors import UsageError

VI = find_language("vi")
DOCS = Path(__file__).parents[3] / "docs" / "checks.md"


def test_a_rule_for_any_text_is_written_once() -> None:
    shared = {
        name for name in vars(texts) if name in contexts.MESSAGES and name in glosses.MESSAGES
    }
    assert shared == set(contexts.MESSAGES) & set(glosses.MESSAGES)


@pytest.mark.parametrize(
    ("rules", "parts"),
    [(GlossRules, (glosses, equality)), (ContextRules, (contexts, duplicates, cues))],
)
def test_no_two_rules_of_a_family_share_a_code(
    rules: type[CheckRules], parts: tuple[object, ...]
) -> None:
    codes = [code for part in parts for code in part.MESSAGES]  # type: ignore[attr-defined]
    assert list(rules.codes) == codes


def test_every_code_is_documented_with_its_message() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for code, message in [*GlossRules.codes.items(), *ContextRules.codes.items()]:
        assert f"| `{code}` | {message} |" in text


@pytest.mark.parametrize("code", contexts.MESSAGES)
def test_a_rule_can_be_switched_off_unless_spans_depend_on_it(code: str) -> None:
    if code in contexts.ALWAYS_ON:
        with pytest.raises(ValueError, match="cannot be off"):
            ContextRules(off=(code,))
        return
    checker = ContextChecker(["khoan dung"], ContextRules(off=(code,)), VI)
    draft = ContextDraft(VI.examples.of_context[code].failing, VI.examples.lemma, VI.examples.gloss)
    assert isinstance(checker.check(draft), Sound)


@pytest.mark.parametrize("code", glosses.MESSAGES)
def test_a_gloss_rule_can_be_switched_off_unless_rows_depend_on_it(code: str) -> None:
    if code in glosses.ALWAYS_ON:
        with pytest.raises(ValueError, match="cannot be off"):
            GlossRules(off=(code,))
        return
    failing, siblings = VI.examples.of_gloss[code].failing, VI.examples.siblings
    draft = GlossDraft(failing, ("khoan",), VI.examples.pos, siblings)
    assert isinstance(GlossChecker(GlossRules(off=(code,)), VI).check(draft), str)


@pytest.mark.parametrize("settings", [ContextRules, GlossRules])
def test_settings_refuse_unknown_codes_and_crossed_bounds(settings: type[CheckRules]) -> None:
    with pytest.raises(ValueError, match="no rule has the code 'lenght'"):
        settings(off=("lenght",))
    with pytest.raises(ValueError, match="'not_vietnamese' is called 'other_language' now"):
        settings(off=("not_vietnamese",))
    with pytest.raises(UsageError, match="min_length 9 is above max_length 8"):
        settings(min_length=9, max_length=8).limits(VI)
    with pytest.raises(UsageError, match="min_length 99 is above max_length"):
        settings(min_length=99).limits(VI)


def test_bounds_that_are_not_set_are_the_languages_own() -> None:
    assert GlossRules(max_length=35).limits(VI) == texts.Limits(4, 35, 0.6, 0.15)
    assert ContextRules(min_telling=0).limits(VI) == texts.Limits(6, 60, 0.6, 0)


def test_full_stops_of_the_target_end_no_sentence() -> None:
    def codes(marked: str, gloss: str) -> list[str]:
        checker = ContextChecker([], ContextRules(word_list=False), VI)
        found = checker.check(ContextDraft(marked, "B. B. King", gloss))
        return [] if isinstance(found, Sound) else [each.code for each in found]

    assert codes("Tối qua cả nhà nghe đĩa nhạc của [[B. B. King]] đến tận khuya.", "ca sĩ") == []
    more = "Bố mê [[B. B. King]]. Mẹ thì lại thích nhạc cổ điển."
    assert "several_sentences" in codes(more, "")
