"""What the rules for definitions reject of a dictionary's, which people wrote.

    python -m benchmarks.human_glosses DICTIONARY/senses.csv

The file has the columns ``lemma`` and ``gloss``; its senses are nouns. A definition in which
there are only doubts is not rejected: a source's own stays, a model's is asked for anew first, and
stands where nothing better comes.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from languages.find import find_language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.finding import only_doubts
from pipeline.checks.glosses import GlossDraft
from pipeline.checks.rules import GlossRules
from schemas.markdown import table
from schemas.records import Pos

TARGET = 0.02


def main(path: Path) -> int:
    """Prints the shares; 1 where more are rejected than the target."""
    checker = GlossChecker(GlossRules(), find_language("vi"))
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: Counter[str] = Counter()
    for row in rows:
        checked = checker.check(GlossDraft(row["gloss"], (row["lemma"],), Pos.NOUN))
        if isinstance(checked, str):
            continue
        found.update(f"{'doubt' if each.doubt else 'fault'}: {each.code}" for each in checked)
        found["only doubts" if only_doubts(checked) else "rejected"] += 1
    lines = [[name, f"{n:,}", f"{n / len(rows):.2%}"] for name, n in found.most_common()]
    print(f"{len(rows):,} definitions\n{table(['found', 'definitions', 'share'], lines)}")
    return found["rejected"] > TARGET * len(rows)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
