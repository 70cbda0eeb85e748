"""What every language's folder must hold: each test runs for each language."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from languages.examples import RuleExample
from languages.find import find_language, known_languages
from languages.language import Language
from pipeline.checks import contexts, cues, glosses
from pipeline.checks.checker import ContextChecker, GlossChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.cues import Cues
from pipeline.checks.duplicates import Accepted
from pipeline.checks.equality import equal_glosses
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.marks import Sound, unmark
from pipeline.checks.rules import ContextRules, GlossRules
from pipeline.checks.wording import formula
from pipeline.sources.clean import clean
from pipeline.sources.interface import SourceSynset
from pipeline.sources.rules import NoiseCode
from pipeline.sources.settings import NoiseSettings
from pipeline.sources.supersenses import SUPERSENSES
from prompts import catalogue
from prompts.render import parse_judge_prompt, render
from prompts.replies import ReplyModel, described
from prompts.tasks import (
    ContextsGroupTask,
    ContextsTask,
    CounterpartTask,
    EquivalentsTask,
    GlossesTask,
    JudgeTask,
    NamedSynset,
    OtherSynset,
    SynsetToDefine,
    Task,
    VerifyTask,
    WantedWord,
)
from schemas.records import Pos, Reject
from schemas.text import normalise
from testing.prompt_kinds import REPLIES, TASKS

LANGUAGES = [find_language(code) for code in known_languages()]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "languages.md"

every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.code)


def rules_of(family: str) -> list[object]:
    """(language, code, its example) of every rule of every language."""
    return [
        pytest.param(language, code, example, id=f"{language.code}-{code}")
        for language in LANGUAGES
        for code, example in getattr(language.examples, family).items()
    ]


def gloss_codes(language: Language, gloss: str) -> list[str]:
    """What is wrong with a definition of the lemma of the examples."""
    texts = language.examples
    draft = GlossDraft(gloss, (texts.lemma,), texts.pos, texts.siblings)
    found = GlossChecker(GlossRules(), language).check(draft)
    return [] if isinstance(found, str) else [each.code for each in found]


def context_codes(language: Language, marked: str) -> list[str]:
    """What is wrong with a sentence for the lemma of the examples."""
    texts = language.examples
    checker = ContextChecker(texts.words, ContextRules(word_list=False), language)
    found = checker.check(ContextDraft(marked, texts.lemma, texts.gloss, texts.pos))
    return [] if isinstance(found, Sound) else [each.code for each in found]


def sound(marked: str) -> Sound:
    found = unmark(marked)
    assert found is not None
    return found


@every_language
def test_names_are_given(language: Language) -> None:
    assert language.names.english.strip()
    assert language.names.own.strip()
    assert len(language.names.code_3) == 3
    assert language.names.of(language.code) != language.code
    assert language.names.of("en") != "en"


@every_language
def test_the_alphabet_is_of_composed_small_letters_and_folding_keeps_length(
    language: Language,
) -> None:
    for letter in language.spelling.letters:
        assert letter.isalpha()
        assert letter == letter.lower() == normalise(letter)
        assert len(language.match_key(letter.upper())) == 1
    for text in (language.examples.lemma, language.examples.gloss):
        assert language.spelling.foreign_letters(text) == ""
        assert len(language.match_key(text)) == len(text)
        assert language.match_key(language.match_key(text)) == language.match_key(text)


@every_language
def test_the_segmenter_loses_no_letter(language: Language) -> None:
    text = sound(language.examples.context).sentence
    words = language.segmentation.segment(text)
    assert len(words) > 1
    assert "".join("".join(words).split()) == "".join(text.split())


@every_language
def test_grammar_names_every_part_of_speech_and_supersense(language: Language) -> None:
    assert all(language.grammar.pos_name(pos) for pos in Pos)
    assert set(language.grammar.supersenses) == set(SUPERSENSES)
    assert [name for name, text in language.grammar.supersenses.items() if not text] in (
        [],
        ["noun.tops"],
    )


@every_language
def test_words_for_a_kind_are_of_nouns_and_no_formulas(language: Language) -> None:
    """What the prompt offers as an opening, the checks let pass."""
    genera = language.grammar.genera
    assert {"noun.act", "noun.state", "noun.attribute", "noun.feeling"} <= set(genera)
    assert all(name.startswith("noun.") for name in genera)
    assert set(genera) <= set(SUPERSENSES) - {"noun.tops"}
    for text in genera.values():
        for opening in text.split(", "):
            assert formula(f"{opening} xyz", Pos.NOUN, language) is None, opening


@every_language
def test_a_lemma_is_a_form_of_itself(language: Language) -> None:
    key = language.match_key(language.examples.lemma)
    assert language.grammar.is_form(key, key, None)
    assert not language.grammar.is_form(f"{key} {key}", key, None)


@every_language
def test_bounds_go_up(language: Language) -> None:
    for least, most in (language.bounds.gloss_length, language.bounds.context_length):
        assert 1 <= least < most
    assert 0 <= language.bounds.min_telling <= language.bounds.min_well_formed <= 1


@every_language
def test_every_finding_has_a_line_and_every_line_a_rule(language: Language) -> None:
    assert set(language.findings.of_gloss) == set(GlossRules.codes)
    assert set(language.findings.of_context) == set(ContextRules.codes)
    assert "{text}" in language.findings.quoted
    assert "{reason}" in language.findings.quoted


@every_language
def test_every_rule_has_an_example(language: Language) -> None:
    assert set(language.examples.of_gloss) == set(GlossRules.codes)
    assert set(language.examples.of_context) == set(ContextRules.codes)
    assert set(language.examples.of_lemma) <= {code.value for code in NoiseCode}


@every_language
def test_the_texts_around_which_the_examples_stand_are_sound(language: Language) -> None:
    assert gloss_codes(language, language.examples.gloss) == []
    assert context_codes(language, language.examples.context) == []


@pytest.mark.parametrize(("language", "code", "example"), rules_of("of_gloss"))
def test_the_examples_of_definitions(language: Language, code: str, example: RuleExample) -> None:
    passing = language.examples.gloss if example.passing is None else example.passing
    if code in glosses.MESSAGES:
        assert gloss_codes(language, passing) == []
        assert gloss_codes(language, example.failing) == [code]
        return
    first = language.examples.gloss
    for gloss, codes in ((passing, []), (example.failing, [code])):
        found = equal_glosses({"1": first, "2": gloss}, language, GlossRules(), [("1", "2")])
        assert [each.code for each in found.values()] == codes


@pytest.mark.parametrize(("language", "code", "example"), rules_of("of_context"))
def test_the_examples_of_contexts(language: Language, code: str, example: RuleExample) -> None:
    passing = language.examples.context if example.passing is None else example.passing
    if code in contexts.MESSAGES:
        assert context_codes(language, passing) == []
        assert context_codes(language, example.failing) == [code]
        return
    if code in cues.MESSAGES:
        shared = Cues(language, language.examples.gloss, ContextRules().max_word_share, on=True)
        for _ in range(2):
            shared.add(sound(language.examples.context))
        assert shared.finding(sound(passing), 2) is None
        said = shared.finding(sound(example.failing), 2)
        assert said is not None
        assert said.code == code
        return
    accepted = Accepted(language, ContextRules().near_duplicate, [sound(language.examples.context)])
    assert accepted.finding(sound(passing)) is None
    found = accepted.finding(sound(example.failing))
    assert found is not None
    assert found.code == code


@every_language
def test_the_lines_of_findings_are_filled_in(language: Language) -> None:
    """A line with a place that its rule does not fill would raise here."""
    for code, example in language.examples.of_context.items():
        if code in contexts.MESSAGES:
            rules = ContextRules(word_list=False)
            checker = ContextChecker(language.examples.words, rules, language)
            lemma, gloss = language.examples.lemma, language.examples.gloss
            pos = language.examples.pos
            found = checker.check(ContextDraft(example.failing, lemma, gloss, pos))
            assert not isinstance(found, Sound)
            assert "{" not in found[0].reason
            assert found[0].reason


@every_language
def test_every_noise_rule_has_an_example_or_is_said_not_to_apply(language: Language) -> None:
    missing = {code.value for code in NoiseCode} - set(language.examples.of_lemma)
    assert missing <= {"foreign_phrase", "foreign_letter"}


@pytest.mark.parametrize(("language", "code", "example"), rules_of("of_lemma"))
def test_the_examples_of_lemmas(language: Language, code: str, example: object) -> None:
    def codes(synsets: tuple[tuple[str, ...], ...]) -> list[str]:
        rejects: list[Reject] = []
        source = [
            SourceSynset(f"x-{number}", Pos.NOUN, "noun.artifact", lemmas)
            for number, lemmas in enumerate(synsets)
        ]
        clean(source, NoiseSettings(), language, rejects.append)
        return [reject.code for reject in rejects]

    texts = language.examples.of_lemma[code]
    assert codes(texts.passing) == []
    assert code in codes(texts.failing)
    follows = {code, NoiseCode.NO_LEMMA_LEFT, NoiseCode.NO_LETTER, NoiseCode.STRAY_PUNCTUATION}
    assert set(codes(texts.failing)) <= follows


def tasks(language: Language) -> Iterator[tuple[str, Task]]:
    """A task of every kind, with all its fields filled."""
    texts = language.examples
    other = OtherSynset(2, (texts.lemma,), Pos.NOUN, "noun.artifact", texts.gloss)
    wanted = SynsetToDefine(
        number=1,
        lemmas=(texts.lemma,),
        pos=texts.pos,
        supersense="verb.contact",
        source_gloss=texts.gloss,
        source_language=language.code,
        hypernyms=(texts.lemma,),
        source_examples=(texts.gloss,),
        problems=(texts.gloss,),
    )
    yield "glosses", GlossesTask(texts.lemma, (wanted,), (other,))
    named = NamedSynset((texts.lemma, texts.gloss), texts.pos, "verb.contact")
    yield "equivalents", EquivalentsTask((named,))
    yield "counterpart", CounterpartTask(named, (texts.gloss,))
    yield "verify", VerifyTask(texts.gloss, (other,))
    known = (texts.gloss,)
    yield (
        "contexts",
        ContextsTask(texts.lemma, texts.pos, "verb.contact", texts.gloss, known, 2, known, known),
    )
    words = (WantedWord(texts.lemma, 2, known, known, known),)
    yield "contexts_group", ContextsGroupTask(words, texts.pos, "verb.contact", texts.gloss)
    yield "judge", JudgeTask(texts.lemma, (texts.context,), known)


@every_language
def test_a_definition_to_be_rewritten_is_announced_as_one(language: Language) -> None:
    prompt = catalogue.load("glosses", language, GlossesTask)
    hint = SynsetToDefine(1, ("drill",), Pos.NOUN, "", source_gloss="a tool", source_language="en")
    shown = render(prompt, GlossesTask("", (hint,))).user
    rewritten = render(prompt, GlossesTask("", (replace(hint, rewrite=True),))).user
    assert shown != rewritten
    assert all("a tool" in text for text in (shown, rewritten))


@every_language
def test_every_prompt_renders_and_shows_what_it_is_given(language: Language) -> None:
    for name, task in tasks(language):
        messages = render(catalogue.load(name, language, TASKS[name]), task)
        assert len(messages.system) > 200
        assert language.examples.gloss in messages.user
        assert language.examples.lemma in messages.user


@every_language
def test_every_version_of_every_template_uses_only_the_fields_of_its_task(
    language: Language,
) -> None:
    names = catalogue.names(language)
    assert {name.partition(".")[0] for name in names} == set(TASKS)
    for name in names:
        prompt = catalogue.load(name, language, TASKS[name.partition(".")[0]])
        assert f"{prompt.id}.{prompt.version}" == name


@every_language
def test_the_judges_prompt_reads_back(language: Language) -> None:
    candidates = (language.examples.gloss, "1 = x")
    task = JudgeTask("x", (language.examples.context,), candidates)
    messages = render(catalogue.load("judge", language), task)
    assert parse_judge_prompt(messages.user) == ((language.examples.context,), candidates)


@every_language
def test_the_examples_in_the_prompts_pass_the_checks(language: Language) -> None:
    """A prompt that shows what its own check rejects would teach a model to fail."""
    from pipeline.stages.context_intake import example_sentences

    checker = ContextChecker([], ContextRules(word_list=False), language)
    for name in ("contexts", "contexts_group"):
        shown = example_sentences(catalogue.load(name, language).text)
        assert shown
        for each in shown:
            marked = f"{each.sentence[: each.start]}[[{each.target}]]{each.sentence[each.end :]}"
            assert checker.check(ContextDraft(marked, each.target, "")) == each


@every_language
@pytest.mark.parametrize("reply", REPLIES)
def test_every_field_of_a_reply_is_described(language: Language, reply: type[ReplyModel]) -> None:
    said = described(reply, language.prompts.reply_fields)
    for field in said.model_fields.values():
        assert field.description
    assert said.__name__ == reply.__name__
    assert issubclass(said, reply)


def test_the_page_has_a_section_for_every_part() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for part in LANGUAGES[0].__dataclass_fields__:
        assert part == "code" or f"## `{part}" in text, part


@every_language
def test_classifiers_are_match_keys_of_one_word(language: Language) -> None:
    for word in language.linking.classifiers:
        assert word == language.match_key(word)
        assert " " not in word
