"""Rules on human-written sentences: hardly any good sentence is lost."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks.checker import ContextChecker, GlossChecker
from pipeline.checks.contexts import ContextDraft
from pipeline.checks.finding import only_doubts
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.marks import Sound, mark
from pipeline.checks.rules import ContextRules, GlossRules
from schemas.records import Pos

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


def test_of_a_dictionarys_definitions_at_most_two_in_a_hundred_are_rejected() -> None:
    checker = GlossChecker(GlossRules(), find_language("vi"))
    drafts = [
        GlossDraft(gloss, (lemma,), Pos.NOUN)
        for _, lemma, gloss in rows(Path(DATA or "") / "dictionary" / "senses.csv")[1:]
    ]
    results = [checker.check(draft) for draft in drafts]
    rejected = [found for found in results if not isinstance(found, str) and not only_doubts(found)]
    assert len(drafts) > 10_000
    assert 0 < len(rejected) <= 0.02 * len(drafts)
