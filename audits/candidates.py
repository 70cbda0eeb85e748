"""What an audit is drawn from: contexts joined with all that a stratum or an annotator needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import InputError
from schemas.records import (
    Example,
    InventorySense,
    Judged,
    Polysemy,
    Pos,
    Provenance,
    polysemy,
)
from schemas.tables import read_table


@dataclass(frozen=True, slots=True)
class AuditCandidate:
    """One context that may be drawn, with its sense's gloss; the provenance may be unknown."""

    context_id: str
    sense_id: str
    synset_id: str
    lemma: str
    pos: Pos
    gloss: str
    sentence: str
    target_start: int
    target_end: int
    n_siblings: int
    n_siblings_same_pos: int
    judged: Judged = "unjudged"
    model: str | None = None
    prompt_version: str | None = None
    round: int | None = None

    @property
    def polysemy(self) -> Polysemy:
        """How ambiguous the lemma is."""
        return polysemy(self.n_siblings, self.n_siblings_same_pos)


def release_candidates(
    release: Path, provenance: Mapping[str, Provenance] | None = None
) -> Iterator[AuditCandidate]:
    """Every example of a release folder, with its provenance by context id where it is given."""
    for path in shards(release, "examples"):
        for example in read_table(path, Example):
            yield from_example(example, (provenance or {}).get(example.context_id))


def release_senses(release: Path) -> Iterator[InventorySense]:
    """Every sense of a release folder's inventory."""
    for path in shards(release, "senses"):
        yield from read_table(path, InventorySense)


def from_example(example: Example, provenance: Provenance | None = None) -> AuditCandidate:
    """The candidate for one released row; candidates of a row count the row's own sense."""
    return AuditCandidate(
        context_id=example.context_id,
        sense_id=example.sense_id,
        synset_id=example.synset_id,
        lemma=example.lemma,
        pos=example.pos,
        gloss=example.gloss,
        sentence=example.sentence,
        target_start=example.target_start,
        target_end=example.target_end,
        n_siblings=example.n_candidates - 1,
        n_siblings_same_pos=example.n_candidates_same_pos - 1,
        judged=example.judged,
        model=provenance.model if provenance else None,
        prompt_version=provenance.prompt_version if provenance else None,
        round=provenance.round if provenance else None,
    )


def shards(release: Path, config: str) -> list[Path]:
    """The Parquet files of one config of a release folder, in order."""
    found = sorted((release / "data" / config).glob("*.parquet"))
    if not found:
        raise InputError(
            f"{release}: no {config} in data/{config}/*.parquet; give a folder that "
            "`viconwsd release` has written"
        )
    return found
