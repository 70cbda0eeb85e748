"""What ``viconwsd run`` says of audits: disputes that nobody has settled, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SHOWN = 5
"""Rows in dispute that are named; the sheet has them all."""


def open_disputes(config_path: Path, audits: Path) -> Iterator[str]:
    """A line for each audit with open disputes, and one for each of the first rows."""
    from audits.rounds import read_rounds
    from audits.text import one_line
    from schemas.numbers import counted

    rounds = read_rounds(audits)
    gone_on_with = {name for each in rounds for name in each.judgements.key.earlier}
    for each in rounds:
        found = each.judgements
        disputed = [name for name in sorted(found.items) if found.disputed(name)]
        if not disputed or each.folder.name in gone_on_with:
            continue
        name = each.folder.name
        yield (
            f"audit {name}: {counted(len(disputed), 'row')} in dispute; `viconwsd audit adjudicate "
            f"-c {config_path} --name {name} --by WHO` writes a sheet of them"
        )
        for context_id in disputed[:SHOWN]:
            asked = ", ".join(q.code for q in found.asked if found.open(context_id, q))
            yield "  " + one_line(f"{asked}: {found.items[context_id].sentence}")
        if len(disputed) > SHOWN:
            yield f"  ... and {len(disputed) - SHOWN:,} more"
