"""Synsets find their counterparts in Princeton WordNet: stated by the source, else looked for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.engine.folder import RunFolder
from pipeline.engine.stage import Upstream
from pipeline.sources.settings import SourceKind
from pipeline.stages.requests import AskingStage
from pipeline.stages.settings import LinkSettings
from schemas.errors import InputError
from schemas.records import Link, Pos, SourceText, Synset
from testing.scripted import Finished, Tables, run_stage
from testing.wordnet_database import DatabaseLine, write_database
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


def test_what_princeton_says_of_an_interlingual_id_is_told_where_its_files_are_named(
    tmp_path: Path,
) -> None:
    offsets = database(tmp_path)
    (tmp_path / "ili.tab").write_text(f"i46593\t{offsets['cat']}\n", encoding="utf-8")
    rows = [synset("x-1", ili="i46593"), synset("x-2", ili="i7")]
    done = linked(tmp_path, rows, "lmf", ili=Path("ili.tab"), wordnet=Path("dict"))
    first, second = done.rows("links", Link)
    assert isinstance(first, Link)
    assert (first.lemmas, first.link_confidence) == (("cat", "true cat"), 1.0)
    assert first.definition == "feline mammal with thick soft fur"
    assert isinstance(second, Link)
    assert second.definition is None
    assert done.manifest.counts == {"links": 2, "from_source": 2, "unsure": 0}


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


HEADER = "  1 WordNet 3.0 Copyright 2006 by Princeton  \n"
LINES = (
    DatabaseLine("animal", "noun", "n", 5, ("animal", "beast"), "a living organism that moves"),
    DatabaseLine(
        "cat", "noun", "n", 5, ("cat", "true_cat"), "feline mammal with thick soft fur",
        (("@", "animal"),),
    ),
    DatabaseLine(
        "mouse", "noun", "n", 5, ("mouse",), "small rodent with a long tail", (("@", "animal"),)
    ),
    DatabaseLine(
        "rat", "noun", "n", 5, ("rat",), "rodent that is larger than a mouse", (("@", "animal"),)
    ),
    DatabaseLine("device", "noun", "n", 6, ("mouse",), "a device that is moved by hand"),
    DatabaseLine("lion", "noun", "n", 5, ("lion", "Panthera_leo"), "large cat of Africa"),
)  # fmt: skip
LIST = "mèo\tcat; true cat\nchuột\tmouse; rat\nchuột nhắt\tmouse\ncon thú\tbeast; animal\n"


def database(folder: Path) -> dict[str, str]:
    """Writes the database and the list; the offsets by name, as links have them."""
    offsets = write_database(folder / "dict", LINES, HEADER)
    index = "".join(
        f"{word} n 2 0 2 0 {offsets[first]} {offsets[second]}\n"
        for word, first, second in (("mouse", "mouse", "device"), ("rat", "rat", "rat"))
    )
    (folder / "dict" / "index.noun").write_text(index, encoding="utf-8")
    (folder / "vi-en.tsv").write_text(LIST, encoding="utf-8")
    return {name: f"{offset}-n" for name, offset in offsets.items()}


def row(number: int, supersense: str, *lemmas: str) -> Synset:
    return Synset(synset_id=f"viwn-{number}", pos=Pos.NOUN, supersense=supersense, lemmas=lemmas)


def looked_for(folder: Path, rows: Sequence[Synset], **settings: object) -> Finished:
    told: dict[str, object] = {
        "wordnet": Path("dict"),
        "dictionaries": (Path("vi-en.tsv"),),
        "min_confidence": 0.5,
    }
    return linked(folder, list(rows), "csv", **told | settings)


def links_of(done: Finished) -> dict[str, str | None]:
    return {row.synset_id: row.princeton for row in done.rows("links", Link)}  # type: ignore[attr-defined]


def test_lemmas_find_their_synset_by_a_word_list_and_its_file(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    rows = [
        row(1, "noun.animal", "mèo", "con mèo"),
        row(2, "noun.artifact", "chuột"),
        row(3, "noun.animal", "chuột nhắt", "con chuột nhắt"),
        row(4, "noun.animal", "từ không có"),
    ]
    done = looked_for(tmp_path, rows)
    assert links_of(done) == {
        "viwn-1": offsets["cat"],
        "viwn-2": offsets["device"],
        "viwn-3": offsets["mouse"],
    }
    (link, *_) = done.rows("links", Link)
    assert isinstance(link, Link)
    assert link.lemmas == ("cat", "true cat")
    assert link.definition == "feline mammal with thick soft fur"
    assert 0.5 <= link.link_confidence < 1
    assert done.manifest.counts["links"] == 3


def test_no_two_rows_have_one_counterpart(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    rows = [row(1, "noun.animal", "chuột nhắt"), row(2, "noun.animal", "chuột")]
    found = links_of(looked_for(tmp_path, rows, min_confidence=0.1))
    assert found["viwn-1"] == offsets["mouse"]
    assert found.get("viwn-2") in (None, offsets["rat"])


def test_what_the_source_says_is_anothers_counterpart_is_taken(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    (tmp_path / "ili.tab").write_text(f"i46593\t{offsets['cat']}\n", encoding="utf-8")
    told = {"wordnet": Path("dict"), "dictionaries": (Path("vi-en.tsv"),), "min_confidence": 0.01}
    rows = [synset("x-1", ili="i46593"), synset("x-2")]
    done = linked(tmp_path, rows, "lmf", ili=Path("ili.tab"), **told)
    assert links_of(done)["x-1"] == offsets["cat"]
    assert links_of(done).get("x-2") != offsets["cat"]
    alone = linked(tmp_path, rows[1:], "lmf", ili=Path("ili.tab"), **told)
    assert links_of(alone) == {"x-2": offsets["cat"]}


def test_a_lemma_kept_in_latin_is_found_without_a_list(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    done = looked_for(tmp_path, [row(1, "noun.animal", "sư tử", "Panthera leo")], dictionaries=())
    assert links_of(done) == {"viwn-1": offsets["lion"]}


def test_a_less_probable_link_than_wanted_is_none(tmp_path: Path) -> None:
    database(tmp_path)
    done = looked_for(tmp_path, [row(1, "noun.animal", "mèo")], min_confidence=1.0)
    assert links_of(done) == {}
    assert done.manifest.counts == {"links": 0, "from_source": 0, "unsure": 1}
    (link,) = done.rows("unsure", Link)
    assert isinstance(link, Link)
    assert link.synset_id == "viwn-1"
    assert link.link_confidence < 1.0


def test_a_synset_of_a_row_that_may_be_any_noun_needs_more(tmp_path: Path) -> None:
    database(tmp_path)
    (sure,) = looked_for(tmp_path, [row(1, "noun.animal", "mèo")]).rows("links", Link)
    found = looked_for(tmp_path, [row(1, "noun.tops", "mèo")], min_confidence=0.01)
    (unsure,) = found.rows("links", Link)
    assert isinstance(sure, Link)
    assert isinstance(unsure, Link)
    assert unsure.link_confidence < sure.link_confidence


def test_equal_input_gives_equal_links_and_another_list_is_another_run(tmp_path: Path) -> None:
    database(tmp_path)
    rows = [row(1, "noun.animal", "mèo"), row(2, "noun.animal", "chuột")]
    first = looked_for(tmp_path, rows)
    again = looked_for(tmp_path, rows)
    assert again.progress is None
    assert again.output.folder == first.output.folder
    (tmp_path / "vi-en.tsv").write_text("mèo\tlion\n", encoding="utf-8")
    assert looked_for(tmp_path, rows).output.folder != first.output.folder


def test_another_version_of_wordnet_is_refused(tmp_path: Path) -> None:
    database(tmp_path)
    write_database(tmp_path / "dict", LINES, HEADER.replace("3.0", "3.1"))
    with pytest.raises(InputError, match=r"dict: this is WordNet 3\.1, links are to 3\.0; get it"):
        looked_for(tmp_path, [row(1, "noun.animal", "mèo")])


def test_a_damaged_index_is_named_with_its_line(tmp_path: Path) -> None:
    database(tmp_path)
    (tmp_path / "dict" / "index.noun").write_text("mouse n 2 x\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"index\.noun, line 1: not a line of a WordNet index"):
        looked_for(tmp_path, [row(1, "noun.animal", "mèo")])


@dataclass
class Model:
    """Knows the English of some lemmas, and which definition is the right one."""

    english: dict[str, list[str]] = field(default_factory=dict)
    right: str = "nothing"
    broken: int = 0
    """How many replies are no JSON."""
    prompts: dict[str, str] = field(default_factory=dict)

    def __call__(self, label: str, prompt: str) -> str:
        self.prompts[label] = prompt
        if self.broken:
            self.broken -= 1
            return "cũng hay"
        if "/choice/" in label:
            found = re.findall(r"^(\d+) = (.*)$", prompt, re.MULTILINE)
            chosen = [int(number) for number, text in found if self.right in text]
            return json.dumps({"entry": chosen[0] if chosen else 0})
        groups = re.findall(r"^\((\d+)\) (\S+)", prompt, re.MULTILINE)
        answers = [
            {"number": int(number), "english": self.english.get(lemma.strip(";"), [])}
            for number, lemma in groups
        ]
        return json.dumps({"synsets": answers})


def asked(folder: Path, model: Model, rows: Sequence[Synset], **settings: object) -> Finished:
    told: dict[str, object] = {"wordnet": Path("dict"), "min_confidence": 0.5}
    stage = bound_stages(folder, LinkSettings(**told | settings))["link"]  # type: ignore[arg-type]
    return run_stage(stage, {"synsets": {"synsets": (Synset, rows)}}, folder, model)


def test_a_model_gives_the_english_of_several_synsets_in_one_request(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    model = Model({"mèo": ["cat", "true cat"], "chuột": ["mouse"]})
    rows = [row(1, "noun.animal", "mèo"), row(2, "noun.animal", "chuột"), row(3, "noun.act", "x")]
    done = asked(tmp_path, model, rows, equivalents=True, min_confidence=0.3)
    assert done.asked == ["link/viwn-1/1"]
    assert "(2) chuột (danh từ; động vật)" in model.prompts["link/viwn-1/1"]
    assert links_of(done) == {"viwn-1": offsets["cat"], "viwn-2": offsets["mouse"]}


def test_a_model_chooses_blindly_and_none_is_an_answer(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    (tmp_path / "vi-en.tsv").write_text("chuột\tmouse; rat; cat\n", encoding="utf-8")
    rows = [row(1, "noun.animal", "chuột")]
    lists = {"dictionaries": (Path("vi-en.tsv"),), "choose": True, "clear": 0.999}
    model = Model(right="larger than a mouse")
    done = asked(tmp_path, model, rows, **lists, trust=0.95)
    assert done.asked == ["link/viwn-1/choice/1"]
    assert links_of(done) == {"viwn-1": offsets["rat"]}
    shown = model.prompts["link/viwn-1/choice/1"]
    assert "rat: rodent that is larger than a mouse" in shown
    assert "0 = không mục nào ở trên" in shown
    again = asked(tmp_path, Model(), rows, **lists, trust=0.96)
    assert again.asked == []  # what was answered is in the ledger, and counts for more
    assert links_of(asked(tmp_path / "none", Model(), rows, **absolute(tmp_path, lists))) == {}


@pytest.mark.parametrize("said", ['{"entry": 9}', "cũng hay"])
def test_a_choice_that_is_not_on_the_list_or_no_choice_at_all_is_as_if_none_was_asked(
    tmp_path: Path, said: str
) -> None:
    offsets = database(tmp_path)
    (tmp_path / "vi-en.tsv").write_text("chuột\tmouse\n", encoding="utf-8")
    rows = [row(1, "noun.animal", "chuột")]
    lists = {"dictionaries": (Path("vi-en.tsv"),), "clear": 0.999, "min_confidence": 0.1}
    told: dict[str, object] = {"wordnet": Path("dict"), **lists}
    stage = bound_stages(tmp_path, LinkSettings(**told, choose=True))["link"]  # type: ignore[arg-type]
    inputs: dict[str, Tables] = {"synsets": {"synsets": (Synset, rows)}}
    done = run_stage(stage, inputs, tmp_path, lambda *_: said)
    assert "link/viwn-1/choice/1" in done.asked
    assert links_of(done) == {"viwn-1": offsets["mouse"]}
    assert done.rows("links", Link) == looked_for(tmp_path, rows, **lists).rows("links", Link)


def absolute(folder: Path, lists: dict[str, object]) -> dict[str, object]:
    paths = {"wordnet": folder / "dict", "dictionaries": (folder / "vi-en.tsv",)}
    return lists | paths | {"trust": 0.95}


def test_what_has_no_usable_answer_has_failed_and_the_lists_still_count(tmp_path: Path) -> None:
    offsets = database(tmp_path)
    rows = [row(1, "noun.animal", "mèo", "con mèo")]
    lists = {"dictionaries": (Path("vi-en.tsv"),), "equivalents": True}
    done = asked(tmp_path, Model(broken=99), rows, **lists)
    assert done.manifest.counts["failed"] == 1
    assert done.rejects == [("viwn-1", "bad_reply")] * 2
    assert links_of(done) == {"viwn-1": offsets["cat"]}


def test_plan_lists_what_is_then_asked(tmp_path: Path) -> None:
    database(tmp_path)
    rows = [row(number, "noun.animal", f"mèo {number}") for number in range(1, 6)]
    settings = {"wordnet": Path("dict"), "equivalents": True, "per_request": 2}
    stage = bound_stages(tmp_path, LinkSettings(**settings))["link"]  # type: ignore[arg-type]
    assert isinstance(stage, AskingStage)
    assert stage.requests.asks
    assert stage.requests.estimated({"synsets": 5}, {}).requests == 3
    done = asked(tmp_path, Model(), rows, **settings)
    given = RunFolder(tmp_path).outputs("synsets")[0]
    folder = RunFolder(tmp_path).stage("synsets", given.fingerprint)
    inputs = {"synsets": Upstream(folder, given)}
    assert [request.item for request in stage.requests.listed(inputs)] == sorted(done.asked)


def test_a_model_is_asked_nothing_unless_that_is_set(tmp_path: Path) -> None:
    stage = bound_stages(tmp_path, LinkSettings(wordnet=Path("dict")))["link"]
    assert isinstance(stage, AskingStage)
    assert not stage.requests.asks
    assert stage.requests.estimated({"synsets": 5}, {}).requests == 0
