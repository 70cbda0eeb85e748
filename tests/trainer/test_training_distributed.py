"""Several processes train as one on the joined batch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from joint_training import CHUNKS, steps
from safetensors.torch import load_file
from torch import Tensor

from trainer.training.distributed import ProcessGroup

_PATIENCE_S = 120.0
"""Processes that wait for each other would do so for ever."""


@pytest.fixture(scope="module")
def together(
    release_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Tensor]]:
    """What torchrun with three gloo processes on a CPU finds, by the name of the training."""
    out = tmp_path_factory.mktemp("together")
    script = Path(__file__).parent / "joint_training.py"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    said = out / "said.txt"
    with open(said, "w") as file:
        processes = subprocess.Popen(
            [*torchrun, "--nproc-per-node=3", script, release_folder, out, "cpu"],
            env={
                **os.environ,
                "PYTHONPATH": str(Path.cwd()),
                "OMP_NUM_THREADS": "1",
                "CUDA_VISIBLE_DEVICES": "",
            },
            stdout=file,
            stderr=file,
        )
    try:
        processes.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        processes.terminate()  # torchrun then ends its processes
        processes.wait()
        pytest.fail(f"the processes wait for each other: {said.read_text()}")
    assert processes.returncode == 0, said.read_text()
    return {path.stem: load_file(path) for path in out.glob("*.safetensors")}


@pytest.mark.parametrize("name", CHUNKS)
def test_losses_and_gradients_are_those_of_one_process(
    together: dict[str, dict[str, Tensor]], release_folder: Path, tmp_path: Path, name: str
) -> None:
    """With more processes than rows too, and with different numbers of chunks in each."""
    alone = steps(release_folder, tmp_path, ProcessGroup(), CHUNKS[name])
    found = together[f"steps in {name}"]
    assert found.keys() == alone.keys()
    for key, value in alone.items():
        assert torch.allclose(found[key], value, rtol=1e-3, atol=1e-5), key


def test_killed_and_resumed_is_undisturbed_in_several_processes(
    together: dict[str, dict[str, Tensor]],
) -> None:
    """Dropout on: every process goes on with its own random state, bit for bit."""
    for name, value in together["straight"].items():
        assert torch.equal(value, together["killed"][name]), name
