"""Made-up contexts and verdicts by the million, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from schemas import ids
from schemas.arrow import arrow_schema
from schemas.records import Context, Sense, Verdict
from schemas.tables import write_batches

VOCABULARY = 7000
NEAR_DUPLICATES = 0.03
DISAGREEMENTS = 0.05
_SENSES_AT_ONCE = 256


def write_made_up(folder: Path, senses: Sequence[Sense], n_contexts: int) -> None:
    """Tables ``contexts`` and ``verdicts``: equally many sentences for each sense, in their order.

    Words are drawn as rarely as Zipf has them; three sentences in a hundred are the one before
    with a word changed, and the judge disagrees with five.
    """
    write_batches(folder / "contexts.parquet", Context, _contexts(senses, n_contexts))
    write_batches(folder / "verdicts.parquet", Verdict, _verdicts(senses, n_contexts))


def _drawn(senses: Sequence[Sense], n_contexts: int) -> Iterator[list[tuple[str, str, str, int]]]:
    """Context id, sense id, sentence and start of the target, ascending by id, in batches."""
    rng = np.random.default_rng(2)
    weights = 1 / np.arange(1, VOCABULARY + 1)
    words = np.array([f"âm{number}" for number in range(VOCABULARY)])
    per_sense = -(-n_contexts // len(senses))
    left = n_contexts
    for first in range(0, len(senses), _SENSES_AT_ONCE):
        some = senses[first : first + _SENSES_AT_ONCE]
        n_rows = per_sense * len(some)
        drawn = words[rng.choice(VOCABULARY, size=(n_rows, 23), p=weights / weights.sum())].tolist()
        lengths, places = rng.integers(9, 24, n_rows).tolist(), rng.integers(2, 7, n_rows).tolist()
        repeats = (rng.random(n_rows) < NEAR_DUPLICATES).tolist()
        rows: list[tuple[str, str, str, int]] = []
        for number, sense in enumerate(some):
            own = {}
            for at in range(number * per_sense, (number + 1) * per_sense):
                if repeats[at] and at % per_sense:
                    drawn[at] = [*drawn[at - 1][:8], "khác", *drawn[at - 1][9:]]
                    lengths[at], places[at] = lengths[at - 1], places[at - 1]
                before = " ".join(drawn[at][: places[at]]).capitalize()
                after = " ".join(drawn[at][places[at] : lengths[at]])
                sentence, start = f"{before} {sense.lemma} {after}.", len(before) + 1
                end = start + len(sense.lemma)
                key = ids.context_id(sense.sense_id, sentence, start, end)
                own[key] = key, sense.sense_id, sentence, start
            rows += sorted(own.values())
        yield rows[:left]
        left -= len(rows[:left])


def _contexts(senses: Sequence[Sense], n_contexts: int) -> Iterator[pa.RecordBatch]:
    schema, lengths = arrow_schema(Context), {s.sense_id: len(s.lemma) for s in senses}
    said = {
        "request_key": "k", "prompt_id": "bench", "prompt_version": "1",
        "model": "bench", "sample": 0, "round": 1,
    }  # fmt: skip
    for rows in _drawn(senses, n_contexts):
        keys, of, sentences, starts = zip(*rows, strict=True) if rows else ([], [], [], [])
        columns = {
            "context_id": pa.array(keys, pa.string()),
            "sense_id": pa.array(of, pa.string()),
            "sentence": pa.array(sentences, pa.string()),
            "target_start": pa.array(starts, pa.int32()),
            "target_end": pa.array(
                [at + lengths[s] for at, s in zip(starts, of, strict=True)], pa.int32()
            ),
            "provenance": pa.array([said] * len(rows), schema.field("provenance").type),
            "slot": pa.array([None] * len(rows), schema.field("slot").type),
        }
        yield pa.record_batch([columns[name] for name in schema.names], schema)


def _verdicts(senses: Sequence[Sense], n_contexts: int) -> Iterator[pa.RecordBatch]:
    schema, rng = arrow_schema(Verdict), np.random.default_rng(3)
    for rows in _drawn(senses, n_contexts):
        agrees = rng.random(len(rows)) >= DISAGREEMENTS
        chosen = [row[1] if yes else None for row, yes in zip(rows, agrees.tolist(), strict=True)]
        votes = [[{"judge": "judge", "sense_id": sense}] for sense in chosen]
        columns = {
            "context_id": pa.array([row[0] for row in rows], pa.string()),
            "chosen_sense_id": pa.array(chosen, pa.string()),
            "agrees": pa.array(agrees),
            "votes": pa.array(votes, schema.field("votes").type),
            "agreement": pa.array(agrees.astype(np.float64)),
        }
        yield pa.record_batch([columns[name] for name in schema.names], schema)
