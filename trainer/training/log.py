"""Training metrics as JSON lines, and to TensorBoard where it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from schemas.errors import UsageError
from schemas.files import explained, replacing


class MetricsLog:
    """Appends one JSON line per record; records past ``step`` of an earlier try are cut off."""

    def __init__(self, path: Path, step: int = 0, tensorboard: bool = False) -> None:
        self.path = path
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = []
            if path.exists() and step > 0:
                for line in path.read_bytes().splitlines():
                    try:
                        if orjson.loads(line)["step"] <= step:
                            kept.append(line + b"\n")
                    except orjson.JSONDecodeError:  # the line at which an earlier try was killed
                        break
            with replacing(path) as temporary:
                temporary.write_bytes(b"".join(kept))
        self._board = _board(path.parent / "tensorboard") if tensorboard else None

    def write(self, kind: str, step: int, **values: float) -> None:
        """One record."""
        with explained(self.path), open(self.path, "ab") as file:
            file.write(orjson.dumps({"kind": kind, "step": step, **values}) + b"\n")
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(f"{kind}/{name}", value, step)

    def close(self) -> None:
        """Flushes what TensorBoard still holds."""
        if self._board is not None:
            self._board.close()


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError("tensorboard = true needs: pip install tensorboard") from error
    return SummaryWriter(str(folder))
