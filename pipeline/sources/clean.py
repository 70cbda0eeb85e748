"""From the synsets of a source to records, and a reject for whatever is dropped on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from languages.language import Language
from pipeline.sources.interface import SourceSynset, clean_spaces
from pipeline.sources.rules import Candidate, NoiseCode, Rule, active_rules
from pipeline.sources.settings import NoiseSettings
from schemas.ids import sense_id
from schemas.records import Reject, SourceText, Synset
from schemas.text import normalise

STAGE = "synsets"
_ALL_DROPPED = "all of its lemmas were dropped"
OnReject = Callable[[Reject], None]


def clean(
    synsets: Iterable[SourceSynset],
    settings: NoiseSettings,
    language: Language,
    on_reject: OnReject,
) -> list[Synset]:
    """The synsets with the lemmas that pass the rules, sorted by id.

    Of synsets that nothing in the source tells apart the one with the first id is kept.
    """
    rules = active_rules(settings)
    first: dict[tuple[object, ...], str] = {}
    kept = []
    for source in sorted(synsets, key=lambda s: s.synset_id):
        synset = _record(source, _accepted(source, settings, language, rules, on_reject))
        if synset is None:
            why = _ALL_DROPPED if source.lemmas else "the source gives it no lemma"
            on_reject(_synset_reject(source, NoiseCode.NO_LEMMA_LEFT, why))
            continue
        twin = first.setdefault(_distinction(synset, language), synset.synset_id)
        if settings.indistinct_synset and twin != synset.synset_id:
            detail = f"nothing in the source tells it from {twin}"
            on_reject(_synset_reject(source, NoiseCode.INDISTINCT_SYNSET, detail))
            continue
        kept.append(synset)
    return kept


def _accepted(
    source: SourceSynset,
    settings: NoiseSettings,
    language: Language,
    rules: Iterable[tuple[NoiseCode, Rule]],
    on_reject: OnReject,
) -> tuple[str, ...]:
    accepted: list[str] = []
    by_key: dict[str, list[str]] = defaultdict(list)
    for written in source.lemmas:
        candidate = Candidate(written, clean_spaces(written), by_key, settings, language)
        fault = _first_fault(candidate, rules)
        if fault is None:
            accepted.append(candidate.lemma)
            by_key[language.match_key(candidate.lemma)].append(candidate.lemma)
        else:
            code, detail = fault
            item = sense_id(source.synset_id, candidate.lemma)
            on_reject(Reject(stage=STAGE, item_id=item, code=code, detail=detail, text=written))
    return tuple(accepted)


def _first_fault(
    candidate: Candidate, rules: Iterable[tuple[NoiseCode, Rule]]
) -> tuple[NoiseCode, str] | None:
    for code, rule in rules:
        detail = rule(candidate)
        if detail is not None:
            return code, detail
    return None


def _record(source: SourceSynset, lemmas: tuple[str, ...]) -> Synset | None:
    if not lemmas:
        return None
    return Synset(
        synset_id=source.synset_id,
        pos=source.pos,
        supersense=source.supersense,
        lemmas=lemmas,
        ili=source.ili,
        source_gloss=next(iter(_source_texts((source.gloss,))), None),
        hypernyms=_texts(source.hypernyms),
        source_examples=_source_texts(source.examples),
    )


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(normalise, texts) if text))


def _source_texts(texts: Iterable[SourceText | None]) -> tuple[SourceText, ...]:
    """Normalised, each once, without empty ones."""
    stated = [(normalise(text.text), text.language) for text in texts if text is not None]
    return tuple(SourceText(text=t, language=n) for t, n in dict.fromkeys(stated) if t)


def _distinction(synset: Synset, language: Language) -> tuple[object, ...]:
    """All that could tell the synset from another one."""
    return (
        synset.pos,
        synset.supersense,
        frozenset(map(language.match_key, synset.lemmas)),
        synset.source_gloss,
        synset.hypernyms,
        synset.source_examples,
    )


def _synset_reject(source: SourceSynset, code: NoiseCode, detail: str) -> Reject:
    return Reject(
        stage=STAGE,
        item_id=source.synset_id,
        code=code,
        detail=detail,
        text=", ".join(clean_spaces(lemma) for lemma in source.lemmas),
    )
