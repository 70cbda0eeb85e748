"""What a page holds beside its code: rows, questions, training items and texts, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from audits.key import AuditKey, Sheet
from audits.page.shown import PageRow, page_digest
from audits.questions import Question, questions
from audits.settings import SECONDS_PER_ROW, minutes
from languages.audit import AuditMode, AuditTexts, WorkedExample
from languages.language import Language

TRAINING_ITEMS = 5
"""The first of the language's worked examples; they never count."""

_NUMBERED = re.compile(r"^\d+\. ", re.MULTILINE)
_UNSAFE = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def page_content(key: AuditKey, sheet: Sheet, rows: list[PageRow], language: Language) -> str:
    """The content as JSON that nothing in it can end: no ``<``, ``>`` or ``&`` stands in it."""
    texts, asked = language.audit, questions(key.mode)
    shown = [row.digest(key.audit_id, sheet.name) for row in rows]
    content = {
        "audit": key.audit_id,
        "sheet": sheet.name,
        "mode": key.mode,
        "digest": page_digest(key, sheet.name, shown),
        "secondsPerRow": SECONDS_PER_ROW[key.mode],
        "minutes": minutes(len(rows), key.mode),
        "title": texts.guide.titles["annotator"],
        "headers": list(sheet.columns),
        "answersHeading": texts.guide.answers_heading,
        "questions": [_question(question, texts) for question in asked],
        "texts": asdict(language.audit_page),
        "training": list(_training(key.mode, asked, texts)),
        "rows": [[row.row_key, row.sentence, row.cells, row.choices] for row in rows],
    }
    return in_html(json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def in_html(text: str) -> str:
    """JSON as it may stand in a block of an HTML file, and means the same."""
    return text.translate(_UNSAFE)


def _question(question: Question, texts: AuditTexts) -> dict[str, Any]:
    told = texts.questions[question.code]
    return {
        "code": question.code,
        "header": told.header,
        "answers": list(question.labels(texts).items()),
        "explained": told.explained,
        "reasons": {
            answer: [(code, told.reasons[code]) for code in codes]
            for answer, codes in question.reasons.items()
        },
    }


def _training(
    mode: AuditMode, asked: tuple[Question, ...], texts: AuditTexts
) -> Iterator[dict[str, Any]]:
    for example in texts.guide.examples[mode][:TRAINING_ITEMS]:
        yield {
            "row": ["", _sentence(example), *_shown(mode, example)],
            "answers": {
                question.code: question.read(answer, 9, texts)
                for question, answer in zip(asked, example.answers, strict=True)
            },
            "why": example.why,
        }


def _sentence(example: WorkedExample) -> tuple[str, str, str]:
    before, _, rest = example.sentence.partition("[[")
    target, _, after = rest.partition("]]")
    return before, target, after


def _shown(mode: AuditMode, example: WorkedExample) -> tuple[list[str], list[str]]:
    """The cells of a worked example, which has no part of speech, and the senses of a blind one."""
    target = _sentence(example)[1].lower()
    if mode == "blind":
        [senses] = example.shown
        return [target], [_NUMBERED.sub("", line) for line in senses.split("\n")]
    if mode == "pairs":
        return [target, *example.shown], []
    gloss, lemmas = example.shown
    return [target, "", gloss, lemmas], []
