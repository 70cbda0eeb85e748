"""The whole card: README.md with its plots and Croissant metadata, deterministic to the byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.card import sections
from pipeline.card.audit_section import audit_text
from pipeline.card.citation import citation, kind_of_data
from pipeline.card.columns import CONFIGS
from pipeline.card.croissant import CROISSANT, croissant_json
from pipeline.card.facts import CardFacts, gather
from pipeline.card.front_matter import front_matter
from pipeline.card.limits import limits
from pipeline.card.panel import panel_text
from pipeline.card.plots import FOLDER as PLOTS
from pipeline.card.plots import Plot, draw_plots
from schemas.files import replacing, write_text
from schemas.markdown import escaped, grouped, link, percent

README = "README.md"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Card:
    """A composed card: the README and the files beside it, by path."""

    readme: str
    beside: Mapping[str, bytes]


def compose_card(folder: Path) -> Card:
    """The card of a release folder, in memory."""
    facts = gather(folder)
    plots = draw_plots(facts)
    beside = {plot.path: plot.png for plot in plots} | {CROISSANT: croissant_json(facts).encode()}
    return Card(front_matter(facts) + "\n" + card_text(facts, plots), beside)


def write_card(folder: Path) -> str:
    """Writes README.md, plots/*.png and croissant.json into a release folder.

    Returns the text of the README.
    """
    card = compose_card(folder)
    for stale in (folder / PLOTS).glob("*.png"):
        if f"{PLOTS}/{stale.name}" not in card.beside:
            stale.unlink()
    for path, content in card.beside.items():
        with replacing(folder / path) as temporary:
            temporary.write_bytes(content)
    write_text(folder / README, card.readme)
    return card.readme


def card_text(facts: CardFacts, plots: tuple[Plot, ...]) -> str:
    """The README below its YAML head."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["escaped"] = escaped
    m, example, own = facts.manifest, facts.example, facts.language.card.own
    shown = example.model_dump(mode="json") if example else None
    return environment.get_template("card.md.j2").render(
        m=m,
        configs=facts.configs,
        about=CONFIGS,
        columns=sections.columns_table,
        example=example,
        marked=sections.with_bold_target(example) if example else "",
        example_json=orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode(),
        kind=kind_of_data(facts.language),
        own=own,
        summary=own.summary(facts.figures) if own else "",
        unit=facts.language.segmentation.unit,
        plots=plots,
        source_link=link(m.source.name, m.source.url),
        splits_table=sections.splits_table(facts),
        polysemy_table=sections.polysemy_table(facts),
        facts=facts,
        variety_table=sections.variety_table(facts),
        lengths_table=sections.lengths_table(facts),
        stages_table=sections.stages_table(facts),
        requests_table=sections.requests_table(facts),
        total_cost=sections.total_cost(facts),
        software=", ".join(f"{name} {version}" for name, version in sorted(m.software.items())),
        rejects_table=sections.rejects_table(facts),
        n_rejects=sum(facts.rejects.values()),
        judged=m.judge.agree + m.judge.disagree + (m.judge.judged_before_selection or 0) > 0,
        panel_text=panel_text(facts),
        audit_text=audit_text(facts.audits, facts.language, recorded=facts.manifest.recorded),
        leakage_text=sections.leakage_text(facts),
        leakage_table=sections.leakage_table(facts),
        limits=list(limits(facts)),
        files_table=sections.files_table(facts),
        citation=citation(facts),
        number=grouped,
        percent=percent,
    )
