"""Texts that share a run of words with a reference are found, whatever their case and spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from languages.find import find_language
from pipeline.checks.reference import CODE, Reference, ReferenceSettings
from schemas.errors import InputError, StorageError

VI = find_language("vi")
LINE = 'lỗ.1,lỗ,"chỗ lõm sâu xuống hoà vào mặt đất, do đào mà có"\n'


def reference(folder: Path, **settings: object) -> Reference:
    (folder / "senses.csv").write_text(LINE, encoding="utf-8")
    stated = {"reference": folder / "senses.csv", **settings}
    return Reference(ReferenceSettings.model_validate(stated), VI)


def test_a_run_of_six_units_is_a_copy_and_one_of_five_is_not(tmp_path: Path) -> None:
    found = reference(tmp_path)
    assert found.shared("Chỗ lõm, sâu xuống hòa vào một vật") == VI.match_key(
        "chỗ lõm sâu xuống hoà vào"
    )
    assert found.shared("chỗ lõm sâu xuống hoà rồi thôi") is None
    assert reference(tmp_path, run=5).shared("chỗ lõm sâu xuống hoà rồi thôi") is not None


def test_a_copy_is_a_fault_only_where_it_is_to_be_rejected(tmp_path: Path) -> None:
    text = "mặt đất có chỗ lõm sâu xuống hoà vào nhau"
    assert reference(tmp_path).finding(text) is None
    fault = reference(tmp_path, reject=True).finding(text)
    assert fault is not None
    assert fault.code == CODE
    assert "hãy viết bằng lời khác" in fault.reason


def test_without_a_reference_nothing_is_a_copy() -> None:
    assert Reference(ReferenceSettings(reject=True), VI).finding("một hai ba bốn năm sáu") is None


def test_a_reference_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.csv: no such file"):
        Reference(ReferenceSettings(reference=tmp_path / "none.csv"), VI)
    (tmp_path / "latin.txt").write_bytes(b"a\n\xe9\n")
    with pytest.raises(InputError, match=r"latin\.txt:2: not UTF-8"):
        Reference(ReferenceSettings(reference=tmp_path / "latin.txt"), VI)
