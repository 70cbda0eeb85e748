"""Rules on human-written sentences: hardly any good sentence is lost."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks.checker import ContextChecker, GlossChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.marks import Sound, mark
from pipeline.checks.rules import ContextRules, GlossRules
from schemas.records import Pos
from schemas.text import units

DATA = os.environ.get("VICONWSD_DATA")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(DATA is None, reason="VICONWSD_DATA does not name the data folder"),
]


def rows(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_dictionary_examples_pass() -> None:
    folder = Path(DATA or "")
    lexicon = [
        lemma
        for path in sorted((folder / "vietnamese-wordnet").glob("*.csv"))
        for row in rows(path)
        for lemma in row[1:]
    ]
    checker = ContextChecker(lexicon, ContextRules(), find_language("vi"))
    examples = [
        ContextDraft(mark(sentence, int(start), int(end)), lemma, "")
        for _, lemma, sentence, start, end in rows(folder / "dictionary" / "contexts.csv")[1:]
        if len(sentence.split()) >= 6
    ]
    found: Counter[str] = Counter()
    for result in map(checker.check, examples):
        if not isinstance(result, Sound):
            found.update(finding.code for finding in result)
    assert len(examples) > 4000
    assert found["target_missing"] == found["target_altered"] == found["meta_talk"] == 0
    assert found["target_in_longer_word"] < 0.02 * len(examples)
    assert found["other_language"] < 0.002 * len(examples)


def test_of_a_dictionarys_definitions_hardly_any_is_lost_but_for_length_and_circularity() -> None:
    """Bare synonyms and definitions by the headword itself are no glosses, whoever wrote them."""
    language = find_language("vi")
    checker = GlossChecker(GlossRules(), language)
    drafts = [
        GlossDraft(gloss, (lemma,), Pos.NOUN)
        for _, lemma, gloss in rows(Path(DATA or "") / "dictionary" / "senses.csv")[1:]
        if len(units(gloss)) >= language.bounds.gloss_length[0]
    ]
    results = [checker.check(draft) for draft in drafts]
    codes = [{f.code for f in found} for found in results if not isinstance(found, str)]
    assert len(drafts) > 9000
    assert sum(bool(found - {"circular"}) for found in codes) < 0.022 * len(drafts)
    assert sum("circular" in found for found in codes) < 0.06 * len(drafts)
