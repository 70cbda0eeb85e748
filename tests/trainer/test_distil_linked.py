"""Training and measuring across languages, on a release's table ``word_in_context_en``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from tiny_release import VI, rows

from schemas.records import EnglishContext, Provenance, RephrasedAs, Rephrasing, Split
from schemas.tables import write_table
from trainer.benchsets.linked import linked_set
from trainer.data.release import read_english, read_release, read_rephrasings
from trainer.distil.evaluate import evaluate_distilled
from trainer.distil.linked import linked_triples
from trainer.distil.rephrased import rephrased_triples
from trainer.distil.run import train_distiller
from trainer.distil.triples import Siblings
from trainer.meanings.model import DistilledModel
from trainer.settings import DistilEvaluateSettings, DistilSettings

ENGLISH = {
    "s1": ("00000001-n", "she put sugar into the tea", "sugar"),
    "s2": ("00000002-n", "an old road by the sea", "road"),
}


def table() -> list[EnglishContext]:
    """Both senses of đường: each with its own English sentence, and with the other's."""
    found = []
    for example in rows()[0]:
        if example.synset_id not in ENGLISH:
            continue
        for same in (True, False):
            other = "s2" if example.synset_id == "s1" else "s1"
            synset, text, word = ENGLISH[example.synset_id if same else other]
            found.append(
                EnglishContext(
                    pair_id=f"{example.context_id}{same}",
                    same=same,
                    **example.model_dump(
                        include={
                            *("context_id", "sense_id", "lemma", "pos", "sentence"),
                            *("target_start", "target_end", "split"),
                        }
                    ),
                    english_sentence=text,
                    english_start=text.index(word),
                    english_end=text.index(word) + len(word),
                    english_lemma=word,
                    princeton=synset,
                    link_confidence=1.0,
                )
            )
    return found


def test_a_triple_across_languages_has_its_negative_in_english() -> None:
    triples = linked_triples(table())
    assert len(triples) == len(table()) / 2
    for triple in triples:
        assert triple.negative_of == "positive"
        assert triple.negative is not None
        assert triple.sibling is not None
        own = {side.sentence[side.start : side.end] for side in (triple.positive, triple.negative)}
        assert own == {"sugar", "road"}
        negative, positive = triple.negative, triple.positive
        assert negative.sentence[: negative.start] == positive.sentence[: positive.start]
        assert triple.sibling.sentence != positive.sentence
        assert triple.source.sentence[triple.source.start : triple.source.end].lower() == "đường"


def said_again(kind: RephrasedAs) -> list[Rephrasing]:
    """Of each example of a sense of đường a sentence that says it again."""
    made_by = Provenance(
        request_key="k", prompt_id="translate", prompt_version="v1", model="m", sample=0, round=1
    )
    found = []
    for example in rows()[0]:
        if example.synset_id not in ENGLISH:
            continue
        _, text, word = ENGLISH[example.synset_id]
        if kind is RephrasedAs.PARAPHRASE:
            text, word = f"nói lại: {example.sentence}", example.target
        found.append(
            Rephrasing(
                rephrasing_id=f"{example.context_id}{kind}",
                kind=kind,
                language="en" if kind is RephrasedAs.TRANSLATION else "vi",
                **example.model_dump(include={"context_id", "sense_id", "split"}),
                sentence=text,
                target_start=text.index(word),
                target_end=text.index(word) + len(word),
                provenance=made_by,
            )
        )
    return found


@pytest.mark.parametrize("kind", list(RephrasedAs))
def test_what_is_said_again_is_a_positive(release_folder: Path, kind: RephrasedAs) -> None:
    data = read_release(release_folder, VI)
    train = {item.item_id: item for item in data.split("train")}
    siblings = Siblings(data.split("train"), data.inventory)
    triples = rephrased_triples(said_again(kind), train, siblings)
    assert len(triples) == sum(row.split is Split.TRAIN for row in said_again(kind)) > 0
    for triple in triples:
        source, positive = triple.source, triple.positive
        assert source == train[source.row].marked
        assert triple.sibling is not None
        assert triple.sense.startswith(train[source.row].synset_id)
        if kind is RephrasedAs.PARAPHRASE:
            assert positive.sentence == f"nói lại: {source.sentence}"
            assert (triple.negative, triple.negative_of) == (None, "source")
        else:
            assert triple.negative is not None
            assert triple.negative_of == "positive"
            sides = (positive, triple.negative)
            assert {s.sentence[s.start : s.end] for s in sides} == {"sugar", "road"}


def test_without_another_word_there_is_no_negative() -> None:
    same = [row for row in table() if row.same and row.english_lemma == "road"]
    triples = linked_triples(same)
    assert [triple.negative for triple in triples] == [None] * len(same)
    assert [triple.sibling for triple in triples] == [None] * len(same)
    assert linked_triples([row for row in table() if not row.same]) == []


@pytest.mark.parametrize("distiller", ["linear", "attention"])
def test_both_languages_are_trained_and_measured_together(
    release_folder: Path, decoder: str, tmp_path: Path, distiller: str
) -> None:
    torch.set_num_threads(1)
    release = tmp_path / "release"
    shutil.copytree(release_folder, release)
    for split in Split:
        own = [row for row in table() if row.split is split]
        if own:
            path = release / "data" / "word_in_context_en" / f"{split.value}.parquet"
            path.parent.mkdir(exist_ok=True)
            write_table(path, EnglishContext, own)
    for split in (Split.TRAIN, Split.VALIDATION):
        said_twice = [r for kind in RephrasedAs for r in said_again(kind) if r.split is split]
        path = release / "data" / "rephrasings" / f"{split.value}.parquet"
        write_table(path, Rephrasing, said_twice)
    data, english = read_release(release, VI), read_english(release)
    assert len(english) == len(table())
    settings = DistilSettings(distiller=distiller, epochs=1, batch_size=8)
    said: list[str] = []
    again = read_rephrasings(release)
    made = train_distiller(
        data, settings, decoder, tmp_path, said.append, english=english, rephrasings=again
    )
    n = sum(row.split is Split.TRAIN for row in english) // 2
    n_all = n + sum(row.split is Split.TRAIN for row in again)
    assert n_all == 3 * n > 0
    told = f"{21 + n_all} triples, {21 + n_all} with a negative, {18 + n_all} with"
    assert said[0].startswith(told)
    train_distiller(data, settings, decoder, tmp_path, said.append)
    assert said[-2].startswith("21 triples")  # without the table it is another model
    across = linked_set(release, ("train",), VI)
    assert len(across.test) == 2 * n
    assert len(across.dev) == sum(row.split is Split.VALIDATION for row in english)
    few = DistilEvaluateSettings(bootstrap_samples=5)
    model = DistilledModel.open(made)
    report = evaluate_distilled(model, [across], few, tmp_path / "states", lambda _: None)
    assert report.sets[0].name == "release, across languages"
    assert report.sets[0].n_unplaced == 0


def test_a_release_without_the_table_has_no_such_pairs(release_folder: Path) -> None:
    assert linked_set(release_folder, ("train",), VI).test == ()
