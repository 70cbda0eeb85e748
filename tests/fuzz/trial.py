"""One case: its commands run in a forked process with a time limit, and their end is judged."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from pipeline.cli.main import exit_code

CPU_SECONDS = 60
"""However busy the machine is with something else."""
SECONDS = 300.0
MEMORY = 12 * 2**30
"""Of addresses, most of which the libraries only set aside."""
_LONGEST_LINE = 3000
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a case's commands did."""

    codes: tuple[int, ...]
    """Exit codes, of as many commands as were run."""
    out: str
    err: str
    problem: str = ""
    """Why the process did not come to an end."""
    wrong: str = ""
    """What is wrong with the result of commands that succeeded."""


@dataclass(slots=True)
class Case:
    """A damaged folder, what is run in it, and what must hold where that succeeds."""

    commands: Sequence[Sequence[str]]
    told: str
    """What was damaged."""
    holds: Callable[[Path, str], str] = field(default=lambda _folder, _out: "")
    """What is wrong with the folder, or with what was printed, although every exit code is 0."""
    even_if_incomplete: bool = False
    """Whether that must hold after exit code 1 too."""


def run(case: Case, folder: Path) -> Ran:
    """Runs the commands in a process of their own, in ``folder``."""
    out, err, end = (folder / f".fuzz.{name}" for name in ("out", "err", "end"))
    child = os.fork()
    if not child:
        _work(case, folder, out, err, end)
    problem = _waited(child)
    codes, wrong = json.loads(end.read_text()) if end.exists() else ([], "")
    printed, said = (_text(path) for path in (out, err))
    return Ran(tuple(codes), printed, said, problem, wrong)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _work(case: Case, folder: Path, out: Path, err: Path, end: Path) -> None:
    """The child's whole life."""
    codes: list[int] = []
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        os.chdir(folder)
        for path, number in ((out, 1), (err, 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        for words in case.commands:
            codes.append(exit_code(list(words)))
            end.write_text(json.dumps((codes, "")))
            if codes[-1]:
                break
        sys.stdout.flush()
        if not any(codes) or (case.even_if_incomplete and max(codes) == 1):
            end.write_text(json.dumps((codes, case.holds(folder, _text(out)))))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _waited(child: int) -> str:
    """Waits for the child; says what went wrong with it."""
    began, pause = monotonic(), 0.002
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
                return f"not done after {CPU_SECONDS} s of work"
            if os.WIFSIGNALED(status):
                return f"killed by signal {os.WTERMSIG(status)}"
            return ""
        if monotonic() - began > SECONDS:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return f"not done after {SECONDS:.0f} s"
        sleep(pause)
        pause = min(pause * 1.5, 0.05)


def faults(ran: Ran) -> list[str]:
    """What viconwsd did wrong; nothing where it refused in words, or did its work."""
    found = []
    if ran.problem:
        found.append(ran.problem)
    if any(code not in (0, 1, 2) for code in ran.codes):
        found.append(f"exit code {ran.codes[-1]}")
    shown = f"{ran.out}\n{ran.err}"
    for words in ("Traceback (most recent", "this is a bug in viconwsd", "Warning:"):
        if words in shown:
            found.append(f"prints {words!r}")
    if not found:
        if _CONTROLS.search(shown):
            found.append("control characters are printed")
        if max(map(len, shown.splitlines()), default=0) > _LONGEST_LINE:
            found.append("a line of thousands of characters is printed")
        if ran.codes[-1] and not ran.err.strip():
            found.append("fails without a word")
        if ran.wrong:
            found.append(ran.wrong)
    return found
