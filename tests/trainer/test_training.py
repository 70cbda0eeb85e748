"""Batches, gradients, resume, and several processes."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from tiny_release import tiny_settings

from schemas.errors import InputError, RunError, StorageError, UsageError
from trainer.data import WsdData
from trainer.objectives import Objective
from trainer.settings import ObjectiveSettings, TrainSettings
from trainer.training.batches import GroupedBatches, chunk_cuts, length_cuts
from trainer.training.components import Components, build_components
from trainer.training.dataset import training_set
from trainer.training.gradients import backward
from trainer.training.loop import TrainingRun
from trainer.training.optimiser import make_optimiser, rate_factor
from trainer.training.reporting import TrainingProgress
from trainer.training.run import training_identity


def run_for(data: WsdData, settings: TrainSettings, folder: Path) -> TrainingRun:
    components = build_components(data, settings, folder / "cache")
    training = training_set(data.split("train"), data.inventory, components.inputs)
    return TrainingRun(
        components, training, settings, training_identity(data, settings), folder, None
    )


def weights(components: Components) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in components.model.state_dict().items()}


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=60),
    st.integers(1, 9),
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
)
def test_fault_9_every_item_once_an_epoch_and_the_length_is_exact(
    pairs: list[tuple[int, int]], size: int, epoch: int, siblings: bool, buckets: bool
) -> None:
    batches = GroupedBatches(
        [p[0] for p in pairs],
        [p[1] for p in pairs],
        [len(pairs)] * len(pairs),
        size,
        siblings=siblings,
        buckets=buckets,
    )
    made = batches.epoch(epoch)
    assert len(made) == len(batches)
    assert Counter(i for batch in made for i in batch) == Counter(range(len(pairs)))
    assert all(len(batch) <= size for batch in made)
    assert made == batches.epoch(epoch)


def test_groups_of_a_synset_and_siblings_of_a_lemma_stand_together() -> None:
    synsets = [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    lemmas = [0] * 8 + [1] * 8
    batches = GroupedBatches(synsets, lemmas, [1] * 16, 8, seed=1)
    assert sorted(sorted(batch) for batch in batches.epoch(0)) == [
        list(range(8)),
        list(range(8, 16)),
    ]
    assert batches.epoch(0) != batches.epoch(1)


def test_length_buckets_save_padding() -> None:
    lengths = [3, 40] * 200

    def padding(buckets: bool) -> int:
        batches = GroupedBatches(range(400), range(400), lengths, 20, buckets=buckets)
        return sum(
            max(lengths[i] for i in batch) - lengths[j] for batch in batches.epoch(0) for j in batch
        )

    assert padding(True) * 5 < padding(False)


def test_length_cuts_by_hand() -> None:
    assert length_cuts([2, 2, 2, 3, 3, 9, 9], fewest=2) == [0, 3, 5, 7]
    assert length_cuts([2, 9, 9], fewest=8) == [0, 3]
    assert length_cuts([]) == [0, 0]


def test_chunk_cuts_by_hand() -> None:
    """Mean length 4: two rows have room for eight tokens."""
    assert chunk_cuts([1, 1, 2, 2, 8, 10], 2) == [0, 4, 5, 6]
    assert chunk_cuts([5, 5, 5, 5, 5], 2) == [0, 2, 4, 5]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=80), st.integers(1, 20))
def test_no_chunk_is_larger_than_its_rows_of_mean_length(lengths: list[int], rows: int) -> None:
    lengths.sort()
    cuts = chunk_cuts(lengths, rows)
    assert (cuts[0], cuts[-1]) == (0, len(lengths))
    for start, end in pairwise(cuts):
        assert start < end
        tokens = (end - start) * lengths[end - 1]
        assert end - start == 1 or tokens <= rows * sum(lengths) / len(lengths)


def test_cutting_a_batch_by_length_does_not_change_its_loss(data: WsdData, tmp_path: Path) -> None:
    losses = []
    for buckets in (True, False):
        settings = tiny_settings(length_buckets=buckets, batch_size=32)
        run = run_for(data, settings, tmp_path / str(buckets))
        run.components.model.eval()
        losses.append([run.stepper.step([list(range(20))]) for _ in range(2)])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_gradient_caching_gives_the_gradients_of_the_whole_batch() -> None:
    """Chunks of 3 against one batch of 12, dropout on: equal loss, equal gradients."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 4))
    from trainer.text.inputs import EncoderInput

    x = torch.randn(12, 5)
    chunks = [[EncoderInput(x[i : i + 3], x[i : i + 3], x[i : i + 3])] for i in range(0, 12, 3)]

    def loss_of(z: torch.Tensor) -> torch.Tensor:
        return (z @ z.T).logsumexp(dim=1).mean()

    def grads(parts: list[list[EncoderInput]]) -> tuple[float, list[torch.Tensor]]:
        net.zero_grad()
        loss = backward(lambda c: net(c.input_ids), parts, loss_of)
        return loss, [p.grad.clone() for p in net.parameters() if p.grad is not None]

    one, whole = grads([[EncoderInput(x, x, x)]])
    four, cached = grads(chunks)
    assert one == pytest.approx(four, abs=1e-6)
    for a, b in zip(whole, cached, strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_gradient_caching_repeats_the_dropout_of_the_first_pass() -> None:
    """The second pass meets the random state of the first, and leaves that of one pass."""
    from trainer.text.inputs import EncoderInput

    drop, seen = torch.nn.Dropout(0.5), []
    x = torch.ones(6, 4)
    weight = torch.ones(4, requires_grad=True)

    def encode(chunk: EncoderInput) -> torch.Tensor:
        seen.append(drop(chunk.input_ids) * weight)
        return seen[-1]

    torch.manual_seed(5)
    chunks = [[EncoderInput(x[i : i + 2], x, x)] for i in (0, 2, 4)]
    backward(encode, chunks, lambda z: z.pow(2).sum())
    for first, second in zip(seen[:3], seen[3:], strict=True):
        assert torch.equal(first, second)
    after = torch.rand(1)
    torch.manual_seed(5)
    for _ in range(3):
        drop(x[:2])
    assert torch.equal(after, torch.rand(1))


def test_a_large_batch_in_chunks_trains_as_the_whole(data: WsdData, tmp_path: Path) -> None:
    losses = []
    for name, chunk in (("whole", None), ("chunks", 4)):
        settings = tiny_settings(batch_size=32, chunk_size=chunk, dropout=0.0)
        run = run_for(data, settings, tmp_path / name)
        run.components.model.eval()
        losses.append([run.stepper.step([list(range(20))]) for _ in range(3)])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_fault_10_accumulation_keeps_the_last_steps_and_weighs_items(
    data: WsdData, tmp_path: Path
) -> None:
    """A window cut short by the end of an epoch still steps; unequal batches weigh by size."""
    settings = tiny_settings(accumulate=4, batch_size=8, epochs=1)
    run = run_for(data, settings, tmp_path / "a")
    n = len(run.training)
    assert len(run.batches) % 4 != 0
    told: list[TrainingProgress] = []
    fit = run.run(told.append)
    assert fit.steps == -(-len(run.batches) // 4)
    assert [s.steps for s in told] == [*range(1, fit.steps + 1), fit.steps]
    assert {(s.epoch, s.all_epochs, s.all_steps) for s in told} == {(1, 1, fit.steps)}
    assert [s.finished for s in told] == [False] * fit.steps + [True]
    assert told[-1].seen == n
    assert told[-1].seconds_left == 0.0
    assert sum(map(len, run.batches.epoch(0))) == n

    torch.manual_seed(0)
    one = run_for(
        data, tiny_settings(objective=ObjectiveSettings(name="candidates")), tmp_path / "b"
    )
    one.components.model.eval()
    window = [[0, 1, 2, 3], [4, 5]]
    one.stepper.add_gradients(window[0], 4 / 6)
    one.stepper.add_gradients(window[1], 2 / 6)
    summed = [p.grad.clone() for p in one.components.model.parameters() if p.grad is not None]
    one.stepper.optimiser.zero_grad()
    one.stepper.add_gradients([0, 1, 2, 3, 4, 5], 1.0)
    joint = [p.grad for p in one.components.model.parameters() if p.grad is not None]
    ambiguous = (one.training.candidates[:6] >= 0).sum(dim=1) > 1
    if bool(ambiguous.all()):
        for a, b in zip(summed, joint, strict=True):
            assert torch.allclose(a, b, atol=1e-5)


def test_fault_5_the_schedule_moves_both_rates(data: WsdData, tmp_path: Path) -> None:
    settings = tiny_settings(
        epochs=2, warm_up=0.5, encoder_learning_rate=1e-4, head_learning_rate=1e-2
    )
    run = run_for(data, settings, tmp_path)
    seen = []
    run.run(lambda _: seen.append([g["lr"] for g in run.stepper.optimiser.param_groups]))
    assert max(row[0] for row in seen) > min(row[0] for row in seen)
    head = [row[0] for row in seen]
    peak = head.index(max(head))
    assert 0 < peak < len(head) - 1
    assert max(r for row in seen for r in row) <= 1e-2
    for row in seen:
        assert len(set(row)) == 2 or row[0] == 0.0


def test_rate_factor_by_hand() -> None:
    factor = rate_factor(TrainSettings(warm_up=0.2), 10)
    assert [round(factor(s), 4) for s in (0, 1, 2, 6, 10)] == [0.3333, 0.6667, 1.0, 0.5, 0.0]


def test_biases_and_norms_do_not_decay(data: WsdData, tmp_path: Path) -> None:
    run = run_for(data, tiny_settings(), tmp_path)
    optimiser = make_optimiser(run.components.model, run.stepper.objective, run.settings)
    for group in optimiser.param_groups:
        dims = {p.ndim > 1 for p in group["params"]}
        assert dims == {group["weight_decay"] > 0}
    grouped = sum(len(g["params"]) for g in optimiser.param_groups)
    assert grouped == len(list(run.components.model.parameters())) + 1


class KilledError(Exception):
    """Stands for a process that is killed."""


def test_killed_and_resumed_is_undisturbed_bit_for_bit(data: WsdData, tmp_path: Path) -> None:
    settings = tiny_settings(epochs=3, checkpoint_steps=2, batch_size=8)
    straight = run_for(data, settings, tmp_path / "straight")
    straight.run()
    steps = 0

    def kill(progress: TrainingProgress) -> None:
        nonlocal steps
        steps += 1
        if steps in (3, 8):
            raise KilledError

    for _ in range(2):
        with pytest.raises(KilledError):
            run_for(data, settings, tmp_path / "killed").run(kill)
    last = run_for(data, settings, tmp_path / "killed")
    last.run(kill)
    for name, value in weights(straight.components).items():
        assert torch.equal(value, last.components.model.state_dict()[name]), name
    lines = [(tmp_path / n / "metrics.jsonl").read_text() for n in ("straight", "killed")]
    assert lines[0] == lines[1]
    assert json.loads(lines[0].splitlines()[-1])["kind"] == "epoch"


def test_a_resumed_training_tells_its_own_pace() -> None:
    """40 of 100 steps are done, 10 of them in this run, in five seconds."""
    now = TrainingProgress(2, 5, 40, 100, 10, 640, 5.0, 1.0)
    assert (now.samples_per_second, now.seconds_left) == (128.0, 30.0)
    assert TrainingProgress(1, 5, 40, 100, 0, 0, 0.0, 1.0).seconds_left is None


def test_a_checkpoint_of_other_settings_is_refused(data: WsdData, tmp_path: Path) -> None:
    run_for(data, tiny_settings(epochs=1), tmp_path).run()
    with pytest.raises(UsageError, match="other settings"):
        run_for(data, tiny_settings(epochs=2), tmp_path).run()


@pytest.mark.parametrize("damage", ["cut", "emptied", "other", "no state", "state of other type"])
def test_a_damaged_checkpoint_is_named(data: WsdData, tmp_path: Path, damage: str) -> None:
    run_for(data, tiny_settings(epochs=1), tmp_path).run()
    path = tmp_path / "checkpoint.safetensors"
    whole = path.read_bytes()
    if damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "emptied":
        path.write_bytes(b"")
    elif damage == "other":
        path.write_bytes(b"nothing of the kind" * 100)
    else:
        metadata = {} if damage == "no state" else {"state": "[1]"}
        save_file({"x": torch.zeros(1)}, path, metadata=metadata)
    with pytest.raises(StorageError, match=r"checkpoint\.safetensors: the checkpoint is damaged"):
        run_for(data, tiny_settings(epochs=1), tmp_path).run()


def test_damaged_best_weights_are_named(data: WsdData, tmp_path: Path) -> None:
    run_for(data, tiny_settings(epochs=1), tmp_path).run()
    (tmp_path / "best.safetensors").write_bytes(b"cut")
    with pytest.raises(StorageError, match=r"best\.safetensors: damaged"):
        run_for(data, tiny_settings(epochs=1), tmp_path).run()


def test_fault_10_no_pickle_is_ever_written(data: WsdData, tmp_path: Path) -> None:
    run_for(data, tiny_settings(epochs=1), tmp_path).run()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert path.suffix in {".safetensors", ".json", ".jsonl", ".npy"}, path
            assert not path.read_bytes().startswith((b"\x80\x04", b"\x80\x02", b"PK"))


def test_early_stopping_keeps_the_best_epoch(data: WsdData, tmp_path: Path) -> None:
    settings = tiny_settings(epochs=9, patience=2)
    run = run_for(data, settings, tmp_path)
    values, kept = iter([0.1, 0.5, 0.4, 0.3, 0.9]), []

    def validate(_: Objective) -> float:
        kept.append(weights(run.components))
        return next(values)

    run.validate = validate
    fit = run.run()
    assert (fit.best, fit.best_epoch, fit.epochs) == (0.5, 2, 4)
    for name, value in kept[1].items():
        assert torch.equal(value, run.components.model.state_dict()[name])


def test_a_loss_that_is_no_number_stops_before_it_reaches_the_weights(
    data: WsdData, tmp_path: Path
) -> None:
    run = run_for(data, tiny_settings(), tmp_path)
    before = weights(run.components)
    run.stepper.table.vectors.fill_(float("nan"))
    with pytest.raises(RunError, match=r"became nan: lower encoder_learning_rate"):
        run.run()
    for name, value in weights(run.components).items():
        assert torch.equal(value, before[name]), name


def test_an_item_without_a_gloss_is_an_error_naming_it(data: WsdData, tmp_path: Path) -> None:
    from dataclasses import replace

    settings = tiny_settings()
    components = build_components(data, settings, tmp_path)
    stray = replace(data.items[0], synset_id="nowhere", item_id="row-3")
    with pytest.raises(InputError, match="row-3"):
        training_set([stray], data.inventory, components.inputs)


def test_metrics_also_go_to_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from trainer.training.reporting import MetricsLog

    log = MetricsLog(tmp_path / "metrics.jsonl", tensorboard=True)
    log.write("train", 1, loss=0.5)
    log.close()
    assert json.loads((tmp_path / "metrics.jsonl").read_text()) == {
        "kind": "train",
        "step": 1,
        "loss": 0.5,
    }
    assert list((tmp_path / "tensorboard").glob("events.*"))


def test_a_log_that_was_killed_within_a_line_goes_on_after_the_last_whole_one(
    tmp_path: Path,
) -> None:
    from trainer.training.reporting import MetricsLog

    path = tmp_path / "metrics.jsonl"
    path.write_text('{"kind":"train","step":1}\n{"kind":"train","step":2}\n{"kind":"tr')
    MetricsLog(path, step=1).write("train", 2, loss=1.0)
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]
