"""The whole building on a tiny corpus: equal bytes after a kill, and what a word's usages are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from senses_demo import SETTINGS, KilledError, built_again
from tiny_release import VI

from schemas.errors import InputError, UsageError
from trainer.data import WsdData
from trainer.progress import TaskProgress, progress_told_to
from trainer.senses.build import CorpusToRead, build_senses
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.folder import (
    SensesFolder,
    check_backbone,
    opened_description,
)
from trainer.senses.usages import usages_of
from trainer.states.teacher import Teacher


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_second_building_finds_all_as_it_is(
    built: SensesFolder, corpus: CorpusToRead, teacher: Teacher, data: WsdData
) -> None:
    before = contents(built.dictionary)
    assert built_again(built, corpus, teacher, data) is None
    assert contents(built.dictionary) == before


@pytest.mark.parametrize(
    "title",
    [
        "cutting the corpus into words",
        "counting words",
        "the teacher reads sentences",
        "clustering words",
        "looking at neighbours",
    ],
)
def test_killed_in_any_step_it_ends_with_equal_bytes(
    tmp_path: Path,
    title: str,
    built: SensesFolder,
    corpus: CorpusToRead,
    teacher: Teacher,
    data: WsdData,
) -> None:
    def kill(task: TaskProgress) -> None:
        if task.title == title and 0 < task.done < task.total:
            raise KilledError

    folder = SensesFolder(tmp_path / "senses")
    with pytest.raises(KilledError), progress_told_to(kill):
        built_again(folder, corpus, teacher, data)
    assert not folder.dictionary.exists()
    assert built_again(folder, corpus, teacher, data)
    assert contents(folder.dictionary) == contents(built.dictionary)


def test_words_with_two_occurrences_have_usages_with_all_their_mass(built: SensesFolder) -> None:
    own = opened_description(built.dictionary)
    dictionary = SenseDictionary.open(built.dictionary)
    assert own.n_units == len(dictionary)
    assert own.n_vectors == int(dictionary.mass.sum())
    assert own.width == dictionary.width == 6
    assert dictionary.row_of("khoan") is not None
    assert dictionary.row_of("hoàn") is None, "it stands once"


def test_a_word_is_shown_with_its_glosses_and_sentences(built: SensesFolder, data: WsdData) -> None:
    found = usages_of(built.dictionary, "KHOAN")
    assert sum(usage.share for usage in found) == pytest.approx(1.0)
    assert [usage.number for usage in found] == list(range(1, len(found) + 1))
    glosses = {entry.gloss for entry in data.inventory.candidates("khoan")}
    for usage in found:
        assert usage.gloss is not None
        assert usage.gloss.gloss in glosses
        assert usage.words
        assert all(word.word != "khoan" for word in usage.words)
        assert all("[[khoan]]" in text for text in usage.examples)


def test_other_unicode_forms_of_a_word_are_the_same_word(built: SensesFolder) -> None:
    composed, decomposed = "đường", "đường"
    assert usages_of(built.dictionary, composed) == usages_of(built.dictionary, decomposed)


def test_an_unknown_word_is_told_with_words_that_have_it(built: SensesFolder) -> None:
    with pytest.raises(InputError, match=r"'zzz' is not among the \d+ words .*min_count"):
        usages_of(built.dictionary, "zzz")


def test_a_damaged_dictionary_is_refused(built: SensesFolder, tmp_path: Path) -> None:
    copy = tmp_path / "dictionary"
    shutil.copytree(built.dictionary, copy)
    (copy / "units.txt").write_bytes(b"other\n")
    with pytest.raises(InputError, match=r"units.txt: not as it was .*viconwsd senses build"):
        usages_of(copy, "khoan")
    with pytest.raises(InputError, match=r"viconwsd senses build` wrote"):
        usages_of(tmp_path, "khoan")


def test_another_backbone_is_refused_by_its_digest(built: SensesFolder) -> None:
    own = opened_description(built.dictionary)
    check_backbone(own, own.backbone, own.backbone_digest)
    with pytest.raises(UsageError, match=r"was built with .* 'other' has other weights"):
        check_backbone(own, "other", "0" * 32)


def test_other_settings_build_another_dictionary(
    tmp_path: Path, corpus: CorpusToRead, teacher: Teacher, data: WsdData
) -> None:
    folder = SensesFolder(tmp_path)
    settings = SETTINGS.model_copy(update={"choice": "fixed", "most_usages": 1})
    kept = []
    for chosen in (SETTINGS, settings):
        done = build_senses(corpus, teacher, VI, data.inventory, chosen, folder, lambda _: None)
        assert done
        own = done
        kept.append((own.n_usages - own.n_units, own.variance_kept))
    assert kept[0][0] > kept[1][0] == 0
    assert 1.0 > kept[0][1] > kept[1][1] == 0.0


@pytest.mark.parametrize(("changes", "message"), [({"min_count": 10_000}, "no word stands 10000")])
def test_a_corpus_without_frequent_words_is_told(
    tmp_path: Path,
    corpus: CorpusToRead,
    teacher: Teacher,
    changes: dict[str, object],
    message: str,
) -> None:
    settings = SETTINGS.model_copy(update=changes)
    with pytest.raises(InputError, match=message):
        build_senses(corpus, teacher, VI, None, settings, SensesFolder(tmp_path), lambda _: None)


def test_an_empty_corpus_is_told(tmp_path: Path, corpus: CorpusToRead, teacher: Teacher) -> None:
    empty = replace(corpus, digest="empty", documents=list)
    with pytest.raises(InputError, match=r"the corpus has no words: name text files"):
        build_senses(empty, teacher, VI, None, SETTINGS, SensesFolder(tmp_path), lambda _: None)
