"""Select, split and release over a synthetic data set: seconds and peak memory of each.

    python benchmarks/bench_release.py [--contexts 1000000] [--data FOLDER_OF_WORDNET_CSVS]

Sentences are drawn from a Zipf-like vocabulary, with a share of near-duplicates; the lexicon is
either synthetic or, with --data, the CSV folder's. Each part runs in a process of its own, so
that its peak memory is its own. Wall time, CPU time (start-up included) and
peak memory are printed, then what was dropped, the parts and the leakage report.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import random
import resource
import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from languages.find import find_language
from pipeline.engine.progress import Progress
from pipeline.panel.ballots import verdict
from pipeline.release.leakage import leakage_report
from pipeline.release.manifest import SourceInfo
from pipeline.release.settings import ReleaseSettings
from pipeline.release.write import write_release
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from pipeline.split.settings import SplitSettings
from pipeline.split.split import split_contexts
from schemas import ids
from schemas.records import Context, Gloss, Pos, Provenance, Reject, Sense, Synset, Verdict, Vote
from schemas.tables import TableWriter, write_table
from schemas.text import normalise

VOCABULARY = 7000
PER_SENSE = 10
NEAR_DUPLICATES = 0.03
DISAGREEMENTS = 0.05


def said(key: str) -> Provenance:
    return Provenance(
        request_key=key, prompt_id="bench", prompt_version="1", model="bench", sample=0, round=1
    )


def synthetic_synsets(n_senses: int) -> Iterator[tuple[str, Pos, list[str]]]:
    """Synsets of 1 to 5 lemmas; a lemma's number of synsets has a long tail, as in WordNet."""
    rng = random.Random(1)
    made = number = 0
    fresh = 0
    while made < n_senses:
        lemmas = []
        for _ in range(rng.randint(1, 5)):
            if fresh and rng.random() < 0.35:
                lemmas.append(f"từ {int(fresh * rng.random() ** 3)}")
            else:
                lemmas.append(f"từ {fresh}")
                fresh += 1
        lemmas = list(dict.fromkeys(lemmas))
        yield str(number), rng.choices(list(Pos), [53, 29, 16, 1.5, 0.5])[0], lemmas
        made += len(lemmas)
        number += 1


def wordnet_synsets(folder: Path) -> Iterator[tuple[str, Pos, list[str]]]:
    for path in sorted(folder.glob("*.csv")):
        name = path.stem.partition(".")[0]
        pos = Pos(name) if name in {"noun", "verb", "adj", "adv"} else Pos.OTHER
        with open(path, encoding="utf-8", newline="") as file:
            for number, *lemmas in csv.reader(file):
                yield (
                    number,
                    pos,
                    list({find_language("vi").match_key(x): normalise(x) for x in lemmas}.values()),
                )


def write_lexicon(folder: Path, found: list[tuple[str, Pos, list[str]]]) -> list[Sense]:
    uses: defaultdict[str, list[Pos]] = defaultdict(list)
    for _, pos, lemmas in found:
        for lemma in lemmas:
            uses[find_language("vi").match_key(lemma)].append(pos)
    senses = sorted(
        (
            Sense(
                sense_id=ids.sense_id(f"b-{number}", lemma),
                synset_id=f"b-{number}",
                lemma=lemma,
                pos=pos,
                n_siblings=len(uses[find_language("vi").match_key(lemma)]) - 1,
                n_siblings_same_pos=uses[find_language("vi").match_key(lemma)].count(pos) - 1,
            )
            for number, pos, lemmas in found
            for lemma in lemmas
        ),
        key=lambda sense: sense.sense_id,
    )
    write_table(folder / "senses.parquet", Sense, senses)
    ordered = sorted(found, key=lambda synset: f"b-{synset[0]}")
    write_table(
        folder / "synsets.parquet",
        Synset,
        (
            Synset(synset_id=f"b-{n}", pos=pos, supersense=f"{pos}.all", lemmas=tuple(lemmas))
            for n, pos, lemmas in ordered
        ),
    )
    write_table(
        folder / "glosses.parquet",
        Gloss,
        (
            Gloss(synset_id=f"b-{n}", gloss=f"định nghĩa số {n} của bài đo", provenance=said(n))
            for n, _, _ in ordered
        ),
    )
    return senses


def write_contexts(folder: Path, senses: list[Sense], n_contexts: int) -> None:
    rng = np.random.default_rng(2)
    weights = 1 / np.arange(1, VOCABULARY + 1)
    words = np.array([f"âm{number}" for number in range(VOCABULARY)])
    with (
        TableWriter(folder / "contexts.parquet", Context) as contexts,
        TableWriter(folder / "verdicts.parquet", Verdict) as verdicts,
    ):
        left = n_contexts
        for sense in senses:
            if left <= 0:
                return
            for row in _contexts(sense, min(PER_SENSE, left), rng, words, weights / weights.sum()):
                contexts.append(row)
                wrong = rng.random() < DISAGREEMENTS
                vote = Vote(judge="judge", sense_id=None if wrong else sense.sense_id)
                verdicts.append(verdict(row.context_id, sense.sense_id, [vote], ids.synset_of))
            left -= PER_SENSE


def _contexts(
    sense: Sense, count: int, rng: np.random.Generator, words: np.ndarray, weights: np.ndarray
) -> list[Context]:
    rows = []
    drawn = words[rng.choice(VOCABULARY, size=count * 24, p=weights)].reshape(count, 24)
    for number in range(count):
        length, place = int(rng.integers(9, 24)), int(rng.integers(2, 7))
        if number and rng.random() < NEAR_DUPLICATES:
            drawn[number] = drawn[number - 1]
            drawn[number][8] = "khác"
        before, after = " ".join(drawn[number][:place]), " ".join(drawn[number][place:length])
        sentence = f"{before.capitalize()} {sense.lemma} {after}."
        start, end = len(before) + 1, len(before) + 1 + len(sense.lemma)
        rows.append(
            Context(
                context_id=ids.context_id(sense.sense_id, sentence, start, end),
                sense_id=sense.sense_id,
                sentence=sentence,
                target_start=start,
                target_end=end,
                provenance=said(sense.sense_id),
            )
        )
    return sorted({row.context_id: row for row in rows}.values(), key=lambda row: row.context_id)


def select(folder: Path) -> object:
    n_rejects = 0

    def count(_: Reject) -> None:
        nonlocal n_rejects
        n_rejects += 1

    counts = select_contexts(
        language=find_language("vi"),
        contexts=folder / "contexts.parquet",
        senses=folder / "senses.parquet",
        glosses=folder / "glosses.parquet",
        verdicts=folder / "verdicts.parquet",
        unjudged=None,
        audit_outcomes=None,
        settings=SelectSettings(),
        output=folder / "selected.parquet",
        on_reject=count,
        progress=Progress(),
    )
    return {name: value for name, value in counts.items() if value} | {"rejects": n_rejects}


def split(folder: Path) -> object:
    return split_contexts(
        language=find_language("vi"),
        selected=folder / "selected.parquet",
        senses=folder / "senses.parquet",
        settings=SplitSettings(),
        output=folder / "splits.parquet",
        on_reject=lambda _: None,
        progress=Progress(),
    )


def release(folder: Path) -> object:
    manifest = write_release(
        folder=folder / "release",
        synsets=folder / "synsets.parquet",
        senses=folder / "senses.parquet",
        glosses=folder / "glosses.parquet",
        selected=folder / "selected.parquet",
        splits=folder / "splits.parquet",
        settings=ReleaseSettings(name="bench"),
        language=find_language("vi"),
        stages=(),
        source=SourceInfo(name="bench", licence="CC0-1.0"),
        recorded=True,
    )
    megabytes = sum(file.bytes for file in manifest.tables) / 1e6
    shares = {
        part.split.value: {
            str(kind): round(count / max(1, part.rows), 3)
            for kind, count in [*part.by_polysemy.items(), *part.by_pos.items()]
        }
        for part in manifest.splits
    }
    return {"files": len(manifest.tables), "MB": round(megabytes, 1), "shares": shares}


def leakage(folder: Path) -> object:
    report = leakage_report(folder / "release", find_language("vi"), 0.6)
    return {"clean": report.clean, "checks": len(report.overlaps)}


PARTS = (select, split, release, leakage)


def measured(part: str, folder: Path, answers: multiprocessing.Queue) -> None:  # type: ignore[type-arg]
    function = {f.__name__: f for f in PARTS}[part]
    began = time.perf_counter()
    said_by_part = function(folder)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    usage = resource.getrusage(resource.RUSAGE_SELF)
    answers.put((seconds, usage.ru_utime + usage.ru_stime, peak, said_by_part))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contexts", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="a folder of WordNet CSV files")
    parser.add_argument(
        "--keep", type=Path, help="work in this folder and leave it; its contexts are used again"
    )
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="viconwsd-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    found = (
        list(wordnet_synsets(options.data))
        if options.data
        else list(synthetic_synsets(options.contexts // PER_SENSE))
    )
    if not (folder / "contexts.parquet").exists():
        write_contexts(folder, write_lexicon(folder, found), options.contexts)
    context = multiprocessing.get_context("spawn")
    for part in PARTS:
        answers = context.Queue()
        process = context.Process(target=measured, args=(part.__name__, folder, answers))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(f"{part.__name__} failed")
        seconds, cpu, peak, said_by_part = answers.get()
        print(
            f"{part.__name__:8} {seconds:6.1f} s, CPU {cpu:6.1f} s, peak {peak:4.0f} MB", flush=True
        )
        print(f"         {said_by_part}", flush=True)
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
