"""A real model on real senses: what it gets right, what the checks catch, what a context costs.

    python -m benchmarks.real_model --wordnet FOLDER --run FOLDER --base-url URL --model NAME

Takes polysemous lemmas of a WordNet in CSV, drawn by a digest of their names, with all their
synsets; each synset keeps the drawn lemmas only (``--lemmas-per-synset`` more of its own, to
compare ``--together``). Runs the stages up to ``judge`` and prints what `viconwsd status` says.
Running it again goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from languages.find import find_language
from pipeline.checks.checker import GlossChecker
from pipeline.checks.equality import equal_glosses
from pipeline.checks.rules import GlossRules
from pipeline.engine.folder import RunFolder
from pipeline.engine.manifest import StageManifest
from pipeline.stages.synset_index import SynsetIndex
from schemas.records import Gloss
from schemas.tables import read_table
from testing.outputs import only_output

CONFIG = """\
[source]
kind = "csv"
path = "lexicon"

[llm]
base_url = "{base_url}"
model = "{model}"
temperature = 0.8
max_tokens = {max_tokens}
extra_body = {{ repeat_penalty = 1.15 }}  # small models repeat themselves without end
max_in_flight = {in_flight}
timeout_s = 900
give_up_after_s = 1800

[glosses]
rounds = {rounds}
temperature = 0.3
max_tokens = 200

[glosses.rules]
off = [{off}]

[contexts]
rounds = {rounds}
per_sense = {per_sense}
lemmas_per_request = {together}

[judge]
temperature = 0.0
max_tokens = 300
"""

LENIENT = ("length", "circular", "formula_opening", "meta_talk", "equal_gloss", "near_equal_gloss")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="a real model on real polysemous senses")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder of CSV files with ids")
    parser.add_argument("--run", type=Path, required=True, help="run folder, made if missing")
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--lemmas", type=int, default=30)
    parser.add_argument("--lemmas-per-synset", type=int, default=1)
    parser.add_argument("--together", type=int, default=1, help="lemmas that share a request")
    parser.add_argument("--per-sense", type=int, default=5)
    parser.add_argument(
        "--lenient-glosses",
        action="store_true",
        help="let poor glosses pass, so that every sense is asked for contexts",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=2)
    given = parser.parse_args()
    given.run.mkdir(parents=True, exist_ok=True)
    lexicon = given.run / "lexicon"
    if not lexicon.exists():
        write_lexicon(given.wordnet, lexicon, given.lemmas, given.lemmas_per_synset)
    config = CONFIG.format(
        base_url=given.base_url,
        model=given.model,
        per_sense=given.per_sense,
        together=given.together,
        in_flight=given.in_flight,
        max_tokens=90 * given.per_sense * given.together,
        rounds=given.rounds,
        off=", ".join(f'"{code}"' for code in LENIENT) if given.lenient_glosses else "",
    )
    (given.run / "run.toml").write_text(config, encoding="utf-8")
    program = Path(sys.executable).with_name("viconwsd")
    for command in (["run", "--until", "judge"], ["status"]):
        subprocess.run([str(program), *command, "-c", str(given.run / "run.toml")], check=False)
    folder = RunFolder(given.run)
    _by_default_rules(folder)
    _per_context(only_output(folder.path, "contexts"))


def write_lexicon(wordnet: Path, folder: Path, n_lemmas: int, per_synset: int) -> None:
    """The drawn lemmas with all their synsets, in files named as the WordNet's."""
    rows = {
        (path.name, row[0]): row[1:]
        for path in sorted(wordnet.glob("*.csv"))
        for row in csv.reader(path.open(encoding="utf-8", newline=""))
    }
    synsets = defaultdict(set)
    for key, lemmas in rows.items():
        for lemma in lemmas:
            synsets[lemma].add(key)
    several = [lemma for lemma, keys in synsets.items() if 2 <= len(keys) <= 3]
    drawn = sorted(several, key=lambda lemma: hashlib.sha256(lemma.encode()).digest())[:n_lemmas]
    folder.mkdir(parents=True)
    chosen = sorted({key for lemma in drawn for key in synsets[lemma]})
    for name, synset in chosen:
        kept = [lemma for lemma in rows[name, synset] if lemma in drawn]
        kept += [lemma for lemma in rows[name, synset] if lemma not in drawn][: per_synset - 1]
        with (folder / name).open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([synset, *kept])


def _by_default_rules(folder: RunFolder) -> None:
    """What of the kept glosses the default rules would have let through, had they been on."""
    language = find_language("vi")
    inventory = SynsetIndex(_table(folder, "synsets", "synsets"), language)
    rules, passed = GlossRules(), {}
    checker = GlossChecker(rules, language)
    rejected: Counter[str] = Counter()
    for row in read_table(_table(folder, "glosses", "glosses"), Gloss):
        checked = checker.check(inventory.draft(row.synset_id, row.gloss))
        if not isinstance(checked, str):
            rejected[checked[0].code] += 1
        else:
            passed[row.synset_id] = row.gloss
    repeats = equal_glosses(passed, language, rules, inventory.sibling_groups())
    rejected.update(finding.code for finding in repeats.values())
    print(f"glosses by the default rules: {len(passed) - len(repeats)} pass, {dict(rejected)}")


def _table(folder: RunFolder, stage: str, name: str) -> Path:
    manifest = only_output(folder.path, stage)
    return folder.stage(stage, manifest.fingerprint) / f"{name}.parquet"


def _per_context(manifest: StageManifest) -> None:
    accepted = manifest.counts["contexts"]
    usage = manifest.usage
    if accepted:
        print(
            f"per accepted context: {usage.prompt_tokens / accepted:.0f} tokens in, "
            f"{usage.completion_tokens / accepted:.0f} out"
        )


if __name__ == "__main__":
    main()
