"""A folder that may not be read or written is one line that names it, never a bug."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.card.render import write_card
from testing.tiny_release import make_tiny_release

_SCRIPT = """
import contextlib, io, json, sys
from pathlib import Path
from pipeline.cli.main import exit_code

release = Path(sys.argv[1])
given = ["--release", str(release)]
commands = {
    "publish": ["publish", *given, "--repo", "a/b", "--dry-run"],
    "leakage": ["leakage", *given],
    "card": ["card", *given],
    "model": ["publish", "--model", str(release), "--repo", "a/b"],
}
closed = {
    "folder": (release, 0o444, commands),
    "rows": (release / "data" / "examples", 0o444, ("publish", "leakage", "card")),
    "data": (release / "data", 0o000, ("publish", "leakage", "card")),
    "pictures": (release / "plots", 0o555, ("card",)),
    "beside": (release.parent, 0o555, ("card",)),
    "manifest": (release / "manifest.json", 0o000, ("publish", "leakage", "card")),
}
found = {}
for place, (path, mode, names) in closed.items():
    before = path.stat().st_mode
    path.chmod(mode)
    for name in names:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            code = exit_code(commands[name])
        found[f"{name}: {place}"] = [code, said.getvalue().splitlines()[-1]]
    path.chmod(before)
print(json.dumps(found))
"""


def test_what_may_not_be_read_or_written_is_one_line(tmp_path: Path) -> None:
    release = make_tiny_release(tmp_path / "mine" / "release")
    write_card(release)
    unprivileged: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and there is no setpriv to forgo that")
        unprivileged = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    done = subprocess.run(
        [*unprivileged, sys.executable, "-c", _SCRIPT, str(release)],
        env=os.environ | {"HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert len(found) == 15
    for name, (code, line) in found.items():
        assert code in (1, 2), (name, line)
        assert str(tmp_path) in line, name
        assert "no permission" in line or "is not readable" in line, (name, line)
