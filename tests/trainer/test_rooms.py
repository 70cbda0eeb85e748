"""One training example goes through few files from its row in a release to its loss."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tiny_release import VI, tiny_settings

import trainer
from trainer.data import WsdData
from trainer.data.release import read_release
from trainer.training.components import build_components
from trainer.training.dataset import training_set
from trainer.training.loop import TrainingRun

MOST = 16
ROOT = Path(trainer.__file__).parent


@contextmanager
def files_visited(into: dict[str, None]) -> Iterator[None]:
    """The trainer's files whose functions run inside, in the order of the first visit."""

    def visit(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOT):
            into[str(path.relative_to(ROOT))] = None

    before = sys.getprofile()
    sys.setprofile(visit)
    try:
        yield
    finally:
        sys.setprofile(before)


def test_an_example_visits_at_most_sixteen_files(
    release_folder: Path, data: WsdData, tmp_path: Path
) -> None:
    """Read, tokenised, put into a batch, encoded, and its loss taken."""
    settings = tiny_settings()
    components = build_components(data, settings, tmp_path / "glosses")
    found: dict[str, None] = {}
    with files_visited(found):
        read = read_release(release_folder, VI, ("train",))
        training = training_set(read.items, read.inventory, components.inputs)
    run = TrainingRun(components, training, settings, "", tmp_path, None)
    with files_visited(found):
        run.stepper.add_gradients(run.batches.epoch(0)[0], 1.0)
    assert {"data/release.py", "text/words.py", "model/vicon.py", "objectives/losses.py"} <= {
        *found
    }
    assert len(found) <= MOST, list(found)
