"""What the rules for definitions reject of a dictionary's, which people wrote.

    python -m benchmarks.human_glosses DICTIONARY/senses.csv

The file has the columns ``lemma`` and ``gloss``; its senses are nouns. Counted are the definitions
with each fault, and those with another one than being shorter than the bound (bare synonyms,
mostly) or using their own headword, both of which a dictionary may and a released gloss may not.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from languages.find import find_language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.rules import GlossRules
from schemas.markdown import table
from schemas.records import Pos
from schemas.text import units

TARGET = 0.02


def main(path: Path) -> int:
    """Prints the shares; 1 where what people may not do either is more than the target."""
    language = find_language("vi")
    checker = GlossChecker(GlossRules(), language)
    least, _ = language.bounds.gloss_length
    found: Counter[str] = Counter()
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        checked = checker.check(GlossDraft(row["gloss"], (row["lemma"],), Pos.NOUN))
        if isinstance(checked, str):
            continue
        short = len(units(row["gloss"])) < least
        codes = {f.code for f in checked} - ({"length"} if short else set())
        found.update(codes | ({"too short"} if short else set()) | {"any fault"})
        if codes - {"circular"}:
            found["neither short nor circular alone"] += 1
    lines = [[name, str(n), f"{n / len(rows):.1%}"] for name, n in found.most_common()]
    print(f"{len(rows):,} definitions\n{table(['fault', 'definitions', 'share'], lines)}")
    return found["neither short nor circular alone"] > TARGET * len(rows)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
