"""The run: its stages with state, counts and money, its rejects, its requests over time."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from pipeline.at_work import read_at_work
from pipeline.engine.folder import RunFolder
from pipeline.plan import StagePlan, make_plan
from pipeline.view.index.shelf import NotReadyError
from pipeline.view.pages.counted import of_release, places_of
from pipeline.view.pages.page import Asked, MissingError, Page
from pipeline.view.pages.plot import BarChart, bar_chart
from pipeline.view.pages.words import meanings
from pipeline.view.reading.paid import PaidFigures, StageMoney, read_paid
from pipeline.view.reading.run_state import all_stages_of
from pipeline.view.reading.site import Site
from schemas.errors import ViconwsdError


def run_page(site: Site, _: Asked) -> Page:
    """The run as it is now; of a release alone, the stages that made it."""
    run, manifest, ledger, config = site.run(), site.manifest(), site.ledger(), site.config()
    paid = read_paid(ledger) if ledger else None
    values = {
        "run": run,
        "manifest": manifest,
        "paid": paid,
        "asked_of": _by_stage(paid),
        "written": {stage.name: stage.written for stage in run.stages} if run else {},
        "chart": _over_time(paid),
        "now": read_at_work(config.folder) if config else None,
        "codes": _codes(site),
        "places": {stage.name: places_of(stage) for stage in run.stages} if run else {},
        "of_release": of_release,
        "meanings": meanings(site),
    }
    return Page("run.html", "Run" if run else "Release", values)


def plan_page(site: Site, _: Asked) -> Page:
    """What `viconwsd run` would do now, and what that would cost."""
    config, run = site.config(), site.run()
    if config is None or run is None:
        raise MissingError("a release alone has no run.toml, and so no plan")
    stages = all_stages_of(config)

    def work() -> tuple[StagePlan, ...]:
        folder = RunFolder(config.folder)
        return make_plan(stages, folder, config.language, read_only=True)

    about = [
        (s.name, s.state, s.reasons, s.manifest and s.manifest.fingerprint) for s in run.stages
    ]
    plans = site.jobs.result("plan", (config, about), work, "The requests are being counted.")
    ledger = site.ledger()
    asked_of = _by_stage(read_paid(ledger) if ledger else None)
    asked = [plan.requests for plan in plans if plan.requests is not None]
    costs = [requests.cost for requests in asked if requests.cost is not None]
    values = {
        "plans": plans,
        "asked_of": {plan.name: asked_of.get(plan.name) for plan in plans},
        "to_send": sum(requests.to_send for requests in asked),
        "cost": sum(costs) if costs else None,
        "currency": asked[0].currency if asked else "",
    }
    return Page("plan.html", "Plan", values)


def _codes(site: Site) -> list[tuple[str, str, int, str]]:
    """Each stage's codes with their counts, and a text that was rejected with it."""
    run = site.run()
    counted = {
        (stage.name, code): count
        for stage in (run.stages if run else ())
        if stage.manifest
        for code, count in stage.manifest.rejects.items()
    }
    if not counted and (manifest := site.manifest()):
        counted = {(s.name, code): n for s in manifest.stages for code, n in s.rejects.items()}
    examples: dict[tuple[str, str], str] = {}
    with suppress(NotReadyError, ViconwsdError), site.index() as index:
        for stage, code in counted:
            found = index.rejects(stage, code, 1, 1).entries
            examples[stage, code] = found[0].text or found[0].item if found else ""
    ordered = sorted(counted.items(), key=lambda each: -each[1])
    return [(stage, code, n, examples.get((stage, code), "")) for (stage, code), n in ordered]


def _by_stage(paid: PaidFigures | None) -> dict[str, StageMoney]:
    """The figures of each stage that asked; where it paid in several currencies, without money."""
    found: dict[str, StageMoney] = {}
    for each in paid.by_stage if paid else ():
        known = found.get(each.stage)
        found[each.stage] = each if known is None else known.with_other(each)
    return found


def _over_time(paid: PaidFigures | None) -> BarChart | None:
    """Replies by stretches of time; stretches without any are there, up to a number."""
    if paid is None or not paid.times:
        return None
    counts, step = dict(paid.times), paid.stretch
    first, last = paid.times[0][0], paid.times[-1][0]
    moments = range(first, last + 1, step)
    shape = "%H:%M:%S" if step < 60 else "%m-%d %H:%M" if step < 86400 else "%Y-%m-%d"
    values = [(f"{datetime.fromtimestamp(t, UTC):{shape}}", counts.get(t, 0), t) for t in moments]
    return bar_chart(values)
