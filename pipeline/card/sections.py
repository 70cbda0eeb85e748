"""The tables and paragraphs of the card that are computed from its facts."""

from __future__ import annotations

from decimal import Decimal

from pipeline.card.columns import meaning
from pipeline.card.facts import CardFacts, ConfigFacts
from pipeline.release.overlaps import Overlap
from schemas.markdown import code_span, escaped, grouped, share, size, table
from schemas.records import Example, Polysemy, Pos


def with_bold_target(example: Example) -> str:
    """The sentence with its target in bold, safe inside Markdown."""
    start, end = example.target_start, example.target_end
    before, target, after = (
        escaped(text) for text in (example.sentence[:start], example.target, example.sentence[end:])
    )
    return f"{before}<b>{target}</b>{after}"


def columns_table(config: ConfigFacts, recorded: bool) -> str:
    """Name, type and meaning of each column."""
    rows = [
        (
            code_span(field.name),
            _type(field.type),
            meaning(config.name, field.name, recorded=recorded),
        )
        for field in config.schema
    ]
    return table(("column", "type", "meaning"), rows, left=3)


def _type(kind: object) -> str:
    name = str(kind).replace("element: ", "")
    if "struct" in name:
        return "list of structs" if name.startswith("list") else "struct"
    return name


def splits_table(facts: CardFacts) -> str:
    """Sizes of the splits."""
    total = facts.manifest.counts.examples
    rows = [
        (
            f"`{split.split.value}`",
            split.rows,
            share(split.rows, total),
            split.senses,
            split.synsets,
            split.lemmas,
        )
        for split in facts.manifest.splits
    ]
    return table(("split", "rows", "share", "senses", "synsets", "lemmas"), rows)


def polysemy_table(facts: CardFacts) -> str:
    """Rows by part of speech and polysemy, with shares of the split."""
    header = ["split", *(f"{p.value}" for p in Pos), *(f"{p.value}" for p in Polysemy)]
    rows = []
    for split in facts.manifest.splits:
        by_pos = [_counted(split.by_pos.get(pos, 0), split.rows) for pos in Pos]
        by_polysemy = [_counted(split.by_polysemy.get(p, 0), split.rows) for p in Polysemy]
        rows.append([f"`{split.split.value}`", *by_pos, *by_polysemy])
    return table(header, rows)


def _counted(count: int, total: int) -> str:
    return f"{grouped(count)} ({share(count, total)})" if count else "0"


def lengths_table(facts: CardFacts) -> str:
    """Units per sentence, by split."""
    rows = [
        (
            f"`{split.split.value}`",
            split.lengths.least,
            f"{split.lengths.mean:.1f}",
            split.lengths.most,
        )
        for split in facts.manifest.splits
    ]
    return table(("split", "shortest", "mean", "longest"), rows)


def stages_table(facts: CardFacts) -> str:
    """What each stage counted."""
    rows = [
        (
            f"{code_span(stage.name)} {escaped(stage.version)}",
            "; ".join(f"{escaped(name)} {grouped(count)}" for name, count in stage.counts.items()),
            code_span(stage.fingerprint[:12]),
            stage.rounds or "",
        )
        for stage in facts.manifest.stages
    ]
    return table(("stage", "counts", "fingerprint", "rounds"), rows, left=3)


def requests_table(facts: CardFacts) -> str:
    """Models, prompts, dates, requests, tokens and costs of the stages that asked a model."""
    rows = [
        (
            code_span(stage.name),
            ", ".join(map(code_span, stage.models)),
            ", ".join(f"{code_span(p.prompt_id)} {escaped(p.version)}" for p in stage.prompts),
            _dates(stage.first_request, stage.last_request),
            stage.requests,
            stage.prompt_tokens,
            stage.completion_tokens,
            escaped(_money(stage.cost, stage.currency)),
        )
        for stage in facts.manifest.stages
        if stage.requests
    ]
    if not rows:
        return "No stage asked a model."
    header = (
        "stage", "model", "prompt", "dates (UTC)", "requests", "tokens in", "tokens out", "cost",
    )  # fmt: skip
    return table(header, rows, left=4)


def _dates(first: str | None, last: str | None) -> str:
    if first is None:
        return "–"
    return first if last in (None, first) else f"{first} to {last}"


def total_cost(facts: CardFacts) -> str:
    """The sum over all stages by currency; empty where no stage has a price."""
    amounts: dict[str, Decimal] = {}
    for stage in facts.manifest.stages:
        if stage.cost is not None and stage.requests:
            amounts[stage.currency] = amounts.get(stage.currency, Decimal(0)) + stage.cost
    return ", ".join(_money(amounts[currency], currency) for currency in sorted(amounts))


def rejects_table(facts: CardFacts) -> str:
    """Every code of every stage with count and meaning; empty where nothing was dropped."""
    counted = [
        (count, stage.name, code, stage.codes.get(code, "a code that its stage does not explain"))
        for stage in facts.manifest.stages
        for code, count in stage.rejects.items()
    ]
    total = sum(count for count, *_ in counted)
    rows = [
        (code_span(stage), code_span(code), escaped(meaning), count, share(count, total))
        for count, stage, code, meaning in sorted(counted, key=lambda row: (-row[0], *row[1:]))
    ]
    return (
        table(("stage", "code", "what was wrong", "items", "share"), rows, left=3) if rows else ""
    )


def leakage_text(facts: CardFacts) -> str:
    """Whether the splits keep what they promise."""
    report, unit = facts.manifest.leakage, facts.language.segmentation.unit
    if report.clean:
        return (
            "Recomputed from the released files: **nothing leaks**. No sentence of one split "
            f"stands in another, equal or nearly equal (Jaccard similarity of {unit} bigrams of "
            f"{report.near_duplicate_threshold:g} or more), and the unseen parts share with "
            "`train` only what their definition allows."
        )
    return (
        f"Recomputed from the released files: **{len(report.leaks)} kinds of overlap must not "
        "be.** Results on the parts concerned are not to be trusted."
    )


def leakage_table(facts: CardFacts) -> str:
    """What every two splits have in common, by kind; a dash where a kind says nothing of them."""
    kinds, pairs = facts.manifest.leakage.by_pair()
    rows = [(f"`{a.value}`", f"`{b.value}`", *map(_common, found)) for a, b, found in pairs]
    header = ("split", "with", *(kind.value.replace("_", " ") for kind in kinds))
    return table(header, rows, left=2) if rows else ""


def _common(overlap: Overlap | None) -> str:
    if overlap is None:
        return "–"
    if overlap.leaks:
        return f"**{grouped(overlap.count)} leak**"
    return f"{grouped(overlap.count)} (allowed)" if overlap.count else "0"


def _money(value: Decimal | None, currency: str) -> str:
    """An amount with its currency; None is a model without a price."""
    return "no price known" if value is None else f"{value:.4f} {currency}"


def files_table(facts: CardFacts) -> str:
    """Every table file with rows, size and hash."""
    rows = [
        (code_span(file.path), code_span(f"{file.sha256[:16]}…"), file.rows, size(file.bytes))
        for file in facts.manifest.tables
    ]
    return table(("file", "SHA-256", "rows", "size"), rows, left=2)


def variety_table(facts: CardFacts) -> str:
    """The measures of variety, and what of the slots is held; empty where no sense has enough."""
    found = facts.variety
    if not found.n_sentences:
        return ""
    rows: list[tuple[object, ...]] = [
        ("distinct-1", f"{found.distinct_1:.3f}"),
        ("distinct-2", f"{found.distinct_2:.3f}"),
        ("distinct-3", f"{found.distinct_3:.3f}"),
        ("compression ratio", f"{found.compression:.2f}"),
        ("template rate", f"{found.template_rate:.3f}"),
        ("self-repetition", f"{found.self_repetition:.3f}"),
        ("cue saturation", f"{found.cue_saturation:.3f}"),
    ]
    for kind, count in facts.held.items():
        held = f"{share(count.held, count.asked)} of {grouped(count.asked)}"
        rows.append((f"{kind} as asked", held))
    return table(("measure", "value"), rows)
