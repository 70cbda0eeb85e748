"""A teacher's states of targets: which layers, where, on which scale, and kept with equal bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_release import VI, save_encoder

from schemas.errors import InputError, UsageError
from trainer.data import WsdData
from trainer.states.kept import TeacherStates, gigabytes, teacher_states
from trainer.states.standardise import Standardiser
from trainer.states.teacher import Teacher, chosen_layers
from trainer.storage import parts
from trainer.text.inputs import MarkedSentence
from trainer.text.pieces import Tokenized

SENTENCE = "xe chạy bon bon trên đường nhựa"
TARGET = MarkedSentence(SENTENCE, SENTENCE.index("đường"), SENTENCE.index(" nhựa"))


@pytest.fixture(scope="module")
def teacher(decoder: str) -> Teacher:
    return Teacher.open(decoder, VI, layers="all")


@pytest.fixture(scope="module")
def tokenized(teacher: Teacher, data: WsdData) -> tuple[Tokenized, ...]:
    return teacher.inputs.tokenize_all([item.marked for item in data.items])


@pytest.mark.parametrize(
    ("n_layers", "first"), [(12, 7), (24, 13), (18, 10), (2, 2), (1, 1)], ids=str
)
def test_the_upper_half_is_that_of_the_paper(n_layers: int, first: int) -> None:
    assert chosen_layers("upper", n_layers) == tuple(range(first, n_layers + 1))


def test_layers_are_counted_from_either_end_and_refused_where_there_are_none() -> None:
    assert chosen_layers((-1, 3, 12), 12) == (3, 12)
    assert chosen_layers("all", 2) == (0, 1, 2)
    for wrong in ((13,), (-14,), ()):
        with pytest.raises(UsageError, match="hidden states 0 to 12"):
            chosen_layers(wrong, 12)


def test_a_decoder_reads_twice_and_the_stack_is_that_of_the_second_copy(teacher: Teacher) -> None:
    """The means over the target's subwords in every layer, taken here by hand."""
    assert teacher.inputs.echo
    row = teacher.inputs.tokenize(TARGET)
    target = row.ids[row.start : row.end]
    assert row.ids[: row.start].count(target[0]) == 1
    ids = torch.tensor([row.ids])
    with torch.no_grad():
        states = teacher.backbone(input_ids=ids, output_hidden_states=True).hidden_states
    by_hand = torch.stack([layer[0, row.start : row.end].mean(dim=0) for layer in states])
    assert by_hand.shape == (3, 16)
    assert np.allclose(teacher.read([row])[0], by_hand.numpy(), atol=1e-5)


def test_a_masked_language_model_reads_once(tmp_path: Path) -> None:
    encoder = Teacher.open(save_encoder(tmp_path, [SENTENCE]), VI)
    assert not encoder.inputs.echo
    row = encoder.inputs.tokenize(TARGET)
    assert encoder.read([row]).shape == (1, len(encoder.layers), 8)
    assert np.count_nonzero(encoder.read([row])) == encoder.read([row]).size


def test_rows_do_not_depend_on_padding_or_order(
    teacher: Teacher, tokenized: tuple[Tokenized, ...]
) -> None:
    whole = teacher.read(tokenized)
    turned = teacher.read(tokenized[::-1])[::-1]
    alone = np.concatenate([teacher.read([row]) for row in tokenized[:3]])
    assert np.allclose(whole, turned, atol=1e-5)
    assert np.allclose(whole[:3], alone, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_kept_states_are_those_that_were_read(
    decoder: str, data: WsdData, tmp_path: Path, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several files, asked for in any order, a row twice."""
    monkeypatch.setattr(parts, "ROWS", 5)
    teacher = Teacher.open(decoder, VI, layers="upper", dtype=dtype)
    tokenized = teacher.inputs.tokenize_all([item.marked for item in data.items])
    kept = teacher_states(teacher, tokenized, tmp_path)
    asked = [len(tokenized) - 1, 0, 5, 4, 0]
    expected = teacher.read([tokenized[row] for row in asked])
    tolerance = {torch.float32: 1e-5, torch.bfloat16: 0.05}[dtype]
    assert len(kept.files.paths) == -(-len(tokenized) // 5) > 2
    assert np.allclose(kept.rows(asked), expected, atol=tolerance)
    bytes_each = {torch.float32: 4, torch.bfloat16: 2}[dtype]
    assert gigabytes(teacher, 1000) == 1000 * 16 * bytes_each / 1e9


def bytes_of(states: TeacherStates) -> list[bytes]:
    return [path.read_bytes() for path in states.files.paths]


def test_a_killed_reading_goes_on_and_ends_with_equal_bytes(
    teacher: Teacher,
    tokenized: tuple[Tokenized, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parts, "ROWS", 4)
    whole = teacher_states(teacher, tokenized, tmp_path / "whole")
    read = Teacher.read
    asked: list[int] = []

    def dying(own: Teacher, rows: list[Tokenized], *rest: object) -> np.ndarray:
        asked.append(len(rows))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return read(own, rows)

    monkeypatch.setattr(Teacher, "read", dying)
    with pytest.raises(KeyboardInterrupt):
        teacher_states(teacher, tokenized, tmp_path / "killed")
    again = teacher_states(teacher, tokenized, tmp_path / "killed")
    assert asked[:3] == [4, 4, 4]
    assert len(asked) - 3 == len(again.files.paths) - 2
    assert bytes_of(again) == bytes_of(whole)
    assert again.files.folder.name == whole.files.folder.name


def test_other_layers_weights_and_scales_have_folders_of_their_own(
    decoder: str, teacher: Teacher, tokenized: tuple[Tokenized, ...], tmp_path: Path
) -> None:
    rows = tokenized[:2]
    moved = Tokenized(rows[0].ids, rows[0].start - 1, rows[0].end)
    other = Teacher.open(decoder, VI, layers=(1,))
    changed = Teacher.open(decoder, VI, layers="all")
    with torch.no_grad():
        next(changed.backbone.parameters()).add_(1.0)
    scale = Standardiser.fit(teacher_states(teacher, rows, tmp_path).rows, [0, 1])
    made = [
        teacher_states(teacher, rows, tmp_path),
        teacher_states(teacher, rows, tmp_path, scale),
        teacher_states(teacher, [moved, rows[1]], tmp_path),
        teacher_states(other, rows, tmp_path),
        teacher_states(changed, rows, tmp_path),
    ]
    assert len({states.files.folder for states in made}) == 5


def test_moments_are_those_of_the_training_rows_alone() -> None:
    """Two rows (0, 4) and (2, 4): mean (1, 4), deviation (1, the least one); row 2 is unread."""
    states = np.array([[[0.0, 4.0]], [[2.0, 4.0]], [[900.0, -900.0]]], dtype=np.float32)
    scale = Standardiser.fit(lambda rows: states[list(rows)], [0, 1])
    states[2] = 7.0
    again = Standardiser.fit(lambda rows: states[list(rows)], [0, 1])
    assert scale.mean.tolist() == [[1.0, 4.0]]
    assert scale.deviation.tolist() == [[1.0, pytest.approx(1e-4)]]
    assert scale.digest == again.digest
    assert scale.apply(states[:2]).tolist() == [[[-1.0, 0.0]], [[1.0, 0.0]]]
    with pytest.raises(InputError, match="no training targets"):
        Standardiser.fit(lambda rows: states[list(rows)], [])


def test_components_are_the_directions_of_most_variance() -> None:
    """x = y in all rows: of two standardised dimensions one direction, (1, 1) / sqrt 2, has all."""
    states = np.array([[[-1.0, -3.0]], [[0.0, 0.0]], [[1.0, 3.0]]], dtype=np.float32)
    scale = Standardiser.fit(lambda rows: states[list(rows)], [0, 1, 2], reduce=1)
    assert scale.width == 1
    assert np.allclose(scale.components, [[[0.5**0.5], [0.5**0.5]]], atol=1e-6)
    assert np.allclose(scale.apply(states)[:, 0, 0], [-(3**0.5), 0.0, 3**0.5], atol=1e-5)


def test_reduced_states_are_kept_as_they_were_standardised(
    teacher: Teacher, tokenized: tuple[Tokenized, ...], tmp_path: Path
) -> None:
    raw = teacher_states(teacher, tokenized, tmp_path)
    everyone = list(range(len(raw)))
    scale = Standardiser.fit(raw.rows, everyone, reduce=4)
    reduced = teacher_states(teacher, tokenized, tmp_path, scale)
    assert reduced.rows([1]).shape == (1, 3, 4)
    assert np.allclose(reduced.rows(everyone), scale.apply(raw.rows(everyone)), atol=0.01)


def test_a_saved_scale_opens_with_its_digest_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    states = np.random.default_rng(0).normal(size=(9, 2, 3)).astype(np.float32)
    scale = Standardiser.fit(lambda rows: states[list(rows)], range(9), reduce=2)
    scale.save(tmp_path)
    assert Standardiser.open(tmp_path).digest == scale.digest
    Standardiser(scale.mean * np.nan, scale.deviation).save(tmp_path)
    with pytest.raises(InputError, match="not all numbers"):
        Standardiser.open(tmp_path)
    (tmp_path / "standardise.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="damaged"):
        Standardiser.open(tmp_path)


def test_a_teacher_with_weights_that_are_no_numbers_is_refused(
    decoder: str, tmp_path: Path
) -> None:
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(decoder)
    with torch.no_grad():
        next(model.parameters())[0, 0] = float("nan")
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(decoder).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="not all numbers"):
        Teacher.open(str(tmp_path), VI)
    with pytest.raises(InputError, match="cannot be opened as a pretrained model"):
        Teacher.open(str(tmp_path / "nowhere"), VI)
