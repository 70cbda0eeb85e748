"""A pytest plugin that notes which lines each test runs, and how long those take that pass.

    python -m pytest -p tests.mutation.tracing

with ``MUTATION_REACH`` naming the folder to write to; each process of pytest-xdist writes files of
its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

FOLDER = "MUTATION_REACH"
LINES, SECONDS = "lines.", "seconds."
"""Beginnings of the names of the files."""


class Tracer:
    """Counts the lines of one process under the test that runs them."""

    def __init__(self, folder: Path, packages: tuple[str, ...]) -> None:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._seconds_file = folder / f"{SECONDS}{worker}"
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._coverage = coverage.Coverage(
            data_file=str(folder / f"{LINES}{worker}"), source=list(packages), config_file=False
        )
        self._coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None]:
        self._coverage.switch_context(item.nodeid)
        yield
        self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        passed = {test: s for test, s in self._seconds.items() if test not in self._failed}
        self._seconds_file.write_text(json.dumps(passed), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    controls_workers = config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")
    if FOLDER in os.environ and not controls_workers:
        packages = tuple(os.environ.get("MUTATION_PACKAGES", "").split(","))
        config.pluginmanager.register(Tracer(Path(os.environ[FOLDER]), packages))
