"""Published, then loaded with ``datasets`` from the same endpoint: equal rows, streaming too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.card.render import write_card
from pipeline.publish.hub import Hub
from pipeline.publish.publish import publish_files
from pipeline.publish.release import check_release
from pipeline.publish.scan import Needles
from schemas.records import Example, InventorySense, Record
from schemas.tables import read_table
from testing.tiny_release import make_tiny_release
from tests.pipeline.publish.hub_server import HubServer
from tests.pipeline.publish.test_publish import HOME, REPO, published

_LOAD = """
import json, sys
from datasets import load_dataset
wanted, out = json.loads(sys.argv[1]), sys.argv[2]
answers = []
for where, config, streaming in wanted:
    data = load_dataset(where, config, streaming=streaming)
    answers.append({split: list(data[split]) for split in data})
json.dump(answers, open(out, "w"))
"""


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = make_tiny_release(tmp_path / "release")
    write_card(folder)
    return folder


def rows_of(folder: Path, pattern: str, record: type[Record]) -> list[dict[str, object]]:
    paths = sorted(folder.glob(pattern))
    return [row.model_dump(mode="json") for path in paths for row in read_table(path, record)]


def load(wanted: list[tuple[str, str, bool]], tmp_path: Path, endpoint: str) -> list[object]:
    """What a fresh process without any cache loads, by address, config and streaming or not."""
    environment = os.environ | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(tmp_path / "hf-home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    out = tmp_path / "rows.json"
    subprocess.run(
        [sys.executable, "-c", _LOAD, json.dumps(wanted), str(out)],
        env=environment,
        check=True,
        timeout=240,
    )
    answers: list[object] = json.loads(out.read_text())
    return answers


def test_what_was_published_is_what_is_loaded(
    server: HubServer, hub: Hub, release: Path, tmp_path: Path
) -> None:
    files = check_release(release, Needles(()))
    publish_files(files, HOME, hub, tmp_path / "publish", message="Release", say=lambda _: None)
    assert published(server) == {file.path: file.source.read_bytes() for file in files}
    examples = {
        split: rows_of(release, f"data/examples/{split}.parquet", Example)
        for split in ("train", "validation", "test_seen", "test_unseen_sense", "test_unseen_lemma")
    }
    senses = {"full": rows_of(release, "data/senses/*.parquet", InventorySense)}
    loaded = load(
        [
            (REPO.repo_id, "examples", False),
            (REPO.repo_id, "examples", True),
            (REPO.repo_id, "senses", False),
            (REPO.repo_id, "senses", True),
            (str(release), "examples", False),
            (str(release), "senses", True),
        ],
        tmp_path,
        server.endpoint,
    )
    assert loaded == [examples, examples, senses, senses, examples, senses]
    assert server.count("GET /storage/") > 0
