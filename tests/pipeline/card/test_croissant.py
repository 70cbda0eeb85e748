"""The Croissant metadata is valid by mlcroissant, which reads the rows with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.card.render import write_card
from pipeline.publish.files import list_files
from schemas.records import Example
from schemas.tables import read_table
from testing.tiny_release import make_tiny_release


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = make_tiny_release(tmp_path / "release")
    write_card(folder)
    return folder


@pytest.mark.filterwarnings("ignore")  # of mlcroissant and its libraries
def test_mlcroissant_finds_no_error_and_reads_the_rows(
    release: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CROISSANT_CACHE", str(tmp_path / "cache"))
    mlc = pytest.importorskip("mlcroissant")
    dataset = mlc.Dataset(jsonld=release / "croissant.json")
    assert list(dataset.metadata.issues.errors) == []
    found = sorted(row["examples/sentence"].decode() for row in dataset.records("examples"))
    wanted = [
        row.sentence
        for path in (release / "data/examples").iterdir()
        for row in read_table(path, Example)
    ]
    assert found == sorted(wanted)
    (first, *_) = dataset.records("gloss_provenance")
    made_by = first["gloss_provenance/provenance"]
    assert made_by["gloss_provenance/provenance/model"] == b"ban-ghi-thu"


def test_every_table_file_is_listed_with_its_hash(release: Path) -> None:
    described = json.loads((release / "croissant.json").read_text(encoding="utf-8"))
    listed = {
        item["@id"]: item["sha256"]
        for item in described["distribution"]
        if item["@type"] == "cr:FileObject"
    }
    assert listed == {
        file.path: file.sha256 for file in list_files(release) if file.path.endswith(".parquet")
    }
