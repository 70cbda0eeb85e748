"""Princeton WordNet as a source of English: its own definitions and examples, ids by offset."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from languages.language import Language
from pipeline.sources.interface import Lexicon, SourceDescription, SourceSynset
from pipeline.sources.princeton_file import ENGLISH, PrincetonWordNet, open_wordnet
from pipeline.sources.supersenses import pos_of
from schemas.errors import InputError
from schemas.ids import synset_id
from schemas.records import SourceText

PREFIX = "pwn"

_CITATION = (
    "George A. Miller (1995). WordNet: A Lexical Database for English. "
    "Communications of the ACM 38(11), 39-41."
)


def read_princeton_source(path: Path, language: Language, prefix: str = PREFIX) -> Lexicon:
    """The synsets of a folder with the database's files, or of one in that format.

    An id is the offset with the letter of its file, as ``pwn-00001740-n``: releases share it as
    long as they are made from the same files.
    """
    if language.code != ENGLISH:
        raise InputError(
            f'{path}: Princeton WordNet is English, and [run] language is "{language.code}"; '
            f'set [run] language = "{ENGLISH}"'
        )
    database = open_wordnet(path)
    synsets = tuple(_synsets(database, prefix))
    if not synsets:
        raise InputError(f"{path}: its files hold no synset")
    return Lexicon(_description(database), synsets)


def _synsets(database: PrincetonWordNet, prefix: str) -> Iterator[SourceSynset]:
    for synset in database:
        supersense = synset.lexicographer_file.lower()
        yield SourceSynset(
            synset_id=synset_id(prefix, f"{synset.offset:08d}-{synset.pos}"),
            pos=pos_of(supersense),
            supersense=supersense,
            lemmas=synset.words,
            gloss=SourceText.of(synset.definition, ENGLISH),
            hypernyms=database.hypernyms(synset),
            examples=SourceText.each(synset.examples, ENGLISH),
        )


def _description(database: PrincetonWordNet) -> SourceDescription:
    """A file without Princeton's header is somebody else's; its licence is not known."""
    if database.version is None:
        return SourceDescription("a database in the format of WordNet", "", "not stated")
    return SourceDescription(
        name=f"Princeton WordNet {database.version}",
        url="https://wordnet.princeton.edu/",
        licence=f"WordNet {database.version} license",
        citation=_CITATION,
        notice=database.notice,
    )
