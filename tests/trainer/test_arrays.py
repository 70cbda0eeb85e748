"""Files of arrays, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from schemas.errors import InputError
from trainer.storage.arrays import mapped_array, named_arrays

WHOLE = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", WHOLE)
    np.savez(tmp_path / "two.npz", a=WHOLE, b=-WHOLE)
    mapped = mapped_array(tmp_path / "one.npy")
    assert np.array_equal(mapped, WHOLE)
    assert not mapped.flags.writeable
    b, a = named_arrays(tmp_path / "two.npz", "b", "a")
    assert np.array_equal(a, -b)
    assert np.array_equal(a, WHOLE)


@pytest.mark.parametrize("content", [b"", b"PK nothing", b"PK\x03\x04", b"\x93NUMPY", b"\x80\x04x"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged: damaged .*: delete it and start again"):
        mapped_array(path)
    with pytest.raises(InputError, match=r"damaged: damaged .*: delete it and start again"):
        named_arrays(path, "a")


def test_a_cut_array_and_one_without_the_name_are_damaged_too(tmp_path: Path) -> None:
    np.save(tmp_path / "cut.npy", WHOLE)
    content = (tmp_path / "cut.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(content[:-4])
    with pytest.raises(InputError, match=r"cut\.npy: damaged"):
        mapped_array(tmp_path / "cut.npy")
    np.savez(tmp_path / "other.npz", b=WHOLE)
    with pytest.raises(InputError, match=r"other\.npz: damaged"):
        named_arrays(tmp_path / "other.npz", "a")
