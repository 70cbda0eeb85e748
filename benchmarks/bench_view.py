"""`viconwsd view` on a made-up release: first page, index, every kind of page, memory.

    python -m benchmarks.bench_view [--contexts 1000000] [--requests 400]

The command runs as it does for a person, in a process of its own; pages are fetched one after the
other, with words, searches and pages of lists drawn at random. Wanted, for 1,000,000 rows: the
first page within 3 s, the index within 60 s and 500 MB, any page within 100 ms at the 95th
percentile, 400 MB of memory at most.
"""

from __future__ import annotations

import argparse
import html
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import quote

import numpy as np
import psutil
import pyarrow as pa

from pipeline.release.manifest import ReleaseManifest
from schemas import ids
from schemas.arrow import arrow_schema
from schemas.records import Example, InventorySense
from schemas.tables import content_hash, write_batches
from testing.tiny_release import make_tiny_release

PER_SENSE, SENSES_OF_LEMMA, LENGTH = 10, 4, 14
ONSETS = ("b", "c", "d", "đ", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "s", "t", "th", "tr")
RHYMES = (
    "a",
    "á",
    "à",
    "ả",
    "ã",
    "ạ",
    "an",
    "án",
    "àn",
    "ê",
    "ế",
    "iên",
    "ông",
    "ống",
    "ươ",
    "ường",
)
VOCABULARY = [onset + rhyme for onset in ONSETS for rhyme in RHYMES]
POS = ("noun", "verb", "adj")
WANTED = {
    "first page s": 3.0,
    "index s": 60.0,
    "index MB": 500.0,
    "p95 ms": 100.0,
    "peak MB": 400.0,
}


def lemma(sense: int) -> str:
    word, n = sense // SENSES_OF_LEMMA, len(VOCABULARY)
    return f"{VOCABULARY[word % n]} {VOCABULARY[word * 7 // n % n]} {VOCABULARY[word * 3 % n]}"


def gloss(sense: int) -> str:
    return " ".join(VOCABULARY[(sense * 5 + k) % len(VOCABULARY)] for k in range(12))


def senses(n: int) -> Iterator[pa.RecordBatch]:
    schema = arrow_schema(InventorySense)
    for start in range(0, n, 4096):
        rows = [
            {
                "sense_id": ids.sense_id(f"b-{at:07}", lemma(at)),
                "synset_id": f"b-{at:07}",
                "lemma": lemma(at),
                "pos": POS[at % 3],
                "supersense": f"{POS[at % 3]}.act",
                "gloss": gloss(at),
                "n_siblings": SENSES_OF_LEMMA - 1,
                "n_siblings_same_pos": 1,
                "n_contexts": PER_SENSE,
            }
            for at in range(start, min(n, start + 4096))
        ]
        yield pa.RecordBatch.from_pylist(rows, schema)


def examples(n: int) -> Iterator[pa.RecordBatch]:
    """Words fall by Zipf's law; one row in twenty has a vote against it."""
    schema, rng = arrow_schema(Example), np.random.default_rng(3)
    weights = 1 / np.arange(1, len(VOCABULARY) + 1)
    weights /= weights.sum()
    for start in range(0, n, 400):
        drawn = rng.choice(len(VOCABULARY), size=(400 * PER_SENSE, LENGTH), p=weights)
        rows = []
        for at in range(start, min(n, start + 400)):
            own = [
                _example(
                    at, [VOCABULARY[k] for k in drawn[(at - start) * PER_SENSE + number]], number
                )
                for number in range(PER_SENSE)
            ]
            rows += sorted(own, key=lambda row: str(row["context_id"]))
        yield pa.RecordBatch.from_pylist(rows, schema)


def _example(at: int, words: list[str], number: int) -> dict[str, object]:
    sense, before = ids.sense_id(f"b-{at:07}", lemma(at)), " ".join(words[:5])
    sentence = f"{before} {lemma(at)} {' '.join(words[5:])} {at}."
    start, end = len(before) + 1, len(before) + 1 + len(lemma(at))
    against = (at * PER_SENSE + number) % 20 == 0
    return {
        "context_id": ids.context_id(sense, sentence, start, end),
        "sense_id": sense,
        "synset_id": f"b-{at:07}",
        "lemma": lemma(at),
        "pos": POS[at % 3],
        "supersense": f"{POS[at % 3]}.act",
        "gloss": gloss(at),
        "sentence": sentence,
        "target_start": start,
        "target_end": end,
        "split": "train" if number else "test_seen",
        "n_candidates": SENSES_OF_LEMMA,
        "n_candidates_same_pos": 2,
        "judged": "disagree" if against else "agree",
        "audited": "unaudited" if number > 1 else "good",
        "votes": [{"judge": "first", "sense_id": None if against else sense}],
        "agreement": 0.0 if against else 1.0,
    }


def make_release(folder: Path, n_contexts: int) -> Path:
    make_tiny_release(folder)
    manifest, n = ReleaseManifest.read(folder), n_contexts // PER_SENSE
    tables = []
    for table, record, batches in (
        ("senses", InventorySense, senses(n)),
        ("examples", Example, examples(n)),
    ):
        file = manifest.files_of(table)[0]
        write_batches(folder / file.path, record, batches)
        mark = str(n_contexts) if n_contexts > 100_000 else content_hash(folder / file.path, record)
        tables.append(file.model_copy(update={"content_hash": mark}))
    manifest.model_copy(update={"tables": tuple(tables)}).write(folder)
    return folder


class Browser:
    """Fetches pages with the cookie."""

    def __init__(self, address: str) -> None:
        self._base = address.partition("/?")[0]
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        ).open
        self._open(address).read()

    def rows(self, address: str) -> list[str]:
        """The addresses of the rows that a page leads to."""
        with self._open(self._base + address) as answer:
            found = re.findall(r'href="(/row\?[^"]+)"', answer.read().decode())
        return [html.unescape(each) for each in found]

    def get(self, address: str) -> tuple[int, float]:
        """The status of a page, and how many milliseconds it took."""
        began = time.perf_counter()
        try:
            with self._open(self._base + address) as answer:
                answer.read()
                status = answer.status
        except urllib.error.HTTPError as error:
            error.read()
            status = error.code
        return status, 1000 * (time.perf_counter() - began)


def addresses(n_contexts: int, rows: list[str], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Kinds of pages in turn, with an address drawn for each."""
    n = n_contexts // PER_SENSE
    while True:
        at = rng.randrange(n)
        word, page = rng.choice(VOCABULARY[: 1 + int(250 * rng.random() ** 2)]), rng.randint(1, 9)
        yield "run", "/"
        yield "words", f"/words?order={rng.choice(('senses', 'rows', 'lemma'))}&page={page * 10}"
        yield "words, filtered", f"/words?pos={rng.choice(POS)}&state=contested&page={page}"
        yield "word", f"/word?lemma={quote(lemma(at))}"
        yield "rows, filtered", f"/rows?split=test_seen&judged=disagree&page={page * 20}"
        yield "rows, deep", f"/rows?split=train&page={rng.randint(1, max(1, n_contexts // 60))}"
        yield "search", f"/rows?q={quote(word)}"
        yield "search, two words", f"/rows?q={quote(lemma(at).rpartition(' ')[0])}&page=1"
        yield "search, bare", f"/rows?q={quote(word)}&bare=1"
        yield "search, filtered", f"/rows?q={quote(word)}&judged=disagree&pos=verb"
        yield "row", rng.choice(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contexts", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="viconwsd-bench-") as folder:
        release = make_release(Path(folder) / "release", options.contexts)
        return measure(release, Path(folder) / "cache", options.contexts, options.requests)


def measure(release: Path, cache: Path, n_contexts: int, n_requests: int) -> int:
    run = "import sys; from pipeline.cli.main import exit_code; sys.exit(exit_code(sys.argv[1:]))"
    command = [sys.executable, "-c", run, "view", "--release", str(release), "--no-browser"]
    began = time.perf_counter()
    served = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"XDG_CACHE_HOME": str(cache)}
    )
    try:
        assert served.stdout is not None
        browser = Browser(served.stdout.readline().strip())
        found = {"first page s": time.perf_counter() - began}
        process = psutil.Process(served.pid)
        while browser.get("/words")[0] == 503:
            time.sleep(0.5)
        found["index s"] = time.perf_counter() - began
        print(f"CPU of the process until then {process.cpu_times().user:.1f} s")
        found["index MB"] = sum(p.stat().st_size for p in cache.rglob("*.sqlite")) / 1e6
        times = pages(browser, n_contexts, n_requests)
        found["p95 ms"] = float(np.percentile(times, 95))
        status = Path(f"/proc/{served.pid}/status").read_text(encoding="ascii")
        found["peak MB"] = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    finally:
        served.terminate()
        served.wait()
    for name, value in found.items():
        print(f"{name:14} {value:8.1f}   wanted at most {WANTED[name]:g}")
    return 1 if any(value > WANTED[name] for name, value in found.items()) else 0


def pages(browser: Browser, n_contexts: int, n_requests: int) -> list[float]:
    """The times of all pages, after a table of each kind's."""
    by_kind: dict[str, list[float]] = {}
    rows = [row for page in range(1, 2000, 97) for row in browser.rows(f"/rows?page={page}")[:3]]
    for (kind, address), _ in zip(
        addresses(n_contexts, rows, random.Random(5)), range(n_requests), strict=False
    ):
        status, took = browser.get(address)
        assert status == 200, (address, status)
        by_kind.setdefault(kind, []).append(took)
    print(f"{'page':20} {'median':>8} {'p95':>8} {'most':>8}  ms")
    for kind, times in by_kind.items():
        median, high = np.percentile(times, [50, 95])
        print(f"{kind:20} {median:8.1f} {high:8.1f} {max(times):8.1f}")
    return [each for times in by_kind.values() for each in times]


if __name__ == "__main__":
    sys.exit(main())
