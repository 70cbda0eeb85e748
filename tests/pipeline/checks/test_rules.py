"""Each rule has a code of its own, one example that passes and one that fails."""

import ast
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

from pipeline.checks import contexts, duplicates, equality, glosses, texts
from pipeline.checks.checker import ContextChecker
from pipeline.checks.contexts import ContextDraft, ContextRules
from pipeline.checks.finding import Finding, Rule
from pipeline.checks.glosses import GlossDraft, GlossRules, check_gloss
from pipeline.checks.marks import Sound

DOCS = Path(__file__).parents[3] / "docs" / "checks.md"
CHECKER = ContextChecker(["khoan", "khoan dung", "bê tông"], ContextRules())


def findings_of(module: Any) -> set[object]:
    """The codes that the source of a module gives its findings."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    return {
        ast.literal_eval(call.args[0])
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Finding"
    }


def context_codes(draft: ContextDraft) -> list[str]:
    result = CHECKER.check(draft)
    return [] if isinstance(result, Sound) else [found.code for found in result]


def gloss_codes(draft: GlossDraft) -> list[str]:
    return [f.code for f in check_gloss(draft.gloss, draft.lemmas, GlossRules(), draft.pos)]


@pytest.mark.parametrize("rule", contexts.RULES, ids=lambda rule: rule.code)
def test_the_examples_of_a_context_rule(rule: Rule[Any, ContextDraft]) -> None:
    assert context_codes(rule.passing) == []
    assert context_codes(rule.failing) == [rule.code]


@pytest.mark.parametrize("rule", glosses.RULES, ids=lambda rule: rule.code)
def test_the_examples_of_a_gloss_rule(rule: Rule[Any, GlossDraft]) -> None:
    assert gloss_codes(rule.passing) == []
    assert gloss_codes(rule.failing) == [rule.code]


@pytest.mark.parametrize(
    "rule", [*duplicates.RULES, *equality.RULES], ids=lambda rule: str(rule.code)
)
def test_the_examples_of_a_comparing_rule(rule: Rule[Any, Any]) -> None:
    assert rule.check(rule.passing) is None
    found = rule.check(rule.failing)
    assert isinstance(found, Finding)
    assert found.code == rule.code


@pytest.mark.parametrize(
    ("module", "shared"), [(contexts, texts), (glosses, texts), (duplicates, None)]
)
def test_the_codes_of_the_findings_and_of_the_examples_are_the_same_set(
    module: Any, shared: Any
) -> None:
    found = findings_of(module) | (findings_of(shared) if shared else set())
    assert found == {rule.code for rule in module.RULES}


@pytest.mark.parametrize("family", [contexts, glosses])
def test_a_rule_for_any_text_is_named_by_its_code_and_written_once(family: Any) -> None:
    shared = findings_of(texts)
    assert {name for name, value in vars(texts).items() if isfunction(value)} == shared
    assert not shared & findings_of(family)


@pytest.mark.parametrize(
    ("codes", "rules"),
    [
        (contexts.codes(), [*contexts.RULES, *duplicates.RULES]),
        (glosses.codes(), [*glosses.RULES, *equality.RULES]),
    ],
)
def test_no_two_rules_of_a_family_share_a_code(
    codes: tuple[str, ...], rules: list[Rule[Any, Any]]
) -> None:
    assert list(codes) == [rule.code for rule in rules]
    assert len(set(codes)) == len(codes)


def test_every_code_is_documented_with_its_message() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for module in (contexts, glosses, duplicates, equality):
        for rule in module.RULES:
            assert f"| `{rule.code}` | {rule.message} |" in text


@pytest.mark.parametrize("code", contexts.codes())
def test_a_rule_can_be_switched_off_unless_spans_depend_on_it(code: str) -> None:
    if code in contexts.ALWAYS_ON:
        with pytest.raises(ValueError, match="cannot be off"):
            ContextRules(off=(code,))
        return
    checker = ContextChecker(["khoan dung"], ContextRules(off=(code,)))
    for rule in contexts.RULES:
        if rule.code == code:
            assert isinstance(checker.check(rule.failing), Sound)


@pytest.mark.parametrize("code", glosses.codes())
def test_a_gloss_rule_can_be_switched_off_unless_rows_depend_on_it(code: str) -> None:
    if code in glosses.ALWAYS_ON:
        with pytest.raises(ValueError, match="cannot be off"):
            GlossRules(off=(code,))
        return
    rules = GlossRules(off=(code,))
    for rule in glosses.RULES:
        if rule.code == code:
            draft = rule.failing
            assert check_gloss(draft.gloss, draft.lemmas, rules, draft.pos) == ()


@pytest.mark.parametrize("settings", [ContextRules, GlossRules])
def test_settings_refuse_unknown_codes_and_crossed_bounds(
    settings: type[ContextRules] | type[GlossRules],
) -> None:
    with pytest.raises(ValueError, match="no rule has the code 'lenght'"):
        settings(off=("lenght",))
    with pytest.raises(ValueError, match="min_syllables 9 is above max_syllables 8"):
        settings(min_syllables=9, max_syllables=8)


def test_full_stops_of_the_target_end_no_sentence() -> None:
    draft = ContextDraft(
        "Tối qua cả nhà nghe đĩa nhạc của [[B. B. King]] đến tận khuya.", "B. B. King", "ca sĩ"
    )
    assert "several_sentences" not in context_codes(draft)
    more = ContextDraft("Bố mê [[B. B. King]]. Mẹ thì lại thích nhạc cổ điển.", "B. B. King", "")
    assert "several_sentences" in context_codes(more)
