"""WN-LMF XML through the ``wn`` library; only its parser is used, so no database is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from languages.find import PAGE, known_languages
from languages.language import Language
from pipeline.sources.interface import Lexicon, SourceDescription, SourceSynset
from pipeline.sources.lmf_file import LmfFile, parse_lmf
from pipeline.sources.supersenses import pos_of
from schemas.errors import InputError
from schemas.ids import synset_id
from schemas.records import Pos, SourceText

_POS = {"n": Pos.NOUN, "v": Pos.VERB, "a": Pos.ADJ, "s": Pos.ADJ, "r": Pos.ADV}
_ID_BREAKERS = ("#", " ")


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical entries of a lexicon, by synset."""

    lemmas: Mapping[str, list[str]]
    pos: Mapping[str, str]
    examples: Mapping[str, list[SourceText]]


def read_lmf_source(path: Path, language: Language, prefix: str | None = None) -> Lexicon:
    """The synsets of a language's lexicons in a WN-LMF file (.xml, .gz, .xz, tar, package)."""
    synsets: list[SourceSynset] = []
    descriptions: list[SourceDescription] = []
    others: set[str] = set()
    places: dict[str, str] = {}
    for file in parse_lmf(path):
        for lexicon in file.lexicons:
            if not language.has_code(lexicon["language"]):
                others.add(lexicon["language"])
                continue
            if "extends" in lexicon:
                raise InputError(f"{path}: {lexicon['id']} extends another lexicon; merge them")
            synsets.extend(_synsets(lexicon, language, file, prefix or lexicon["id"], places))
            descriptions.append(_description(lexicon))
    if not descriptions:
        raise InputError(
            f"{path}: no {language.names.english} lexicon (language {language.code}) in it, but "
            f"{', '.join(sorted(others))}; [run] language may be "
            f"{', '.join(known_languages())}, and {PAGE} says how to add one"
        )
    if not synsets:
        raise InputError(f"{path}: its {language.names.english} lexicon holds no synset")
    return Lexicon(_joined(descriptions), tuple(synsets))


def _synsets(
    lexicon: Mapping[str, Any],
    language: Language,
    file: LmfFile,
    prefix: str,
    places: dict[str, str],
) -> Iterator[SourceSynset]:
    words = _words(lexicon, language, file)
    for synset in lexicon.get("synsets", []):
        local = synset["id"]
        where = file.place("Synset", local)
        identifier = synset_id(prefix, local.removeprefix(f"{lexicon['id']}-"))
        if any(breaker in identifier for breaker in _ID_BREAKERS):
            raise InputError(f"{where}: the id {local!r} must have neither '#' nor spaces")
        if identifier in places:
            raise InputError(f"{where}: the id {local!r} is already that of {places[identifier]}")
        places[identifier] = where
        yield _synset(identifier, synset, words, language)


def _synset(
    identifier: str, synset: Mapping[str, Any], words: Words, language: Language
) -> SourceSynset:
    local = synset["id"]
    pos_letter = synset.get("partOfSpeech") or words.pos.get(local, "x")
    pos = _POS.get(pos_letter, Pos.OTHER)
    above = [
        relation["target"]
        for relation in synset.get("relations", [])
        if relation["relType"] in ("hypernym", "instance_hypernym")
    ]
    return SourceSynset(
        synset_id=identifier,
        pos=pos,
        supersense=_supersense(synset, pos),
        lemmas=tuple(words.lemmas.get(local, ())),
        ili=_ili(synset["ili"]),
        gloss=_definition(synset, language),
        hypernyms=tuple(", ".join(words.lemmas[t]) for t in above if words.lemmas.get(t)),
        examples=(*_examples(synset, language), *words.examples.get(local, ())),
    )


def _words(lexicon: Mapping[str, Any], language: Language, file: LmfFile) -> Words:
    known = {synset["id"] for synset in lexicon.get("synsets", [])}
    lemmas: dict[str, list[str]] = defaultdict(list)
    pos: dict[str, str] = {}
    examples: dict[str, list[SourceText]] = defaultdict(list)
    for entry in lexicon.get("entries", []):
        for sense in entry.get("senses", []):
            target = sense["synset"]
            if target not in known:
                raise InputError(
                    f"{file.place('Sense', sense['id'])}: the sense {sense['id']!r} is of the "
                    f"synset {target!r}, which the lexicon does not hold"
                )
            lemmas[target].append(entry["lemma"]["writtenForm"])
            pos.setdefault(target, entry["lemma"]["partOfSpeech"])
            examples[target].extend(_examples(sense, language))
    return Words(dict(lemmas), pos, dict(examples))


def _supersense(synset: Mapping[str, Any], pos: Pos) -> str:
    """The lexicographer file (before WN-LMF 1.1 a dc:subject) where it agrees with the POS."""
    meta = synset.get("meta") or {}
    stated = str(synset.get("lexfile") or meta.get("subject") or "").lower()
    return stated if stated and pos_of(stated) is pos else pos.value


def _ili(stated: str) -> str | None:
    """An interlingual index like i5062; "in" means proposed, without a number yet."""
    return stated if stated[:1] == "i" and stated[1:].isdigit() else None


def _definition(synset: Mapping[str, Any], language: Language) -> SourceText | None:
    """The first definition in the language, or the first in any."""
    texts = _texts(synset.get("definitions", []), language)
    own = [text for text in texts if text.language == language.code]
    return next(iter(own or texts), None)


def _examples(element: Mapping[str, Any], language: Language) -> list[SourceText]:
    return _texts(element.get("examples", []), language)


def _texts(elements: Sequence[Mapping[str, Any]], language: Language) -> list[SourceText]:
    """Texts that are not empty; where none is stated, their language is the lexicon's."""
    texts: list[SourceText] = []
    for element in elements:
        stated = element.get("language") or language.code
        code = language.code if language.has_code(stated) else stated
        texts.extend(SourceText.each([element["text"].strip()], code))
    return texts


def _description(lexicon: Mapping[str, Any]) -> SourceDescription:
    return SourceDescription(
        name=f"{lexicon['label']} {lexicon['version']}",
        url=lexicon.get("url", ""),
        licence=lexicon["license"],
        citation=lexicon.get("citation") or "",
    )


def _joined(descriptions: Sequence[SourceDescription]) -> SourceDescription:
    return SourceDescription(
        name="; ".join(d.name for d in descriptions),
        url=" ".join(d.url for d in descriptions).strip(),
        licence="; ".join(dict.fromkeys(d.licence for d in descriptions)),
        citation="; ".join(dict.fromkeys(d.citation for d in descriptions if d.citation)),
    )
