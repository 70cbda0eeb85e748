"""Work for pools, importable by its name from any process."""

import os
import signal
import time
from pathlib import Path

from schemas.errors import InputError, ItemError


def square(n: int) -> int:
    """Later pieces are ready earlier."""
    time.sleep(0.02 / (n + 1))
    return n * n


def process(_: int) -> int:
    """Who does the work."""
    return os.getpid()


def odd_ones_fail(n: int) -> int:
    """Fails as stages do."""
    if n % 2:
        raise InputError(f"{n} is odd")
    return n


def fails_alone(n: int) -> int:
    """Fails as items do."""
    raise ItemError("bad_reply", f"item {n}")


def dies_until_marked(path: str) -> str:
    """Is killed the first time it comes here."""
    mark = Path(path)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name


def always_dies(_: int) -> int:
    """Is killed whenever it comes here."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0
