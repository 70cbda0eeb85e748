"""Select, split, release and what publishing checks, over a synthetic data set.

    python -m benchmarks.bench_release [--contexts 1000000] [--data FOLDER_OF_WORDNET_CSVS]

Sentences are drawn from a Zipf-like vocabulary, with a share of near-duplicates; the lexicon is
either synthetic or, with --data, the CSV folder's. Each part runs in a process of its own. Wall
time, CPU time (start-up included) and peak memory are printed, then what was dropped, the parts,
the leakage report, and the seconds of the card, of the checks with hashes and scan as
`viconwsd publish` makes them, and of its plan. Wanted of these, for 1,000,000 rows: 60 s, and
500 MB beyond the writing of the release.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.apart import apart
from languages.find import find_language
from pipeline.card.render import write_card
from pipeline.engine.progress import Progress
from pipeline.panel.ballots import verdict
from pipeline.publish.plan import upload_plan
from pipeline.publish.release import check_release
from pipeline.publish.scan import Needles
from pipeline.release.leakage import leakage_report
from pipeline.release.manifest import SourceInfo
from pipeline.release.settings import ReleaseSettings
from pipeline.release.write import write_release
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from pipeline.sources.build import build_synsets
from pipeline.sources.settings import NoiseSettings, SourceSettings
from pipeline.sources.siblings import senses_of
from pipeline.split.settings import SplitSettings
from pipeline.split.split import split_contexts
from schemas import ids
from schemas.records import Context, Gloss, Link, Pos, Provenance, Sense, Synset, Verdict, Vote
from schemas.tables import TableWriter, read_table, write_table

VI = find_language("vi")
VOCABULARY = 7000
PER_SENSE = 10
NEAR_DUPLICATES = 0.03
DISAGREEMENTS = 0.05


def said(key: str) -> Provenance:
    return Provenance(
        request_key=key, prompt_id="bench", prompt_version="1", model="bench", sample=0, round=1
    )


def synthetic_synsets(n_senses: int) -> Iterator[Synset]:
    """Synsets of 1 to 5 lemmas; a lemma's number of synsets has a long tail, as in WordNet."""
    rng = random.Random(1)
    made = number = fresh = 0
    while made < n_senses:
        lemmas = []
        for _ in range(rng.randint(1, 5)):
            if fresh and rng.random() < 0.35:
                lemmas.append(f"từ {int(fresh * rng.random() ** 3)}")
            else:
                lemmas.append(f"từ {fresh}")
                fresh += 1
        lemmas = list(dict.fromkeys(lemmas))
        pos = rng.choices(list(Pos), [53, 29, 16, 1.5, 0.5])[0]
        yield Synset(synset_id=f"b-{number}", pos=pos, supersense=f"{pos}.all", lemmas=lemmas)
        made += len(lemmas)
        number += 1


def write_lexicon(folder: Path, data: Path | None, n_senses: int) -> list[Sense]:
    synsets, senses = folder / "synsets.parquet", folder / "senses.parquet"
    if data is None:
        made = sorted(synthetic_synsets(n_senses), key=lambda synset: synset.synset_id)
        write_table(synsets, Synset, made)
        write_table(senses, Sense, senses_of(made, VI))
    else:
        build_synsets(
            SourceSettings(kind="csv", path=data),
            NoiseSettings(),
            VI,
            synsets_path=synsets,
            senses_path=senses,
            on_reject=lambda _: None,
        )
    glosses = (
        Gloss(synset_id=n, gloss=f"định nghĩa số {n} của bài đo", provenance=said(n))
        for n in (synset.synset_id for synset in read_table(synsets, Synset))
    )
    write_table(folder / "glosses.parquet", Gloss, glosses)
    write_table(folder / "links.parquet", Link, ())
    return list(read_table(senses, Sense))


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
    rows = {}
    drawn = words[rng.choice(VOCABULARY, size=count * 24, p=weights)].reshape(count, 24)
    for number in range(count):
        length, place = int(rng.integers(9, 24)), int(rng.integers(2, 7))
        if number and rng.random() < NEAR_DUPLICATES:
            drawn[number] = drawn[number - 1]
            drawn[number][8] = "khác"
        before, after = " ".join(drawn[number][:place]), " ".join(drawn[number][place:length])
        sentence = f"{before.capitalize()} {sense.lemma} {after}."
        start, end = len(before) + 1, len(before) + 1 + len(sense.lemma)
        key = ids.context_id(sense.sense_id, sentence, start, end)
        rows[key] = Context(
            context_id=key,
            sense_id=sense.sense_id,
            sentence=sentence,
            target_start=start,
            target_end=end,
            provenance=said(sense.sense_id),
        )
    return [rows[key] for key in sorted(rows)]


def select(folder: Path) -> object:
    rejected: list[None] = []
    counts = select_contexts(
        language=VI,
        contexts=folder / "contexts.parquet",
        senses=folder / "senses.parquet",
        glosses=folder / "glosses.parquet",
        verdicts=folder / "verdicts.parquet",
        unjudged=None,
        audit_outcomes=None,
        settings=SelectSettings(),
        output=folder / "selected.parquet",
        on_reject=lambda _: rejected.append(None),
        progress=Progress(),
    )
    return {name: value for name, value in counts.items() if value} | {"rejects": len(rejected)}


def split(folder: Path) -> object:
    return split_contexts(
        language=VI,
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
        links=folder / "links.parquet",
        selected=folder / "selected.parquet",
        splits=folder / "splits.parquet",
        settings=ReleaseSettings(name="bench"),
        language=VI,
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
    report = leakage_report(folder / "release", VI, 0.6)
    return {"clean": report.clean, "checks": len(report.overlaps)}


def publish(folder: Path) -> object:
    times, made = [time.perf_counter()], folder / "release"
    write_card(made)
    times.append(time.perf_counter())
    files = check_release(made, Needles.of_this_machine(made))
    times.append(time.perf_counter())
    upload_plan(files, {})
    times.append(time.perf_counter())
    steps = ("card", "hashes, checks, scan", "plan")
    return dict(zip(steps, np.diff(times).round(2).tolist(), strict=True))


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
    if not (folder / "contexts.parquet").exists():
        senses = write_lexicon(folder, options.data, options.contexts // PER_SENSE)
        write_contexts(folder, senses, options.contexts)
    for part in (select, split, release, leakage, publish):
        done = apart(part, folder)
        print(f"{part.__name__:8} {done}\n         {done.said}", flush=True)
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
