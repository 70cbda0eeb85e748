"""Files as a page saves them, made without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from audits.key import read_key
from audits.page.shown import page_rows
from audits.questions import questions
from schemas.ids import content_digest
from tests.audits.world import TEXTS, Answer, rows, sheet

AT = "2026-03-01T10:00:00.500Z"


def short(*parts: str) -> str:
    """The digest that stands in a page's file."""
    return content_digest(*parts)[:16]


def page_file(folder: Path, name: str, answer: Answer, at: str = AT) -> dict[str, Any]:
    """The content of the file in which the rows with answers are answered as in a sheet."""
    key = read_key(folder)
    asked = questions(key.mode)
    drawn = page_rows(folder, sheet(folder, name))
    shown = [
        short(key.audit_id, name, row.row_key, *row.sentence, *row.cells, *row.choices)
        for row in drawn
    ]
    page = short(key.audit_id, name, key.mode, *shown)
    saved, numbers = [], []
    for number, (row, digest) in enumerate(zip(rows(folder, name), shown, strict=True), start=1):
        *typed, remark = [*answer(row), *[""] * (len(asked) + 1)][: len(asked) + 1]
        pairs = zip(asked, typed, strict=True)
        given = {q.code: q.read(text, row.n_choices, TEXTS) for q, text in pairs if text}
        reasons = {
            q.code: q.reasons[given[q.code]][0] for q in asked if given.get(q.code) in q.reasons
        }
        if given or remark:
            numbers.append(number)
            saved.append(
                {
                    "row": row.row_key,
                    "shown": digest,
                    "answers": given,
                    "reasons": reasons,
                    "remark": remark,
                    "ms": 12_345,
                    "at": at,
                    "check": "",
                }
            )
    made = {
        "kind": "viconwsd audit answers",
        "format": 1,
        "audit": key.audit_id,
        "sheet": name,
        "page": page,
        "saved_at": at,
        "numbers": numbers,
        "digest": "",
        "rows": saved,
    }
    return signed(made, [question.code for question in asked])


def signed(made: dict[str, Any], asked: list[str]) -> dict[str, Any]:
    """The content with the digests that fit it, as only a page or a forger makes them."""
    for row in made["rows"]:
        given = [part.get(code, "") for code in asked for part in (row["answers"], row["reasons"])]
        row["check"] = short(
            made["page"], row["row"], row["shown"], row["at"], str(row["ms"]), row["remark"], *given
        )
    numbers = ",".join(map(str, made["numbers"]))
    head = (made["audit"], made["sheet"], made["page"], made["saved_at"], numbers)
    made["digest"] = short(*head, *(row["check"] for row in made["rows"]))
    return made


def write_saved(path: Path, made: object) -> Path:
    """The content as a file."""
    path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return path
