"""What an audit is drawn from: contexts joined with all that a stratum or an annotator needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from audits.key import PAIR_LABELS
from schemas.errors import InputError
from schemas.ids import synset_of
from schemas.records import (
    Context,
    EnglishContext,
    Example,
    Gloss,
    InventorySense,
    Judged,
    NonEmpty,
    Polysemy,
    Pos,
    Provenance,
    Record,
    Sense,
    polysemy,
)
from schemas.tables import read_batches, read_table

PAIRS = "word_in_context_en"
"""The config of a release that has pairs across languages."""


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
    agreement: float | None = None
    """The share of the judges' votes for its sense."""
    doubt: float | None = None
    """The probability that a model gives to its sense."""
    model: str | None = None
    prompt_version: str | None = None
    round: int | None = None
    label: str = ""
    """Of a pair: the answer that it is labelled with."""

    @property
    def polysemy(self) -> Polysemy:
        """How ambiguous the lemma is."""
        return polysemy(self.n_siblings, self.n_siblings_same_pos)


@dataclass(frozen=True, slots=True)
class KnownSense:
    """A sense of the inventory, as a sheet shows it."""

    sense_id: str
    synset_id: str
    lemma: str
    pos: Pos
    gloss: str | None


class Origin(NamedTuple):
    """What of a context's provenance an audit looks at."""

    model: str
    prompt_version: str
    round: int


class _ContextProvenance(Record):
    """A row of a release's ``provenance/examples-*.parquet``."""

    context_id: NonEmpty
    provenance: Provenance | None


def release_candidates(
    release: Path, origins: Mapping[str, Origin] | None = None
) -> Iterator[AuditCandidate]:
    """Every example of a release folder, with its origin by context id where that is given."""
    for path in shards(release, "examples"):
        for example in read_table(path, Example):
            yield from_example(example, (origins or {}).get(example.context_id))


def has_pairs(release: Path) -> bool:
    """Whether a release has the table ``word_in_context_en``."""
    return any((release / "data" / PAIRS).glob("*.parquet"))


def pair_candidates(release: Path) -> Iterator[AuditCandidate]:
    """Every pair of a release's table ``word_in_context_en``, by its id."""
    siblings = {
        row.sense_id: (row.n_siblings, row.n_siblings_same_pos)
        for path in shards(release, "senses")
        for row in read_table(path, InventorySense)
    }
    for path in shards(release, PAIRS):
        for row in read_table(path, EnglishContext):
            text, start, end = row.english_sentence, row.english_start, row.english_end
            others, same_pos = siblings.get(row.sense_id, (0, 0))
            yield AuditCandidate(
                context_id=row.pair_id,
                sense_id=row.sense_id,
                synset_id=synset_of(row.sense_id),
                lemma=row.lemma,
                pos=row.pos,
                gloss=f"{text[:start]}[[{text[start:end]}]]{text[end:]}",
                sentence=row.sentence,
                target_start=row.target_start,
                target_end=row.target_end,
                n_siblings=others,
                n_siblings_same_pos=same_pos,
                label=PAIR_LABELS[0] if row.same else PAIR_LABELS[1],
            )


def release_origins(release: Path, wanted: Collection[str] | None = None) -> dict[str, Origin]:
    """The origins of all contexts of a release, or of those wanted.

    There is none without provenance, nor of the source's own examples.
    """
    found: dict[str, Origin] = {}
    same: dict[Origin, Origin] = {}  # a million contexts have a handful of origins
    for path in sorted((release / "provenance").glob("examples*.parquet")):
        for row in read_table(path, _ContextProvenance):
            if row.provenance is not None and (wanted is None or row.context_id in wanted):
                origin = origin_of(row.provenance)
                found[row.context_id] = same.setdefault(origin, origin)
    return found


def origin_of(provenance: Provenance) -> Origin:
    """The part of a provenance that an audit looks at."""
    return Origin(provenance.model, provenance.prompt_version, provenance.round)


def joined_candidates(
    contexts: Iterable[tuple[Context, Judged, float | None]],
    senses: Iterable[Sense],
    glosses: Iterable[Gloss],
) -> Iterator[AuditCandidate]:
    """Selected contexts, each with the judge's verdict, joined with their senses and glosses."""
    by_id = {sense.sense_id: sense for sense in senses}
    texts = {gloss.synset_id: gloss.gloss for gloss in glosses}
    for context, judged, agreement in contexts:
        sense = by_id.get(context.sense_id)
        if sense is None or sense.synset_id not in texts:
            raise InputError(
                f"context {context.context_id}: its sense or gloss is not in the tables given; "
                "use the tables of one run"
            )
        origin = origin_of(context.provenance) if context.provenance else None
        yield AuditCandidate(
            context_id=context.context_id,
            sense_id=sense.sense_id,
            synset_id=sense.synset_id,
            lemma=sense.lemma,
            pos=sense.pos,
            gloss=texts[sense.synset_id],
            sentence=context.sentence,
            target_start=context.target_start,
            target_end=context.target_end,
            n_siblings=sense.n_siblings,
            n_siblings_same_pos=sense.n_siblings_same_pos,
            judged=judged,
            agreement=agreement,
            model=origin.model if origin else None,
            prompt_version=origin.prompt_version if origin else None,
            round=origin.round if origin else None,
        )


def known_senses(senses: Iterable[Sense], glosses: Iterable[Gloss]) -> Iterator[KnownSense]:
    """The senses of a run with their glosses, where they have one."""
    texts = {gloss.synset_id: gloss.gloss for gloss in glosses}
    for sense in senses:
        yield KnownSense(
            sense.sense_id, sense.synset_id, sense.lemma, sense.pos, texts.get(sense.synset_id)
        )


def release_senses(release: Path) -> Iterator[KnownSense]:
    """Every sense of a release folder's inventory."""
    for path in shards(release, "senses"):
        for sense in read_table(path, InventorySense):
            yield KnownSense(sense.sense_id, sense.synset_id, sense.lemma, sense.pos, sense.gloss)


def from_example(example: Example, origin: Origin | None = None) -> AuditCandidate:
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
        agreement=example.agreement,
        model=origin.model if origin else None,
        prompt_version=origin.prompt_version if origin else None,
        round=origin.round if origin else None,
    )


def glosses_now(release: Path, wanted: Collection[str]) -> dict[str, str]:
    """The glosses of those of the wanted contexts that are in a release."""
    return {
        context_id: gloss
        for path in shards(release, "examples")
        for batch in read_batches(path, Example, ["context_id", "gloss"])
        for context_id, gloss in zip(*(column.to_pylist() for column in batch), strict=True)
        if context_id in wanted
    }


def shards(release: Path, config: str) -> list[Path]:
    """The Parquet files of one config of a release folder, in order."""
    found = sorted((release / "data" / config).glob("*.parquet"))
    if not found:
        raise InputError(
            f"{release}: no {config} in data/{config}/*.parquet; give a folder that "
            "`viconwsd release` has written"
        )
    return found
