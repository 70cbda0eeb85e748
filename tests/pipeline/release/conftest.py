"""A small real release: 40 synsets, select, split and release run over real tables."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.card.render import write_card
from pipeline.engine.progress import Progress
from pipeline.release.manifest import PromptUse, ReleaseManifest, SourceInfo, StageSummary
from pipeline.release.settings import ReleaseSettings
from pipeline.release.word_in_context import EnglishSentences
from pipeline.release.write import write_release
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from pipeline.split.settings import SplitSettings
from pipeline.split.split import split_contexts
from schemas import ids
from schemas.records import Context, Gloss, Link, Pos, Provenance, Reject, Sense, Synset
from schemas.tables import write_table

SOURCE = SourceInfo(name="Từ điển mẫu", version="1", licence="CC-BY-4.0")
STAGES = (
    StageSummary(
        name="contexts",
        version="1",
        fingerprint="f00",
        settings_digest="d00",
        requests=40,
        prompt_tokens=4000,
        completion_tokens=8000,
        cost=Decimal("0.0123"),
        models=("recorded",),
        prompts=(PromptUse(prompt_id="contexts", version="1"),),
        first_request="2026-01-05",
        last_request="2026-01-06",
    ),
    StageSummary(
        name="select",
        version="1",
        fingerprint="f01",
        settings_digest="d01",
        counts={"judged": 50, "judge_agrees": 45},
    ),
)
LINKS = (
    Link(synset_id="m-1", ili="i46593", princeton="02121620-n", link_confidence=0.75),
    Link(synset_id="m-2", ili=None, princeton="02084071-n", link_confidence=1.0),
)
_WORDS = (
    *("nhà", "bếp", "sáng", "chiều", "mưa", "nắng", "xe", "đạp", "bàn"),
    *("ghế", "sông", "núi", "chợ", "trường", "lớp", "bạn", "mẹ", "cha"),
)


def said(request: str, prompt: str) -> Provenance:
    return Provenance(
        request_key=request,
        prompt_id=prompt,
        prompt_version="1",
        model="recorded",
        sample=0,
        round=1,
    )


@dataclass
class Tables:
    """The input tables of a release, written once; ``release`` writes the folder."""

    folder: Path
    rejects: list[Reject] = field(default_factory=list)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def write_lexicon(self) -> list[Sense]:
        synsets = [
            Synset(
                synset_id=f"m-{number}",
                pos=[Pos.NOUN, Pos.VERB, Pos.ADJ][number % 3],
                supersense=["noun.artifact", "verb.contact", "adj.all"][number % 3],
                lemmas=lemmas,
            )
            for number, lemmas in enumerate(
                [*((f"từ {n % 13}", f"chữ {n}") for n in range(39)), ("cái", "cái-x", "Hoà")]
            )
        ]
        uses: defaultdict[str, list[Pos]] = defaultdict(list)
        for synset in synsets:
            for lemma in synset.lemmas:
                uses[find_language("vi").match_key(lemma)].append(synset.pos)
        senses = [
            Sense(
                sense_id=ids.sense_id(synset.synset_id, lemma),
                synset_id=synset.synset_id,
                lemma=lemma,
                pos=synset.pos,
                n_siblings=len(uses[find_language("vi").match_key(lemma)]) - 1,
                n_siblings_same_pos=uses[find_language("vi").match_key(lemma)].count(synset.pos)
                - 1,
            )
            for synset in synsets
            for lemma in synset.lemmas
        ]
        senses.sort(key=lambda sense: sense.sense_id)
        write_table(self.path("synsets"), Synset, synsets)
        write_table(self.path("senses"), Sense, senses)
        glosses = [
            Gloss(
                synset_id=s.synset_id,
                gloss=f"nghĩa của {s.synset_id}",
                provenance=said(f"g-{s.synset_id}", "glosses"),
                cluster="m-1" if s.synset_id in ("m-1", "m-14") else None,
            )
            for s in synsets[1:]
        ]
        write_table(self.path("glosses"), Gloss, glosses)
        write_table(self.path("links"), Link, LINKS)
        return senses

    def write_contexts(self, senses: list[Sense], each: int) -> None:
        rows = []
        for sense in senses[:-1]:
            for number in range(each):
                rng = random.Random(f"{sense.sense_id}/{number}")
                before = " ".join(rng.choices(_WORDS, k=rng.randint(4, 9))).capitalize()
                after = " ".join(rng.choices(_WORDS, k=rng.randint(3, 9)))
                target = sense.lemma.replace("Hoà", "HÒA")
                sentence, start = f"{before} {target} {after}.", len(before) + 1
                rows.append(
                    Context(
                        context_id=ids.context_id(
                            sense.sense_id, sentence, start, start + len(target)
                        ),
                        sense_id=sense.sense_id,
                        sentence=sentence,
                        target_start=start,
                        target_end=start + len(target),
                        provenance=said(f"k-{sense.sense_id}", "contexts"),
                    )
                )
        rows.sort(key=lambda row: (row.sense_id, row.context_id))
        write_table(self.path("contexts"), Context, rows)

    def select_and_split(self) -> None:
        select_contexts(
            language=find_language("vi"),
            contexts=self.path("contexts"),
            senses=self.path("senses"),
            glosses=self.path("glosses"),
            verdicts=None,
            unjudged=None,
            audit_outcomes=None,
            settings=SelectSettings(),
            output=self.path("selected"),
            on_reject=self.rejects.append,
            progress=Progress(),
        )
        split_contexts(
            language=find_language("vi"),
            selected=self.path("selected"),
            senses=self.path("senses"),
            settings=SplitSettings(),
            output=self.path("splits"),
            on_reject=self.rejects.append,
            progress=Progress(),
        )

    def release(
        self, folder: Path, english: EnglishSentences | None = None, **options: object
    ) -> ReleaseManifest:
        return write_release(
            folder=folder,
            synsets=self.path("synsets"),
            senses=self.path("senses"),
            glosses=self.path("glosses"),
            links=self.path("links"),
            selected=self.path("selected"),
            splits=self.path("splits"),
            settings=ReleaseSettings(name="mẫu", **options),
            language=find_language("vi"),
            stages=STAGES,
            judged=(50, 45),
            source=SOURCE,
            recorded=True,
            english=english,
        )


def make_tables(folder: Path) -> Tables:
    folder.mkdir(parents=True, exist_ok=True)
    tables = Tables(folder)
    tables.write_contexts(tables.write_lexicon(), each=9)
    tables.select_and_split()
    return tables


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return make_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def fresh_tables(tmp_path: Path) -> Callable[[], Tables]:
    """Tables that a test may spoil."""
    return lambda: make_tables(tmp_path / "fresh")


@pytest.fixture(scope="session")
def release(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "release"
    tables.release(folder, row_group_rows=64, max_shard_rows=100)
    write_card(folder)
    return folder
