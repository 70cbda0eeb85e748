"""The card says what the release folder holds, the same words for the same folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipeline.card.facts import gather
from pipeline.card.front_matter import licence_fields, size_category
from pipeline.card.preview import split_head
from pipeline.card.render import compose_card, write_card
from pipeline.release.manifest import ReleaseManifest
from pipeline.release.overlaps import LeakageReport, Overlap, Shared
from schemas.records import Split
from testing.tiny_release import make_tiny_release


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_tiny_release(tmp_path / "release")


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_rendering_twice_and_elsewhere_gives_equal_bytes(release: Path, tmp_path: Path) -> None:
    write_card(release)
    first = snapshot(release)
    write_card(release)
    assert snapshot(release) == first
    other = make_tiny_release(tmp_path / "elsewhere" / "under another name")
    write_card(other)
    assert snapshot(other) == first


def test_composing_writes_nothing(release: Path) -> None:
    before = snapshot(release)
    card = compose_card(release)
    assert snapshot(release) == before
    assert write_card(release) == card.readme
    assert {**before, **card.beside, "README.md": card.readme.encode()} == snapshot(release)


def test_a_picture_that_has_no_data_any_more_is_removed(release: Path) -> None:
    write_card(release)
    assert (release / "plots/rejections_by_code.png").exists()
    manifest = ReleaseManifest.read(release)
    stages = tuple(stage.model_copy(update={"rejects": {}}) for stage in manifest.stages)
    manifest.model_copy(update={"stages": stages}).write(release)
    text = write_card(release)
    assert not (release / "plots/rejections_by_code.png").exists()
    assert "Nothing was rejected." in text


def test_the_head_is_what_datasets_itself_would_write(release: Path) -> None:
    import pyarrow.parquet as pq
    from datasets import Features

    head = yaml.safe_load(split_head(write_card(release))[0])
    assert head["language"] == ["vi"]
    assert head["license"] == "cc-by-4.0"
    assert head["size_categories"] == ["n<1K"]
    configs = {config["config_name"]: config["data_files"] for config in head["configs"]}
    assert [part["split"] for part in configs["examples"]] == [split.value for split in Split]
    assert configs["senses"] == [{"split": "full", "path": ["data/senses/senses-00000.parquet"]}]
    assert [c["config_name"] for c in head["configs"] if c.get("default")] == ["examples"]
    for info in head["dataset_info"]:
        path = configs[info["config_name"]][0]["path"][0]
        schema = pq.read_schema(release / path)
        assert info["features"] == Features.from_arrow_schema(schema)._to_yaml_list()


def test_sizes_in_the_head_are_those_of_the_files(release: Path) -> None:
    head = yaml.safe_load(split_head(write_card(release))[0])
    info = next(info for info in head["dataset_info"] if info["config_name"] == "examples")
    assert [(part["name"], part["num_examples"]) for part in info["splits"]] == [
        ("train", 4),
        ("validation", 1),
        ("test_seen", 1),
        ("test_unseen_sense", 1),
        ("test_unseen_lemma", 1),
    ]
    files = [path.stat().st_size for path in (release / "data/examples").iterdir()]
    assert info["download_size"] == sum(files)
    assert info["dataset_size"] == sum(part["num_bytes"] for part in info["splits"])


def test_lemmas_are_counted_by_their_senses(release: Path) -> None:
    assert gather(release).lemmas_by_senses == {1: 1, 2: 1, 3: 1}


def test_the_example_is_of_an_ambiguous_lemma_with_its_target_marked(release: Path) -> None:
    text = write_card(release)
    assert "> Bác thợ mượn chiếc <b>khoan</b> của hàng xóm." in text


@pytest.mark.parametrize(
    "words",
    [
        "| `train` | 4 | 50.0 % | 4 | 4 | 2 |",
        "| `train` | 3 (75.0 %) | 1 (25.0 %) | 0 | 0 | 0 | 0 | 1 (25.0 %) | 3 (75.0 %) |",
        "3 of 6 senses have fewer than the 2 contexts wanted, 1 of them none.",
        "| `ban-ghi-thu` | `contexts` v1 | 2026-10-01 to 2026-10-02 | 12 | 3,456 | 789 |",
        "| `contexts` | `target_missing` | no target is marked | 4 | 40.0 % |",
        "It chose the intended sense in 90.0 % of the 10 sentences",
        "No human audit has been made of this release.",
        "**nothing leaks**",
        "This release is under **CC BY 4.0**, the licence of its source.",
        "> Bản quyền của nhóm từ điển mẫu.\n> Không có bảo đảm nào.\n",
        "Nhóm từ điển mẫu (2026)",
        "Kho nghĩa gồm 6 nghĩa của 3 từ, trong đó 2 từ có từ hai nghĩa trở lên",
        "![Contexts per sense; orange: fewer than the 2 wanted.",
    ],
)  # fmt: skip
def test_the_card_says(release: Path, words: str) -> None:
    assert words in write_card(release)


def test_recorded_replies_are_said_to_be_recorded(release: Path, tmp_path: Path) -> None:
    text = write_card(release)
    assert "> **Recorded replies.**" in text
    assert "câu trả lời đã ghi sẵn" in text
    assert "Total cost" not in text
    asked = write_card(make_tiny_release(tmp_path / "asked", recorded=False))
    assert "ecorded" not in asked
    assert "đã ghi sẵn" not in asked
    assert "Total cost: 0.0123 USD." in asked


def test_a_leak_is_said_in_both_languages(release: Path) -> None:
    leak = Overlap(
        shared=Shared.LEMMA,
        left=Split.TRAIN,
        right=Split.TEST_UNSEEN_LEMMA,
        count=3,
        allowed=False,
        ids=("khoan",),
    )
    report = LeakageReport(near_duplicate_threshold=0.8, rows={}, overlaps=(leak,))
    ReleaseManifest.read(release).model_copy(update={"leakage": report}).write(release)
    text = write_card(release)
    assert "nothing leaks" not in text
    assert "| `train` | `test_unseen_lemma` | **3 leak** |" in text
    assert "The splits leak into each other" in text
    assert "Các tập còn chồng lấn nhau" in text


def test_a_licence_the_hub_does_not_know_is_carried_over_by_name() -> None:
    assert licence_fields("WordNet 3.0 License") == {
        "license": "other",
        "license_name": "wordnet-3.0-license",
    }
    assert licence_fields("CC BY-SA 4.0") == {"license": "cc-by-sa-4.0"}


@pytest.mark.parametrize(
    ("rows", "word"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**8, "100M<n<1B")],
)
def test_size_classes(rows: int, word: str) -> None:
    assert size_category(rows) == word


def test_hostile_text_cannot_break_out_of_a_table_or_the_quote(tmp_path: Path) -> None:
    from pipeline.card.sections import with_bold_target
    from schemas.markdown import table
    from schemas.records import Example
    from schemas.tables import read_table

    assert table(("a", "b"), [("x|y\nz", 1)]).splitlines()[2] == "| x\\|y z | 1 |"
    release = make_tiny_release(tmp_path / "release")
    row = next(iter(read_table(release / "data/examples/train.parquet", Example)))
    hostile = row.model_copy(
        update={"sentence": "<script>*a* khoan_", "target_start": 12, "target_end": 17}
    )
    assert with_bold_target(hostile) == "&lt;script&gt;&#42;a&#42; <b>khoan</b>&#95;"
