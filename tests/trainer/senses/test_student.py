"""The student: taught to equal bytes, opened, asked, measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from senses_demo import KilledError
from tiny_release import VI

from schemas.errors import InputError, UsageError
from trainer.benchsets.pairs import BenchPair, BenchSet, BenchTarget
from trainer.benchsets.words import visim_set
from trainer.data import WsdData
from trainer.distil.evaluate import release_set
from trainer.inference.tables import look_through, read_rows, write_rows
from trainer.progress import TaskProgress, progress_told_to
from trainer.senses.build import kept_words
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.encoder import UsageEncoder
from trainer.senses.evaluate import REGRESSION, evaluate_senses, open_senses
from trainer.senses.fit import TaughtSentences, distil_student
from trainer.senses.folder import SensesFolder, opened_description
from trainer.senses.report import senses_sections, write_senses_report
from trainer.senses.settings import SensesEvaluateSettings, StudentSettings
from trainer.senses.student import student_vectors
from trainer.senses.tagging import tagged_rows, tagged_schema
from trainer.settings import SmallEncoderSettings
from trainer.states.teacher import Teacher
from trainer.text.inputs import MarkedSentence

SETTINGS = StudentSettings(
    small=SmallEncoderSettings(width=16, layers=1, heads=2, vocabulary=400),
    max_length=64,
    epochs=20,
    batch_size=8,
    learning_rate=5e-3,
    checkpoint_steps=7,
)


@pytest.fixture(scope="module")
def taught(built: SensesFolder) -> SensesFolder:
    assert distil_student(built, built.student, SETTINGS, lambda _: None)
    short = SETTINGS.model_copy(update={"choice": 0.0, "regression": 1.0, "epochs": 2})
    assert distil_student(built, built.path / REGRESSION, short, lambda _: None)
    return built


@pytest.fixture(scope="module")
def senses(taught: SensesFolder) -> UsageEncoder:
    return UsageEncoder.open(taught.path)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_student_that_is_there_is_left_as_it_is(taught: SensesFolder) -> None:
    before = contents(taught.student)
    assert distil_student(taught, taught.student, SETTINGS, lambda _: None) is None
    assert contents(taught.student) == before
    assert not list(taught.path.glob("work/*/student-*")), "a checkpoint was left"


def test_killed_between_checkpoints_it_ends_with_equal_bytes(
    taught: SensesFolder, tmp_path: Path
) -> None:
    def kill(task: TaskProgress) -> None:
        if task.title == "the student learns" and task.done == 10:
            raise KilledError

    output = tmp_path / "student"
    short = SETTINGS.model_copy(update={"epochs": 3})
    assert distil_student(taught, tmp_path / "whole", short, lambda _: None)
    with pytest.raises(KilledError), progress_told_to(kill):
        distil_student(taught, output, short, lambda _: None)
    assert not output.exists()
    assert list(taught.path.glob("work/*/student-*"))
    assert distil_student(taught, output, short, lambda _: None)
    assert contents(output) == contents(tmp_path / "whole")


def test_it_learns_what_the_teacher_would_say(senses: UsageEncoder, taught: SensesFolder) -> None:
    """On the very occurrences that it was taught, far more often than a majority vote."""
    gathered = kept_words(taught, opened_description(taught.dictionary))
    own = TaughtSentences(gathered, senses.dictionary)
    rows, picks = zip(*(own.row(senses.inputs, int(at)) for at in own.places), strict=True)
    taken = np.concatenate(picks)
    usages, known = senses.dictionary.padded(own.units(taken))
    several = known.sum(axis=1) > 1
    teacher, student = own.vectors(taken), student_vectors(senses.student, senses.inputs, rows)

    def nearest(vectors: np.ndarray) -> np.ndarray:
        distances = np.square(vectors[:, None] - usages).sum(axis=2)
        return np.where(known, distances, np.inf).argmin(axis=1)

    gold, said = nearest(teacher)[several], nearest(student)[several]
    assert (gold == said).mean() > max(0.8, (gold == 0).mean() + 0.1)


def test_held_out_documents_are_not_taught(taught: SensesFolder) -> None:
    gathered = kept_words(taught, opened_description(taught.dictionary))
    dictionary = SenseDictionary.open(taught.dictionary)
    own, held = (TaughtSentences(gathered, dictionary, held_out=h) for h in (False, True))
    assert len(own.places)
    assert len(held.places)
    assert not set(own.places.tolist()) & set(held.places.tolist())


def test_a_target_gets_its_usage_its_vector_and_the_students_own(senses: UsageEncoder) -> None:
    text = "Tôi đang Khoan tường"
    (word,) = senses.encode([MarkedSentence(text, 9, 14)])
    row = senses.dictionary.row_of("khoan")
    assert row is not None
    usages = senses.dictionary.vectors(senses.dictionary.usages(row))
    assert (word.unit, word.known, word.n_usages) == ("khoan", True, len(usages))
    assert word.usage is not None
    assert word.vector.tolist() == usages[word.usage - 1].tolist()
    distances = np.square(usages - word.own).sum(axis=1)
    assert int(distances.argmin()) == word.usage - 1


def test_an_unknown_word_is_flagged_and_keeps_the_students_vector(senses: UsageEncoder) -> None:
    (word,) = senses.encode([MarkedSentence("một zzz lạ", 4, 7)])
    assert (word.unit, word.known, word.usage, word.share) == ("zzz", False, None, None)
    assert word.vector.tolist() == word.own.tolist()
    assert np.isfinite(word.own).all()
    (known,) = senses.encode([MarkedSentence("một zzz lạ", 4, 7)], ["khoan"])
    assert known.known


def test_another_dictionary_or_a_damaged_student_is_refused(
    taught: SensesFolder, tmp_path: Path
) -> None:
    copy = SensesFolder(tmp_path / "senses")
    for name in ("dictionary", "student"):
        shutil.copytree(taught.path / name, copy.path / name)
    weights = copy.student / "student.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"student\.safetensors: not as it was .*senses distil"):
        UsageEncoder.open(copy.path)
    with pytest.raises(InputError, match=r"no trained_on\.json: .*`viconwsd senses build` wrote"):
        UsageEncoder.open(tmp_path)
    with pytest.raises(InputError, match=r"the vectors that `viconwsd senses build` kept are gone"):
        distil_student(copy, tmp_path / "student", SETTINGS, lambda _: None)


def test_rows_of_a_file_get_their_usages(senses: UsageEncoder, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "id,sentence\n1,Tôi đang [[khoan]] tường\n2,không có gì\n3,một [[zzz]]\n", encoding="utf-8"
    )
    asked = look_through(path, typed=False)
    write_rows(tmp_path / "y.csv", tagged_schema(asked), tagged_rows(senses, asked))
    one, two, three = read_rows(tmp_path / "y.csv")
    assert (one["id"], one["usage_word"], one["usage_known"]) == ("1", "khoan", "True")
    assert int(one["usage"]) in range(1, int(one["usage_count"]) + 1)
    assert "no target is marked" in two["usage_error"]
    assert (three["usage"], three["usage_known"]) == ("", "False")
    (tmp_path / "z.csv").write_text("id,words\n1,a\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column sentence or text, only id, words"):
        tagged_schema(look_through(tmp_path / "z.csv", typed=False))


def test_every_system_is_measured_on_every_set(
    taught: SensesFolder, teacher: Teacher, data: WsdData, tmp_path: Path
) -> None:
    opened = open_senses(taught, teacher)
    texts = [BenchTarget.whole(item.sentence, item.item_id) for item in data.items[:8]]
    pairs = tuple(BenchPair(texts[at], texts[at + 1], at % 2, f"{at}") for at in range(7))
    whole = BenchSet("sentences", "same", pairs)
    visim = tmp_path / "visim.txt"
    visim.write_text(
        "Word1\tWord2\tPOS\tSim1\tSim2\tSTD\nkhoan\tbàn\tN\t1\t1\t0\nkhoan\tkhoan\tN\t6\t6\t0\n"
        "bàn\tđường\tN\t2\t2\t0\n",
        encoding="utf-8",
    )
    sets = [release_set(data, ("train",)), whole, visim_set(visim)]
    settings = SensesEvaluateSettings(bootstrap_samples=20, speed=16)
    report = evaluate_senses(opened, sets, settings, lambda _: None)
    names = [row.name for row in report.sets[0].rows]
    assert names == [
        "teacher",
        "teacher replaced",
        "student",
        "student replaced",
        "student-regression",
        "student-regression replaced",
        "one usage a word",
        "TF-IDF of the sentences",
        "letters alone",
    ]
    words = {row.name: row.figure.value for row in report.sets[2].rows}
    assert report.sets[2].measure == "rho"
    assert words["letters alone"] == pytest.approx(0.5), "khoan and bàn share their end"
    assert report.sets[0].n_unplaced == 0
    assert set(report.agreement) == {"student", "student-regression"}
    own = report.agreement["student"]
    assert 1 / 3 <= own.chance <= 1 / 2
    assert own.n_occurrences >= own.n_words > 0
    assert all(size > 0 for size in report.megabytes.values())
    assert report.pace["student"].in_batches > 0
    written = write_senses_report(tmp_path, report)
    assert [path.name for path in written] == ["senses.json", "senses.md"]
    titles = [title for title, _ in senses_sections(report)]
    assert any("documents held out" in title for title in titles)
    static = next(row for row in report.sets[0].rows if row.name == "one usage a word")
    assert static.auc is not None
    assert static.auc.value == pytest.approx(0.5), "one vector a word cannot tell its contexts"


def test_measuring_with_another_teacher_is_refused(taught: SensesFolder, tmp_path: Path) -> None:
    from tiny_release import save_encoder

    from trainer.senses.build import usage_teacher
    from trainer.senses.settings import SensesSettings

    other = usage_teacher(save_encoder(tmp_path, ["một hai"]), VI, SensesSettings())
    with pytest.raises(UsageError, match=r"the dictionary was built with the backbone .* other"):
        open_senses(taught, other)
