"""What the key holds of a drawn candidate; in the blind mode with all senses of its lemma."""

from __future__ import annotations

from audits.key import AuditItem
from audits.sampling.candidates import KnownSense
from audits.sampling.draw import Drawn, rank
from audits.sampling.neighbours import NeighbouringSenses
from languages.audit import AuditMode
from schemas.errors import InputError


def audit_item(
    drawn: Drawn, neighbours: NeighbouringSenses, mode: AuditMode, seed: int
) -> AuditItem:
    """The record of a drawn candidate; blind, its senses come in an order of the row's own."""
    candidate = drawn.candidate
    senses: list[KnownSense] = []
    if mode == "blind":
        senses = sorted(
            neighbours.senses_of(candidate.lemma),
            key=lambda sense: rank(seed, "choices", candidate.context_id, sense.sense_id),
        )
        if candidate.sense_id not in {sense.sense_id for sense in senses}:
            raise InputError(
                f"context {candidate.context_id}: its sense is not among the inventory's senses of "
                f"{candidate.lemma!r}; give the inventory that the contexts were made with"
            )
    if (mode == "pairs") != bool(candidate.label):
        raise InputError(
            f'{candidate.context_id}: pairs across languages are read in the mode "pairs", and '
            "nothing else is"
        )
    labels = (candidate.label,) if candidate.label else ()
    same = (name for name in AuditItem.model_fields if hasattr(candidate, name))
    return AuditItem(
        **{name: getattr(candidate, name) for name in same},
        synonyms=neighbours.synonyms(candidate.synset_id, candidate.lemma),
        choices=labels or tuple(sense.sense_id for sense in senses),
        choice_texts=tuple(_choice(sense, neighbours) for sense in senses),
        stratum=drawn.stratum,
        inclusion_probability=drawn.inclusion_probability,
    )


def _choice(sense: KnownSense, neighbours: NeighbouringSenses) -> str:
    language = neighbours.language
    gloss = sense.gloss or language.audit.no_gloss.format(
        lemmas=", ".join(neighbours.synonyms(sense.synset_id, sense.lemma))
    )
    return f"({language.grammar.pos_name(sense.pos)}) {gloss}"
