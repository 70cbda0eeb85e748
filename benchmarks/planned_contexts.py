"""What planned variety brings on a real model, and what it costs: the same senses asked both ways.

    python -m benchmarks.planned_contexts --run FOLDER --base-url URL --model NAME [--senses 60]

Takes synsets of the demo with their hand-written definitions, drawn by a digest, writes them as a
WN-LMF file, and asks for contexts twice with the same seed: ``old`` with ``slots = false``, no cap
on words and one temperature, ``new`` with the defaults. Running it again goes on where it was
stopped. Prints what was received and accepted, the measures of ``viconwsd diversity``, and tokens.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import quoteattr

from languages.find import find_language
from pipeline.checks.marks import unmark
from pipeline.engine.folder import RunFolder
from pipeline.variety.held import held
from pipeline.variety.measures import n_units, sampled, variety
from pipeline.variety.sentences import of_tables
from schemas.records import Context, Reject
from schemas.tables import read_table
from testing.outputs import only_output

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
POS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
WAYS = {
    "old": 'slots = false\ntemperature_step = 0.0\nrules.off = ["overused_word"]',
    "new": "",
}
CONFIG = """\
[source]
kind = "lmf"
path = "../synsets.xml"

[llm]
base_url = "{base_url}"
model = "{model}"
temperature = 0.8
seed = 7
max_tokens = {max_tokens}
extra_body = {{ repeat_penalty = 1.15 }}  # small models repeat themselves without end
max_in_flight = {in_flight}
timeout_s = 1800
give_up_after_s = 3600

[glosses]
source = "keep"

[contexts]
rounds = {rounds}
per_sense = {per_sense}
per_request = {per_sense}
{way}
"""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="contexts of a real model, with slots and without")
    parser.add_argument("--run", type=Path, required=True, help="folder, made if missing")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--senses", type=int, default=60)
    parser.add_argument("--per-sense", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--in-flight", type=int, default=1)
    parser.add_argument("--measured-per-sense", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    given = parser.parse_args()
    given.run.mkdir(parents=True, exist_ok=True)
    (given.run / "synsets.xml").write_text(lexicon(given.senses), encoding="utf-8")
    program = Path(sys.executable).with_name("viconwsd")
    for way in given.ways:
        folder = given.run / way
        folder.mkdir(exist_ok=True)
        config = CONFIG.format(
            base_url=given.base_url,
            model=given.model,
            max_tokens=90 * given.per_sense,
            in_flight=given.in_flight,
            rounds=given.rounds,
            per_sense=given.per_sense,
            way=WAYS[way],
        )
        (folder / "run.toml").write_text(config, encoding="utf-8")
        command = [str(program), "run", "-c", str(folder / "run.toml"), "--until", "contexts"]
        subprocess.run(command, check=False)
    report({way: given.run / way for way in given.ways}, given.measured_per_sense)


def report(folders: dict[str, Path], per_sense: int) -> None:
    """Prints, way by way, what came and what it cost; variety over equally many units."""
    language = find_language("vi")
    kept, all_ = {}, {}
    for way, folder in folders.items():
        manifest = only_output(folder, "contexts")
        tables = RunFolder(folder).stage("contexts", manifest.fingerprint)
        kept[way] = of_tables([tables / "contexts.parquet"], Context)
        rejects = [r for r in read_table(tables / "rejects.parquet", Reject) if r.provenance]
        accepted, repeated = len(kept[way].slots), Counter(r.code for r in rejects)
        received = accepted + len(rejects)
        alike = repeated["duplicate"] + repeated["near_duplicate"]
        usage = manifest.usage
        print(
            f"{way}: {received} received, {accepted} accepted ({accepted / received:.1%}), "
            f"{alike} repeat another ({alike / received:.1%}); {usage.requests} requests, tokens "
            f"per accepted context {usage.prompt_tokens / accepted:.0f} in, "
            f"{usage.completion_tokens / accepted:.0f} out"
        )
        print(f"  rejected: {dict(repeated.most_common())}")
        for kind, count in held(kept[way].slots, language).items():
            print(f"  {kind} as asked in {count.held} of {count.asked}")
        all_[way] = {sense: list(sounds) for sense, sounds in kept[way].by_sense.items()}
        for row in rejects:
            if (sound := unmark(row.text)) is not None:
                all_[way].setdefault(row.item_id, []).append(sound)
    for name, found in (("accepted", {w: s.by_sense for w, s in kept.items()}), ("all", all_)):
        whole = [sampled(by_sense, per_sense, language) for by_sense in found.values()]
        most = min(sum(n_units(each, language) for each in sample.values()) for sample in whole)
        for way, by_sense in found.items():
            print(
                f"{name}, {way}: {variety(sampled(by_sense, per_sense, language, most), language)}"
            )


def lexicon(n_synsets: int) -> str:
    """A WN-LMF file of so many of the demo's synsets, each with its first lemma and its gloss."""
    glosses = _glosses()
    rows = [
        (path.stem, row[0], row[1])
        for path in sorted((DEMO / "lexicon").glob("*.csv"))
        for row in csv.reader(path.open(encoding="utf-8", newline=""))
        if row[0] in glosses
    ]
    rows.sort(key=lambda row: hashlib.sha256(row[1].encode()).digest())
    entries, synsets = [], []
    for lexfile, number, lemma in rows[:n_synsets]:
        pos = POS[lexfile.partition(".")[0]]
        entries.append(
            f'<LexicalEntry id="d-e{number}"><Lemma writtenForm={quoteattr(lemma)} '
            f'partOfSpeech="{pos}"/><Sense id="d-s{number}" synset="d-{number}"/></LexicalEntry>'
        )
        synsets.append(
            f'<Synset id="d-{number}" ili="" partOfSpeech="{pos}" lexfile="{lexfile}">'
            f"<Definition>{glosses[number]}</Definition></Synset>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.0.dtd">\n'
        '<LexicalResource xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        '<Lexicon id="d" label="demo" language="vi" email="none" license="Apache-2.0" '
        'version="1">\n' + "\n".join([*entries, *synsets]) + "\n</Lexicon>\n</LexicalResource>\n"
    )


def _glosses() -> dict[str, str]:
    """The last recorded definition of each synset of the demo, by its number."""
    found = {}
    lines = (DEMO / "replies" / "glosses.jsonl").read_text(encoding="utf-8").splitlines()
    for reply in sorted(map(json.loads, lines), key=lambda reply: reply["round"]):
        synsets = reply["item"].split("+")
        for number, gloss in re.findall(r'"number": (\d+), "gloss": "([^"\\]+)"', reply["text"]):
            found[synsets[int(number) - 1].removeprefix("demo-")] = gloss
    return found


if __name__ == "__main__":
    main()
