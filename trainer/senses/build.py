"""From a corpus and a teacher to a dictionary of usages: the whole of ``viconwsd senses build``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
import torch
from numpy.typing import NDArray

from languages.language import Language
from schemas.errors import InputError
from schemas.files import explained, replacing_folder, write_text
from schemas.ids import content_digest
from schemas.tables import write_table
from trainer.data import Inventory
from trainer.model.build import words_for
from trainer.senses.clusters import ClusteredWords, clustered_words
from trainer.senses.collocates import collocates
from trainer.senses.corpus import Document
from trainer.senses.dictionary import save_dictionary
from trainer.senses.folder import (
    BUILD,
    COLLOCATES,
    EXAMPLES,
    GLOSS_VECTORS,
    GLOSSES,
    Collocate,
    DictionaryDescription,
    GlossOfUnit,
    SensesFolder,
    UsageExample,
    describe,
)
from trainer.senses.picks import Picks, drawn_picks
from trainer.senses.rows import word_row
from trainer.senses.sentences import SentenceStore, sentence_store
from trainer.senses.settings import SensesSettings
from trainer.senses.vectors import Reader, ReadingOrder, WordVectors, word_states, word_vectors
from trainer.states.standardise import Standardiser
from trainer.states.teacher import Teacher
from trainer.storage.lock import training_lock
from trainer.storage.manifest import saved_identity, write_manifest
from trainer.text.words import Word, words_of
from trainer.training.reporting import Notify

_CHANGES_NOTHING = {"student", "evaluate", "bank", "threads", "corpus"}


@dataclass(frozen=True)
class CorpusToRead:
    """Documents that can be read again and again, the names of their files, and a digest."""

    names: tuple[str, ...]
    digest: str
    documents: Callable[[], Iterable[Document]]


@dataclass(frozen=True)
class GatheredWords:
    """What a building keeps of its corpus: sentences, drawn occurrences, and their vectors."""

    store: SentenceStore
    picks: Picks
    vectors: WordVectors


def usage_teacher(name: str, language: Language, settings: SensesSettings) -> Teacher:
    """The teacher that the settings describe."""
    return Teacher.open(
        name,
        language,
        layers=(settings.layer,),
        echo=settings.echo,
        dtype=torch.bfloat16 if settings.dtype == "bf16" else torch.float32,
        segmenter=settings.segmenter,
        max_length=settings.max_length,
    )


def building_identity(
    corpus: CorpusToRead, teacher: Teacher, inventory: Inventory | None, settings: SensesSettings
) -> str:
    """SHA-256 of all that decides the dictionary: settings, corpus, weights, inventory."""
    entries = () if inventory is None else inventory.entries
    return content_digest(
        settings.model_dump_json(exclude=_CHANGES_NOTHING),
        corpus.digest,
        teacher.digest,
        repr((teacher.layers, teacher.inputs.echo)),
        orjson.dumps(entries).decode(),
    )


def build_senses(
    corpus: CorpusToRead,
    teacher: Teacher,
    language: Language,
    inventory: Inventory | None,
    settings: SensesSettings,
    folder: SensesFolder,
    notify: Notify = print,
) -> DictionaryDescription | None:
    """Builds the dictionary; None where it is there already.

    Killed and started again it goes on where it was, and ends with equal bytes. Raises
    StorageError at once while another process builds in the folder.
    """
    identity = building_identity(corpus, teacher, inventory, settings)
    with training_lock(folder.path):
        if saved_identity(folder.dictionary) == identity:
            return None
        work = folder.work(identity)
        gathered = gathered_words(corpus, teacher, language, settings, work, notify)
        units = gathered.picks.units
        n_senses = [len(inventory.senses(unit)) if inventory else 0 for unit in units]
        rows = gathered.vectors.rows
        words = clustered_words(gathered.picks, rows, n_senses, settings, work / "clusters")
        n_vectors = int(sum(own.mass.sum() for own in words.usages))
        n_usages = sum(len(own.mass) for own in words.usages)
        description = DictionaryDescription(
            identity=identity,
            language=language.code,
            segmenter=settings.segmenter,
            backbone=teacher.name,
            backbone_digest=teacher.digest,
            dtype=settings.dtype,
            layer=teacher.layers[0],
            echo=teacher.inputs.echo,
            corpus=corpus.names,
            n_sentences=len(gathered.store),
            n_units=len(words.units),
            n_usages=n_usages,
            n_vectors=n_vectors,
            width=gathered.vectors.standardiser.width,
            variance_kept=1.0 - words.left / words.total if words.total else 0.0,
            temperature=max(words.left / (n_vectors * rows.shape[1]), 1e-6),
        )
        _save(folder.dictionary, description, gathered, words, teacher, language, inventory)
    return description


def kept_words(folder: SensesFolder, own: DictionaryDescription) -> GatheredWords:
    """What the building of a dictionary has kept; InputError where it was deleted."""
    work = folder.work(own.identity)
    if not (work / "vectors.npy").is_file():
        raise InputError(
            f"{work}: the vectors that `{BUILD}` kept are gone: delete {folder.dictionary} and run "
            "it again"
        )
    vectors = WordVectors(work / "vectors.npy", Standardiser.open(work))
    return GatheredWords(_kept_sentences(work), Picks.open(work / "picks.npz"), vectors)


def gathered_words(
    corpus: CorpusToRead,
    teacher: Teacher,
    language: Language,
    settings: SensesSettings,
    work: Path,
    notify: Notify,
) -> GatheredWords:
    """Sentences, drawn occurrences and their vectors, from ``work`` or made into it."""
    store = _cut(corpus, language, settings, work)
    path = work / "picks.npz"
    if not path.exists():
        drawn_picks(store, language, settings).save(path)
    picks = Picks.open(path)
    notify(
        f"{len(store):,} sentences; {len(picks.units):,} words, {len(picks.unit):,} occurrences "
        "drawn"
    )
    reader = Reader(teacher, store, picks, ReadingOrder.of(picks))
    vectors = word_vectors(reader, work, settings.width, settings.sample, notify)
    return GatheredWords(store, picks, vectors)


def _cut(
    corpus: CorpusToRead, language: Language, settings: SensesSettings, work: Path
) -> SentenceStore:
    """The corpus in sentences; once it is cut, it is not read again."""
    done = work / "sentences.json"
    if done.exists():
        return _kept_sentences(work)
    segment = words_for(settings.segmenter, language)
    n = sum(document.size for document in corpus.documents())
    parts = corpus.documents()
    own = work / "sentences"
    store = sentence_store(parts, own, language, segment, settings.max_words, n)
    write_text(done, orjson.dumps([path.name for path in store.paths]).decode())
    return store


def _kept_sentences(work: Path) -> SentenceStore:
    with explained(work):
        names = orjson.loads((work / "sentences.json").read_bytes())
    return SentenceStore([work / "sentences" / name for name in names])


def _save(
    folder: Path,
    description: DictionaryDescription,
    gathered: GatheredWords,
    words: ClusteredWords,
    teacher: Teacher,
    language: Language,
    inventory: Inventory | None,
) -> None:
    units = [gathered.picks.units[unit] for unit in words.units]
    with replacing_folder(folder) as temporary, explained(folder):
        save_dictionary(temporary, units, words.usages)
        gathered.vectors.standardiser.save(temporary)
        write_table(temporary / EXAMPLES, UsageExample, _examples(units, gathered, words))
        near = collocates(gathered.picks, gathered.store, words, language)
        write_table(temporary / COLLOCATES, Collocate, near)
        glosses = list(_glosses(units, inventory))
        write_table(temporary / GLOSSES, GlossOfUnit, glosses)
        vectors = gloss_vectors(teacher, gathered.vectors, [(g.unit, g.gloss) for g in glosses])
        with open(temporary / GLOSS_VECTORS, "wb") as file:
            np.save(file, vectors)
        describe(temporary, description)
        write_manifest(temporary, description.identity)


def _examples(
    units: Sequence[str], gathered: GatheredWords, words: ClusteredWords
) -> Iterator[UsageExample]:
    at = 0
    for unit, own in zip(units, words.usages, strict=True):
        for usage in range(len(own.mass)):
            seen: set[str] = set()
            for row in words.examples[at]:
                if row < 0:
                    continue
                sentence = gathered.store[int(gathered.picks.sentence[row])]
                if sentence.text in seen:
                    continue
                seen.add(sentence.text)
                start, end = sentence.spans[int(gathered.picks.word[row])]
                document = sentence.document
                yield UsageExample(
                    unit=unit,
                    usage=usage,
                    document=document,
                    sentence=sentence.text,
                    target_start=start,
                    target_end=end,
                )
            at += 1


def _glosses(units: Sequence[str], inventory: Inventory | None) -> Iterator[GlossOfUnit]:
    for unit in units:
        for sense in inventory.candidates(unit) if inventory is not None else ():
            gloss = sense.gloss or ""
            yield GlossOfUnit(unit=unit, sense_id=sense.sense_id, pos=sense.pos, gloss=gloss)


def gloss_vectors(
    teacher: Teacher, vectors: WordVectors, glosses: Sequence[tuple[str, str]]
) -> NDArray[np.float16]:
    """(n, w) vectors of words read with their glosses: ``word: gloss.``

    The word's own state, as in the corpus: in an echo its second copy has read the gloss.
    """
    segment, rows = teacher.inputs.segment, []
    for unit, gloss in glosses:
        colon, *rest = words_of(f": {gloss}.", segment)
        words = (Word(unit, False), replace(colon, attached=True), *rest)
        rows.append(word_row(teacher.inputs, words, [0]))
    if not rows:
        return np.zeros((0, vectors.standardiser.width), dtype=np.float16)
    states = np.nan_to_num(word_states(teacher, rows))
    found = vectors.standardiser.apply(states[:, None, :])[:, 0]
    return np.asarray(found, dtype=np.float16)
