"""What `datasets` makes of a release folder, without any network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.release.manifest import ReleaseManifest

_SCRIPT = """
import json, sys
from datasets import load_dataset
folder = sys.argv[1]
whole = load_dataset(folder)
named = load_dataset(folder, "examples")
senses = load_dataset(folder, "senses")
stream = load_dataset(folder, "examples", streaming=True)
print(json.dumps({
    "rows": {name: part.num_rows for name, part in named.items()},
    "default": {name: part.num_rows for name, part in whole.items()},
    "senses": {name: part.num_rows for name, part in senses.items()},
    "streamed": {name: sum(1 for _ in part) for name, part in stream.items()},
    "equal": all(
        list(named[name]) == list(part) for name, part in stream.items()
    ),
    "targets": all(
        row["sentence"][row["target_start"]:row["target_end"]].casefold().replace("hòa", "hoà")
        == row["lemma"].casefold()
        for part in named.values() for row in part
    ),
    "columns": named["train"].column_names,
}))
"""


def _loaded(folder: Path, cache: Path) -> dict[str, object]:
    """Loads in a process of its own: the caches and the offline switches are read at import."""
    environment = {
        **os.environ,
        "HF_HOME": str(cache),
        "HF_DATASETS_OFFLINE": "1",
        "HF_HUB_OFFLINE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, object] = yaml.safe_load(done.stdout.splitlines()[-1])
    return found


def _assert_loads(folder: Path, manifest: ReleaseManifest, cache: Path) -> None:
    found = _loaded(folder, cache)
    rows = {part.split.value: part.rows for part in manifest.splits}
    assert found["rows"] == found["default"] == found["streamed"] == rows
    assert found["senses"] == {"full": manifest.counts.senses}
    assert found["equal"] is True
    assert found["targets"] is True
    assert "target_start" in found["columns"]


def test_load_dataset_whole_and_streaming(release: Path, tmp_path: Path) -> None:
    """Both configs, the default one without its name, and the same rows when streamed."""
    pytest.importorskip("datasets")
    _assert_loads(release, ReleaseManifest.read(release), tmp_path)
