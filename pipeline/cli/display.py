"""What a run shows while it works: a live line on a terminal, plain lines elsewhere.

Both read the same two values, a stage's :class:`Progress` and the :class:`Meter` of the model.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from textwrap import wrap

from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.at_work import AtWork
from pipeline.cli.live import live, span
from pipeline.cli.pace import Pace
from pipeline.engine.decide import MustRun
from pipeline.engine.manifest import StageManifest
from pipeline.engine.progress import Progress
from pipeline.engine.stage import Stage
from pipeline.llm.meter import Meter
from pipeline.now_and_then import now_and_then
from schemas.numbers import counted
from schemas.shown import printable

PLAIN_EVERY_S = 15.0
CODES_SHOWN = 4
_INDENT = " " * 23


class Display:
    """Tells of stages as they start, move and finish; everything goes to stderr."""

    def __init__(self, console: Console, meter: Meter, currency: str) -> None:
        self._console = console
        self._meter = meter
        self._currency = currency
        self._progress = Progress()
        self._began = time.monotonic()
        self._pace = Pace(self._began)
        self._at_start = meter.snapshot()
        self._told = ""

    def skipped(self, stage: Stage, manifest: StageManifest) -> None:
        """The stage's output is there already."""
        self._say(f"{stage.name:<10} up to date  {counts_text(manifest)}")

    def started(self, stage: Stage, decision: MustRun, progress: Progress) -> None:
        """The stage begins."""
        self._progress = progress
        self._began = time.monotonic()
        self._pace = Pace(self._began)
        self._at_start = self._meter.snapshot()
        self._say(f"{stage.name:<10} runs        {'; '.join(decision.reasons)}")

    def finished(self, stage: Stage, manifest: StageManifest) -> None:
        """The stage is complete."""
        seconds = time.monotonic() - self._began
        self._progress = Progress()
        self._say(f"{'':<10} done        {counts_text(manifest)}, {_span(seconds)}")
        for line in stage.show_details(manifest.details):
            self._say(f"{'':<10} {line}")
        if manifest.rejects:
            self._say(f"{'':<10} rejected    {ranked(manifest.rejects)}")

    def note(self, line: str) -> None:
        """A line that the model's layer has to say."""
        self._say(f"{'':<10} {line}")

    def total(self) -> None:
        """What this run paid for, however it ended."""
        now = self._meter
        if now.received or now.lost:
            cost = f", {now.cost:.4f} {self._currency}" if now.cost is not None else ""
            lost = f"; {counted(now.lost, 'request')} may be billed and got no answer"
            answers = counted(now.received, "new answer")
            self._say(f"{'':<10} in this run {answers}{cost}{lost if now.lost else ''}")

    def at_work(self) -> AtWork:
        """What others may know of this moment."""
        progress, now = self._progress, self._meter.snapshot()
        waits = sorted(now.waits)
        return AtWork(
            stage=progress.stage,
            done=progress.done,
            total=progress.total,
            note=progress.note,
            accepted=progress.accepted,
            rejected=dict(progress.rejected),
            received=now.received,
            replayed=now.replayed,
            in_flight=now.in_flight,
            limit=now.limit,
            rate=round(now.rate, 2),
            retries=dict(now.retries),
            repairs=now.repairs,
            refused=now.refused,
            lost=now.lost,
            median_s=round(waits[len(waits) // 2], 3) if waits else None,
            slow_s=round(waits[len(waits) * 95 // 100], 3) if waits else None,
            batches=now.batches,
            cost=now.cost,
            currency=self._currency,
        )

    def _say(self, line: str) -> None:
        # Lines of a log are not folded: whoever reads one wants to search it.
        lines = [line]
        if self._console.is_terminal:
            lines = wrap(
                line,
                self._console.width,
                subsequent_indent=_INDENT,
                break_long_words=False,
                break_on_hyphens=False,
            )
        for part in lines:
            self._console.print(printable(part), soft_wrap=True, markup=False, emoji=False)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows progress while the body runs."""
        if self._console.is_terminal:
            with live(self._console, self._live):
                yield
        else:
            with now_and_then(PLAIN_EVERY_S, self._plain):
                yield

    def _plain(self) -> None:
        line = self.line() if self._progress.stage or self._meter.batches else ""
        if line and line != self._told:  # what is waited for changes by the minute
            self._say(f"{'':<10} {line}")
            self._told = line

    def line(self) -> str:
        """One line on what the stage in progress has done so far."""
        (name, first), *others = self._parts()
        return ", ".join((f"{name} {first}", *(part for _, part in others)))

    def _live(self) -> Table | Text:
        progress = self._progress
        if not progress.stage and not self._meter.batches:
            return Text("")
        table = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(progress.total, 1), completed=progress.done, width=40)
        table.add_row(Text(progress.stage, style="bold"), bar)
        for name, part in self._parts():
            table.add_row(Text(name, style="dim"), Text(printable(part)))
        return table

    def _parts(self) -> list[tuple[str, str]]:
        progress, now, before = self._progress, self._meter.snapshot(), self._at_start
        if now.batches:
            return [("batches", now.batches)]
        seconds = time.monotonic() - self._began
        note = f" ({progress.note})" if progress.note else ""
        of_total = f" of {progress.total:,}" if progress.total else ""
        parts = [("items", f"{progress.done:,}{of_total}{note}")]
        sent, replayed = now.received - before.received, now.replayed - before.replayed
        if sent or replayed or now.in_flight:
            retries = sum(now.retries.values()) - sum(before.retries.values())
            parts.append(
                (
                    "requests",
                    f"{sent:,} new, {replayed:,} from the ledger, {now.rate:.1f}/s, "
                    f"{now.in_flight} in flight, {retries} retries",
                )
            )
            tokens = now.prompt_tokens - before.prompt_tokens
            written = now.completion_tokens - before.completion_tokens
            parts.append(("tokens", f"{tokens:,} in, {written:,} out"))
        if progress.accepted or progress.rejected:
            codes = ranked(progress.rejected, CODES_SHOWN)
            parts.append(("accepted", f"{progress.accepted:,}; rejected {codes or 'none'}"))
        if now.cost is not None and sent:
            parts.append(("money", self._money(now.cost, before.cost)))
        left = self._pace.seconds_left(
            progress.done, progress.total, now.in_flight, time.monotonic()
        )
        more = "" if left is None else f", about {_span(left)} left"
        return [*parts, ("time", f"{_span(seconds)} so far{more}")]

    def _money(self, cost: Decimal, before: Decimal | None) -> str:
        stage_cost = cost - (before or 0)
        progress = self._progress
        text = f"{cost:.4f} {self._currency} in this run"
        if progress.done:
            forecast = stage_cost / progress.done * progress.total
            text += f", about {forecast:.4f} for the whole stage"
        return text


def counts_text(manifest: StageManifest) -> str:
    """The counts of a stage in words, those that are zero left out unless all are."""
    told = [(name, count) for name, count in manifest.counts.items() if count]
    told = told or list(manifest.counts.items())[:1]
    return ", ".join(f"{count:,} {_words(name, count)}" for name, count in told)


_ONE = {
    "contexts": "context",
    "examples": "example",
    "glosses": "gloss",
    "lemmas": "lemma",
    "links": "link",
    "rows": "row",
    "senses": "sense",
    "synsets": "synset",
    "verdicts": "verdict",
}


def _words(name: str, count: int) -> str:
    """The name of a count in words; what it counts stands first, or last behind "held out"."""
    words = name.split("_")
    place = -1 if words[:2] == ["held", "out"] else 0
    if count == 1:
        words[place] = _ONE.get(words[place], words[place])
    return " ".join(words)


def ranked(rejected: dict[str, int], most: int | None = None) -> str:
    """Codes with their counts, the most frequent first; only ``most`` of them by name."""
    by_count = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    most = len(by_count) if most is None else most
    text = ", ".join(f"{code} {count:,}" for code, count in by_count[:most])
    more = sum(count for _, count in by_count[most:])
    return f"{text}, others {more:,}" if more else text


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else span(seconds)
