"""Synsets find their counterparts in Princeton WordNet: stated by the source, else looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.sources.settings import SourceKind
from pipeline.stages.settings import LinkSettings
from schemas.records import Link, Pos, SourceText, Synset
from testing.scripted import Finished, run_stage
from tests.pipeline.stages.bound import bound_stages, run_parts


def never(label: str, _: str) -> str:
    pytest.fail(f"{label}: nothing is to be asked")


def synset(synset_id: str, ili: str | None = None, gloss: SourceText | None = None) -> Synset:
    return Synset(
        synset_id=synset_id,
        pos=Pos.NOUN,
        supersense="noun.animal",
        lemmas=("mèo",),
        ili=ili,
        source_gloss=gloss,
    )


def linked(folder: Path, rows: list[Synset], kind: SourceKind, **settings: object) -> Finished:
    source = replace(run_parts(folder)).source.model_copy(update={"kind": kind})
    stage = bound_stages(folder, LinkSettings(**settings), source=source)["link"]  # type: ignore[arg-type]
    return run_stage(stage, {"synsets": {"synsets": (Synset, rows)}}, folder, never)


def test_where_nothing_is_set_nothing_is_linked_and_nothing_asked(tmp_path: Path) -> None:
    done = linked(tmp_path, [synset("viwn-02121620"), synset("viwn-02121620-n")], "csv")
    assert done.rows("links", Link) == []
    assert done.manifest.counts == {"links": 0}


def test_ids_that_are_princetons_are_links_without_a_doubt(tmp_path: Path) -> None:
    table = tmp_path / "ili.tab"
    table.write_text("i46593\t02121620-n\n", encoding="utf-8")
    gloss = SourceText(text="feline mammal", language="en")
    rows = [synset("omw-02121620-n", gloss=gloss), synset("omw-09999999-s")]
    done = linked(tmp_path, rows, "omw", ili=Path("ili.tab"))
    assert done.rows("links", Link) == [
        Link(
            synset_id="omw-02121620-n",
            ili="i46593",
            princeton="02121620-n",
            link_confidence=1.0,
            definition="feline mammal",
        ),
        Link(synset_id="omw-09999999-s", ili=None, princeton="09999999-a", link_confidence=1.0),
    ]


def test_princeton_itself_has_its_own_words(tmp_path: Path) -> None:
    (link,) = linked(tmp_path, [synset("pwn-02121620-n")], "princeton").rows("links", Link)
    assert isinstance(link, Link)
    assert (link.princeton, link.lemmas) == ("02121620-n", ("mèo",))


def test_an_interlingual_id_is_a_link_and_the_table_says_to_what(tmp_path: Path) -> None:
    (tmp_path / "ili.tab").write_text("i46593\t02121620-n\n", encoding="utf-8")
    rows = [synset("x-1", ili="i46593"), synset("x-2", ili="i7"), synset("x-3")]
    done = linked(tmp_path, rows, "lmf", ili=Path("ili.tab"))
    found = [(row.synset_id, row.ili, row.princeton) for row in done.rows("links", Link)]
    assert found == [("x-1", "i46593", "02121620-n"), ("x-2", "i7", None)]


def test_another_table_of_ids_is_another_run(tmp_path: Path) -> None:
    table = tmp_path / "ili.tab"
    table.write_text("i1\t02121620-n\n", encoding="utf-8")
    rows = [synset("omw-02121620-n")]
    first = linked(tmp_path, rows, "omw", ili=table)
    assert linked(tmp_path, rows, "omw", ili=table).output.folder == first.output.folder
    table.write_text("i2\t02121620-n\n", encoding="utf-8")
    (link,) = linked(tmp_path, rows, "omw", ili=table).rows("links", Link)
    assert isinstance(link, Link)
    assert link.ili == "i2"
