from __future__ import annotations

from pathlib import Path

import pytest

from tests.audits.world import draw_audit


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    """An audit of 40 rows for lan and minh, half of them for both."""
    return draw_audit(tmp_path / "audit", repeats=0.2)


@pytest.fixture
def blind(tmp_path: Path) -> Path:
    """The same in the blind mode."""
    return draw_audit(tmp_path / "blind", mode="blind", repeats=0.2)
