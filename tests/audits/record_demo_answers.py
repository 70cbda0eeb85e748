"""Records filled-in sheets for the demo; not a test, a developer's command.

    python -m tests.audits.record_demo_answers AUDIT_FOLDER OUT_FOLDER

Fills in the sheet of every annotator of an audit in review mode and saves each as OUT/NAME.csv,
as a spreadsheet program would: one with commas, the next with semicolons, byte order mark and
Windows line ends. The answers are drawn from a digest of annotator and row: most are good, some
rows are bad for everybody, annotators differ now and then, are unsure, leave cells empty, type
without marks, and answer most repeats as before. They are made up, and say nothing about the rows.

The keys in the sheets belong to the sample: whenever the demo release or the demo's [audit]
section changes, draw the sample anew and run this again.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from audits.key import SheetRow, read_key, read_sheet_rows, read_sheets
from audits.questions import questions
from languages.find import find_language
from schemas.ids import content_digest

FLUENT, USAGE, GLOSS = range(3)
GOOD = ("Có", "Nghĩa này", "Giải nghĩa đúng")
UNSURE = ("Không chắc: câu", "KHÔNG CHẮC: NGHĨA", "Không chắc: giải nghĩa")
UNMARKED = {"Có": "co", "Không": "khong", "Nghĩa này": "nghia nay"}

HABITS = (
    {"delimiter": ",", "encoding": "utf-8", "lineterminator": "\n"},
    {"delimiter": ";", "encoding": "utf-8-sig", "lineterminator": "\r\n"},
)


def chance(*parts: str) -> float:
    """A number from 0 to 1 that the parts fix."""
    return int(content_digest(*parts)[:12], 16) / 16**12


def answers(annotator: str, row: SheetRow) -> list[str]:
    """What an annotator types into a row: three answers and a remark."""
    item = row.context_id
    typed, remark = list(GOOD), ""
    if chance("bad", item) < 0.08:
        place = int(3 * chance("how", item))
        typed[place] = ("Không", "Nghĩa khác", "Giải nghĩa sai")[place]
        remark = ("Câu hơi gượng.", "Ở đây là nghĩa khác.", "Không phải nghĩa chung của nhóm.")[
            place
        ]
    elif chance("partly", item) < 0.07:
        typed[GLOSS] = "Đúng một phần"
    mood = chance("mood", annotator, item)
    again = "second" if row.is_repeat and chance("again", annotator, item) < 0.1 else "first"
    if again == "second" or mood < 0.06:
        place = int(3 * chance("where", annotator, item, again))
        typed[place] = {
            "Có": "Không",
            "Không": "Có",
            "Nghĩa này": "Nghĩa khác",
            "Giải nghĩa đúng": "Đúng một phần",
        }.get(typed[place], GOOD[place])
    elif mood < 0.1:
        place = int(3 * chance("where", annotator, item, again))
        typed[place] = UNSURE[place]
        remark = "Phải đọc cả đoạn mới rõ."
    elif mood < 0.12:
        typed[int(3 * chance("where", annotator, item, again))] = ""
    if chance("careless", annotator, row.row_key) < 0.15:
        typed = [UNMARKED.get(text, text) for text in typed]
    return [*typed, remark]


def main(audit: Path, out: Path) -> None:
    """Writes OUT/NAME.csv for every annotator of the audit."""
    key = read_key(audit)
    if key.mode != "review":
        raise SystemExit(f"{audit}: the recorded answers are those of a review, not {key.mode}")
    texts = find_language(key.language).audit
    out.mkdir(parents=True, exist_ok=True)
    sheets = [sheet for sheet in read_sheets(audit) if sheet.kind == "annotator"]
    for place, sheet in enumerate(sheets):
        habit = HABITS[place % len(HABITS)]
        rows = list(read_sheet_rows(audit, sheet))
        header = [texts.columns.key, *sheet.columns]
        header += [question.header(texts) for question in questions(key.mode)]
        with open(out / f"{sheet.name}.csv", "w", encoding=habit["encoding"], newline="") as file:
            table = csv.writer(
                file, delimiter=habit["delimiter"], lineterminator=habit["lineterminator"]
            )
            table.writerow([f"Đã xong {len(rows) - 1} / {len(rows)} dòng", *[""] * len(header)])
            table.writerow([*header, texts.columns.remark])
            table.writerows([row.row_key, *row.cells, *answers(sheet.name, row)] for row in rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
