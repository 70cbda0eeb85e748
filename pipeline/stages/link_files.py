"""What [link] names, and what is read of it: Princeton WordNet, word lists, interlingual ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from languages.language import Language
from pipeline.engine.fingerprint import digest_of_files
from pipeline.link.english import EnglishIndex
from pipeline.link.evidence import EvidenceFinder, LinkRow
from pipeline.link.ili import InterlingualIndex, read_ili
from pipeline.link.own import own_links
from pipeline.link.ranks import read_ranks
from pipeline.link.rows import foreign_lemmas, link_rows
from pipeline.link.word_lists import read_word_lists
from pipeline.sources.archives import ordinary
from pipeline.sources.princeton_file import HOW_TO_GET_IT, VERSION, open_wordnet
from pipeline.stages.settings import LinkSettings
from schemas.errors import InputError
from schemas.records import Link, Reject, Synset
from schemas.tables import read_table


@dataclass(frozen=True, slots=True)
class Lookup:
    """All that counterparts are looked up in, and what is to be looked up."""

    english: EnglishIndex
    finder: EvidenceFinder
    rows: list[LinkRow]
    synsets: Mapping[str, Synset]


@dataclass(frozen=True, slots=True)
class LinkFiles:
    """The paths of [link], relative to run.toml."""

    wordnet: Path | None
    lists: tuple[Path, ...]
    ili: Path | None

    @classmethod
    def of(cls, settings: LinkSettings, folder: Path) -> LinkFiles:
        """Relative paths begin at ``folder``."""

        def place(path: Path | None) -> Path | None:
            return folder / path.expanduser() if path else None

        lists = tuple(folder / path.expanduser() for path in settings.dictionaries)
        return cls(place(settings.wordnet), lists, place(settings.ili))

    def digests(self) -> dict[str, object]:
        """Of all that is read, for fingerprints; a StarDict dictionary is several files."""
        lists = [part for path in self.lists for part in _parts(path)]
        return {
            "wordnet": digest_of_files(ordinary(self.wordnet)) if self.wordnet else "",
            "dictionaries": [digest_of_files(ordinary(path)) for path in lists],
            "ili": digest_of_files(ordinary(self.ili)) if self.ili else "",
        }

    def stated(self, synsets: Path, kind: str) -> tuple[list[Link], InterlingualIndex]:
        """The links that the source states itself, and the interlingual ids."""
        ids = read_ili(self.ili)
        return list(own_links(read_table(synsets, Synset), kind, ids)), ids

    def lookup(
        self, synsets: Path, rejects: Path, done: frozenset[str], language: Language
    ) -> Lookup:
        """For the synsets that are not done yet."""
        lists = read_word_lists(self.lists, language)
        database = open_wordnet(self.wordnet)
        if database.version not in (None, VERSION):
            raise InputError(
                f"{database.where}: this is WordNet {database.version}, links are to {VERSION}; "
                f"{HOW_TO_GET_IT}"
            )
        english = EnglishIndex(database, read_ranks(self.wordnet))
        open_ = {s.synset_id: s for s in read_table(synsets, Synset) if s.synset_id not in done}
        dropped = foreign_lemmas(read_table(rejects, Reject))
        rows = list(link_rows(open_.values(), dropped, english, language))
        return Lookup(english, EvidenceFinder(english, lists, language), rows, open_)


def _parts(path: Path) -> list[Path]:
    beside = sorted(path.parent.glob(f"{path.stem}.*")) if path.suffix == ".ifo" else []
    return beside or [path]
