"""Reading a release and a dictionary, and splitting the latter."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_release import VI

from languages.find import find_language
from schemas.errors import InputError, StorageError
from testing.dictionary import split_by_lemma, split_by_sense
from trainer.benchsets.dictionary import read_dictionary
from trainer.data import WsdData
from trainer.data.release import read_items, read_release

SENSES = "sense_id,lemma,gloss\n" + "".join(
    f"w{i}.{k},w{i},nghĩa {i} {k}\n" for i in range(40) for k in (1, 2)
)
CONTEXTS = "sense_id,lemma,sentence,start,end\n" + "".join(
    f"w{i}.{k},w{i},câu {n} w{i},6,{6 + len(f'w{i}')}\n"
    for i in range(40)
    for k in (1, 2)
    for n in range(4)
)


@pytest.fixture
def dictionary(tmp_path: Path) -> WsdData:
    (tmp_path / "senses.csv").write_text(SENSES, "utf-8")
    (tmp_path / "contexts.csv").write_text(CONTEXTS, "utf-8")
    return read_dictionary(tmp_path, VI)


def test_every_target_of_a_release_is_its_lemma(data: WsdData) -> None:
    assert len(data.items) == sum(len(data.split(s)) for s in {i.split for i in data.items})
    for item in data.items:
        assert find_language("vi").match_key(item.sentence[item.start : item.end]) == find_language(
            "vi"
        ).match_key(item.lemma)
        assert item.synset_id in data.inventory.row_of


def test_a_split_without_shards_is_empty_and_a_wrong_folder_is_named(
    release_folder: Path, tmp_path: Path
) -> None:
    assert read_items(release_folder, "nothing") == []
    with pytest.raises(InputError, match="senses"):
        read_release(tmp_path, VI)


def test_equal_glosses_have_equal_text_numbers(data: WsdData) -> None:
    numbers = dict(zip(data.inventory.synset_ids, data.inventory.text_numbers, strict=True))
    assert numbers["s1"] == numbers["s9"]
    assert len(set(numbers.values())) == len(numbers) - 1


def test_dictionary_split_by_lemma_shares_no_lemma(dictionary: WsdData) -> None:
    data = split_by_lemma(dictionary, 5, 0)
    lemmas = {s: {i.lemma for i in data.split(s)} for s in ("train", "validation")}
    test = {i.lemma for i in data.split("test_unseen_lemma")}
    assert test
    assert not test & (lemmas["train"] | lemmas["validation"])
    assert not lemmas["train"] & lemmas["validation"]
    assert len(data.items) == len(dictionary.items)
    everything = set()
    for fold in range(5):
        everything |= {
            i.item_id for i in split_by_lemma(dictionary, 5, fold).split("test_unseen_lemma")
        }
    assert everything == {i.item_id for i in dictionary.items}


def test_dictionary_split_by_sense_holds_senses_out_whole(dictionary: WsdData) -> None:
    data = split_by_sense(dictionary, 5, 0)
    train = {i.sense_id for i in data.split("train")}
    lemmas = {i.lemma for i in data.split("train")}
    assert data.split("test_unseen_sense")
    for item in data.split("test_unseen_sense"):
        assert item.sense_id not in train
        assert item.lemma in lemmas
    for item in data.split("test_seen"):
        assert item.sense_id in train
    tested = {i.sense_id for i in data.split("test_seen", "test_unseen_sense", "test_unseen_lemma")}
    deciding = {i.sense_id for i in data.split("validation")}
    assert deciding & train
    assert deciding - train
    assert not deciding - train & tested


def test_a_faulty_dictionary_is_explained(tmp_path: Path) -> None:
    (tmp_path / "senses.csv").write_text("sense_id,lemma,gloss\na.1,a,g\n", "utf-8")
    (tmp_path / "contexts.csv").write_text(
        "sense_id,lemma,sentence,start,end\nb.1,b,b,0,1\n", "utf-8"
    )
    with pytest.raises(InputError, match=r"contexts\.csv:2.*'b\.1'"):
        read_dictionary(tmp_path, VI)
    (tmp_path / "senses.csv").write_text("id\n", "utf-8")
    with pytest.raises(InputError, match="gloss"):
        read_dictionary(tmp_path, VI)
    with pytest.raises(StorageError, match="no such file"):
        read_dictionary(tmp_path / "nowhere", VI)


@pytest.mark.real_data
@pytest.mark.skipif("VICONWSD_DATA" not in os.environ, reason="set VICONWSD_DATA to run")
def test_the_real_dictionary_places_every_target() -> None:
    from trainer.model.small import train_tokenizer
    from trainer.text.inputs import InputMaker
    from trainer.text.pieces import Pieces
    from trainer.text.words import split_units

    data = read_dictionary(Path(os.environ["VICONWSD_DATA"]) / "dictionary")
    pieces = Pieces(train_tokenizer((i.sentence for i in data.items), 8000))
    maker = InputMaker(pieces, split_units, 64)
    for item in data.items:
        tokenized = maker.tokenize(item.marked)
        assert 0 < tokenized.start < tokenized.end < len(tokenized.ids)
