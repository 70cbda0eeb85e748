"""A small hand-written lexicon, audits drawn from it, and annotators that fill sheets in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from audits.create import create_audit
from audits.key import (
    DrawnRelease,
    Sheet,
    SheetRow,
    read_audit_items,
    read_key,
    read_sheet_rows,
    read_sheets,
)
from audits.questions import questions
from audits.reports.standing import RowsNow
from audits.sampling.candidates import AuditCandidate, KnownSense
from audits.sampling.draw import FIRST
from audits.sampling.earlier import EarlierRounds
from audits.settings import AuditSettings
from languages.find import find_language
from schemas.ids import context_id
from schemas.records import Pos

VI = find_language("vi")
TEXTS = VI.audit
COLUMNS = TEXTS.columns

SENSES = (
    ("viwn-1", "khoan", Pos.VERB, "dùng mũi nhọn xoay tròn để tạo lỗ sâu vào vật cứng"),
    ("viwn-2", "khoan", Pos.VERB, "hãy chờ, đừng vội làm"),
    ("viwn-3", "khoan", Pos.NOUN, "dụng cụ có mũi xoay để tạo lỗ"),
    ("viwn-4", "trâu", Pos.NOUN, "động vật nhai lại, sừng rỗng và cong, dùng để kéo cày"),
    ("viwn-5", "hoà", Pos.VERB, "làm cho tan đều trong chất lỏng"),
    ("viwn-6", "hòa", Pos.ADJ, "không bên nào thắng bên nào"),
    ("viwn-7", "nghễnh ngãng", Pos.ADJ, "nghe không rõ vì tai kém"),
    ("viwn-8", "đậu", Pos.VERB, "đạt yêu cầu trong kỳ thi"),
)

SYNONYMS = {"viwn-8": ("đỗ", "trúng tuyển"), "viwn-7": ("lãng tai",)}

FRAMES = (
    "Hôm qua họ có nhắc tới {} trong câu chuyện thứ {}.",
    "=Bà cụ hỏi về {}, lần thứ {}.",
    "{} là điều người ta bàn tán suốt {} ngày liền.",
    "-  Ai cũng bảo “{}”; riêng tôi thì {} lần không tin.",
)


def senses() -> list[KnownSense]:
    """The inventory: every sense and the other lemmas of its synset."""
    known = [KnownSense(f"{s}#{le.replace(' ', '_')}", s, le, pos, g) for s, le, pos, g in SENSES]
    for synset, _lemma, pos, gloss in SENSES:
        known += [
            KnownSense(f"{synset}#{other.replace(' ', '_')}", synset, other, pos, gloss)
            for other in SYNONYMS.get(synset, ())
        ]
    return known


def candidates(per_sense: int = 10) -> list[AuditCandidate]:
    """Contexts of every sense; rounds 1 and 2, two prompt versions, the last sense misjudged."""
    made = []
    for place, (synset, lemma, pos, gloss) in enumerate(SENSES):
        sense = f"{synset}#{lemma.replace(' ', '_')}"
        siblings = [s for s in SENSES if s[1] in (lemma, {"hoà": "hòa", "hòa": "hoà"}.get(lemma))]
        for number in range(per_sense):
            frame = FRAMES[number % len(FRAMES)]
            sentence = frame.format(lemma, number + 1)
            start = sentence.index(lemma)
            made.append(
                AuditCandidate(
                    context_id=context_id(sense, sentence, start, start + len(lemma)),
                    sense_id=sense,
                    synset_id=synset,
                    lemma=lemma,
                    pos=pos,
                    gloss=gloss,
                    sentence=sentence,
                    target_start=start,
                    target_end=start + len(lemma),
                    n_siblings=len(siblings) - 1,
                    n_siblings_same_pos=sum(s[2] == pos for s in siblings) - 1,
                    judged="disagree" if place == len(SENSES) - 1 else "agree",
                    model="mô-hình-bí-mật",
                    prompt_version=f"context-v{1 + number % 2}",
                    round=1 + number % 2,
                )
            )
    return made


def draw_audit(
    folder: Path,
    per_sense: int = 10,
    rows: Iterable[AuditCandidate] | None = None,
    release: str | None = None,
    rounds: EarlierRounds = FIRST,
    workbooks: bool = True,
    **settings: Any,
) -> Path:
    """Draws an audit of the lexicon, or of other rows, into ``folder``."""
    given: dict[str, Any] = {"size": 40, "annotators": ("lan", "minh"), "overlap": 0.5}
    drawn_from = DrawnRelease(name="mẫu", version="1", digest=release) if release else None
    create_audit(
        folder,
        candidates(per_sense) if rows is None else rows,
        senses(),
        AuditSettings(**(given | settings)),
        VI,
        release=drawn_from,
        rounds=rounds,
        workbooks=workbooks,
    )
    return folder


def the_release(rows: Iterable[AuditCandidate], digest: str = "d1") -> RowsNow:
    """A release of these rows."""
    glosses = {row.context_id: row.gloss for row in rows}
    return RowsNow(DrawnRelease(name="mẫu", version="1", digest=digest), glosses)


def sheet(folder: Path, name: str) -> Sheet:
    """A sheet of the audit by name."""
    return next(sheet for sheet in read_sheets(folder) if sheet.name == name)


def rows(folder: Path, name: str) -> list[SheetRow]:
    """The rows of a sheet."""
    return list(read_sheet_rows(folder, sheet(folder, name)))


Answer = Callable[[SheetRow], tuple[str, ...]]
"""What is typed into the answer columns of a row; a last one more is the remark."""


def table(folder: Path, name: str, answer: Answer) -> list[list[str]]:
    """The header and the filled-in rows of a sheet, as a program would save them."""
    asked = questions(read_key(folder).mode)
    columns = sheet(folder, name).columns
    header = [COLUMNS.key, *columns, *(q.header(TEXTS) for q in asked), COLUMNS.remark]
    made = [header]
    for row in rows(folder, name):
        typed = [*answer(row), *[""] * (len(asked) + 1)][: len(asked) + 1]
        made.append([row.row_key, *row.cells, *typed])
    return made


def write_csv(
    path: Path,
    content: Iterable[list[str]],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
    line_end: str = "\n",
) -> Path:
    """Saves a table as a program with such habits would."""
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator=line_end).writerows(content)
    return path


def filled(folder: Path, name: str, answer: Answer, path: Path | None = None) -> Path:
    """A filled-in sheet as .csv."""
    return write_csv(path or folder / f"{name}.csv", table(folder, name, answer))


def all_good(row: SheetRow) -> tuple[str, ...]:
    """Answers every question of a review well."""
    return ("Có", "Nghĩa này", "Giải nghĩa đúng")


def right_sense(folder: Path) -> Answer:
    """Answers the blind question with the intended sense."""
    items = read_audit_items(folder)
    return lambda row: (items[row.context_id].intended,)
