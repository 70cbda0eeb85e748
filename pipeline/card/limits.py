"""What the data cannot be trusted for: sentences that hold for this very release."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.card.facts import CardFacts
from schemas.markdown import grouped, percent
from schemas.records import Polysemy

_GOOD_ENOUGH = 0.95


def limits(facts: CardFacts) -> Iterator[str]:
    """Each limit in one sentence or two, the gravest first."""
    manifest = facts.manifest
    if manifest.leakage.leaks:
        yield "The splits leak into each other (see Leakage): results on the test parts are void."
    if manifest.recorded:
        yield "The replies are recordings for demonstration: this is not a resource."
    else:
        own = manifest.counts.glosses_from_source or manifest.counts.examples_from_source
        what = (
            "Sentences and glosses that are not the source's own"
            if own
            else "Sentences and glosses"
        )
        yield (
            f"{what} are machine-written. They are cleaner and more explicit than "
            "what people write, and carry the tastes and errors of the model that wrote them."
        )
    heard = facts.audit is not None and not manifest.recorded
    shown = facts.audits.shown if facts.audits and heard else None
    audited = shown.after if shown else None
    if audited is None:
        yield "No person has checked a sample of this release."
    elif audited.low < _GOOD_ENOUGH:
        yield (
            "By the human audit, the share of good sentences may be as low as "
            f"{percent(audited.low)}."
        )
    without = manifest.coverage.senses_without
    if without:
        yield (
            f"Of the {grouped(manifest.counts.senses)} senses of the inventory, {grouped(without)} "
            "got no sentence; what a system does on those is not measured here."
        )
    judge = manifest.judge
    if judge.unjudged and judge.agree + judge.disagree:
        yield (
            f"{grouped(judge.unjudged)} rows are `unjudged`: the judge gave no valid answer, which "
            "says nothing for them."
        )
    same_pos = sum(split.by_polysemy.get(Polysemy.SAME_POS, 0) for split in manifest.splits)
    rows = manifest.counts.examples
    if same_pos < rows:
        yield (
            f"{grouped(rows - same_pos)} of {grouped(rows)} "
            "rows are of lemmas without another sense of the same part of speech: report "
            "`same_pos` rows apart, they are the ones that need the meaning."
        )
    yield (
        "The senses are as fine, as complete and as right as the source's; a synset that the "
        "source mistook is mistaken here."
    )
    yield (
        f"The sentences are in standard written {facts.language.names.english}; dialects, speech "
        "and historical usage are hardly covered."
    )
