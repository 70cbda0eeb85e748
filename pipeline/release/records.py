"""The provenance rows of a release: which request made a sentence or a gloss, if one did."""

from __future__ import annotations

from schemas.records import Gloss, NonEmpty, Provenance, Record


class ExampleProvenance(Record):
    """Where the sentence of an example came from."""

    context_id: NonEmpty
    provenance: Provenance | None
    """None: it is one of the source's own examples."""


GlossProvenance = Gloss
"""Where a gloss came from: the gloss with its provenance, as the stage wrote it."""
