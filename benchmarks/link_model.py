"""What a model adds to links: the same rows by word lists, with its words, with its choices.

    python -m benchmarks.link_model --run FOLDER --wordnet FOLDER --princeton /usr/share/wordnet \
        --dictionary LIST --base-url URL --model NAME [--limit 100]

Takes rows with lemmas kept in English or Latin that name exactly one synset of Princeton WordNet,
drawn by a digest, hides these lemmas (:mod:`benchmarks.link`), and links them three times. Ten rows
share a request for English words; a choice is asked for where no candidate is clear, among five.
Replies are kept in FOLDER: running it again goes on where it was stopped. The command at work says
what is left.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.link import known_rows, only_own, rows_of
from languages.find import find_language
from pipeline.engine.manifest import StageManifest
from pipeline.link.english import EnglishIndex
from pipeline.link.ranks import read_ranks
from pipeline.sources.princeton_file import open_wordnet
from schemas.markdown import table
from schemas.records import Link
from schemas.tables import read_table
from testing.outputs import current_output

WAYS = {
    "word lists": (False, False),
    "and English words": (True, False),
    "and choices": (True, True),
}
"""Whether English words and choices are asked for."""
SURE = 0.7
CONFIG = """\
[source]
kind = "csv"
path = "rows"
prefix = "row"

[llm]
base_url = {base_url}
model = {model}
temperature = 0.0
max_tokens = 400
max_in_flight = {in_flight}
timeout_s = 1800
give_up_after_s = 3600

[link]
wordnet = {princeton}
dictionaries = [{dictionary}]
min_confidence = 0.01
rounds = 1
per_request = 10
max_candidates = 5
equivalents = {equivalents}
choose = {choose}
"""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="links of a real model, beside word lists alone")
    for name in ("run", "wordnet", "princeton", "dictionary"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--in-flight", type=int, default=1)
    told = parser.parse_args()
    english = EnglishIndex(open_wordnet(told.princeton), read_ranks(told.princeton))
    truth = write_rows(told.run / "rows", told.wordnet, english, told.limit)
    program = Path(sys.executable).with_name("viconwsd")
    lines = []
    for way, (equivalents, choose) in WAYS.items():
        config = CONFIG.format(
            base_url=json.dumps(told.base_url),
            model=json.dumps(told.model),
            in_flight=told.in_flight,
            princeton=json.dumps(str(told.princeton.resolve())),
            dictionary=json.dumps(str(told.dictionary.resolve())),
            equivalents=json.dumps(equivalents),
            choose=json.dumps(choose),
        )
        (told.run / "run.toml").write_text(config, encoding="utf-8")
        start = time.monotonic()
        command = [str(program), "run", "-c", str(told.run / "run.toml"), "--until", "link"]
        subprocess.run(command, check=False)
        output = current_output(told.run, "link")
        links = list(read_table(output.table("links"), Link))
        lines.append(_line(way, links, truth, english, output.manifest, time.monotonic() - start))
    header = ("", "links", "right", f"at {SURE} or more", "right", "requests", "tokens", "s now")
    print(f"{len(truth)} rows\n{table(header, lines)}")


def write_rows(folder: Path, wordnet: Path, english: EnglishIndex, limit: int) -> dict[str, int]:
    """Writes so many rows without their telling lemmas; the number of each one's counterpart."""
    rows = rows_of(wordnet, english, find_language("vi"))
    known = known_rows(rows, english)
    hidden = [only_own(row, english) for row in rows if row.synset_id in known]
    drawn = [row for row in hidden if row.lemmas]
    drawn.sort(key=lambda row: hashlib.sha256(row.synset_id.encode()).digest())
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    truth = {}
    for number, row in enumerate(drawn[:limit], start=1):
        truth[f"row-{number}"] = known[row.synset_id]
        path = folder / f"{row.supersense}.csv"
        with path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([number, *row.lemmas])
    return truth


def _line(
    way: str,
    links: list[Link],
    truth: dict[str, int],
    english: EnglishIndex,
    manifest: StageManifest,
    seconds: float,
) -> tuple[object, ...]:
    right = {
        link.synset_id
        for link in links
        if english.number[str(link.princeton)] == truth[link.synset_id]
    }
    sure = [link.synset_id for link in links if link.link_confidence >= SURE]
    usage = manifest.usage
    tokens = f"{usage.prompt_tokens:,} in, {usage.completion_tokens:,} out"
    n_right = len(right.intersection(sure))
    return way, len(links), len(right), len(sure), n_right, usage.requests, tokens, round(seconds)


if __name__ == "__main__":
    main()
