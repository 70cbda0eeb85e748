"""How an audit is drawn: as run.toml and the command line say, or as the one it goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audits.settings import AuditSettings
    from pipeline.config import RunConfig


def drawn_settings(
    config: RunConfig | None, name: str | None, options: dict[str, Any], *, pairs: bool
) -> AuditSettings:
    """The run's audit section, with what the command line says in its place."""
    from pydantic import ValidationError

    from audits.settings import AuditSettings
    from schemas.errors import UsageError

    base = config.audit.model_dump() if config else {}
    blind = options.pop("blind")
    if blind and pairs:
        raise UsageError("--blind: pairs are always read without their label; leave it out")
    if blind:
        base["mode"] = "blind"
    if pairs:
        base |= {"mode": "pairs", "name": "pairs"}
    given = {key: value for key, value in options.items() if value is not None}
    for key in ("annotators", "strata"):
        if key in given:
            given[key] = tuple(part.strip() for part in given[key].split(",") if part.strip())
    if "size" in given:
        base["margin"] = None
    elif "margin" in given:
        base["size"] = None
    if name is not None:
        given["name"] = name
    try:
        return AuditSettings.model_validate(base | given)
    except ValidationError as error:
        lines = [
            f"--{fault['loc'][0] if fault['loc'] else 'size'}: "
            f"{fault['msg'].removeprefix('Value error, ')} (it is {fault['input']!r})"
            for fault in error.errors(include_url=False)
        ]
        raise UsageError("\n".join(lines)) from error


def extended(
    config: RunConfig, name: str | None, extend: int, options: dict[str, Any]
) -> AuditSettings:
    """The settings of the run's latest audit, or of the one named, for so many rows more."""
    from audits.rounds import read_rounds
    from audits.settings import AuditSettings
    from schemas.errors import UsageError

    rounds = read_rounds(config.folder / "audits")
    last = [each for each in rounds if name is None or each.folder.name == name]
    if not last:
        raise UsageError(f"--extend {extend}: no audit to go on with; draw one first")
    stated = [f"--{key}" for key, value in options.items() if value and key != "allocation"]
    if stated:
        raise UsageError(f"{stated[0]}: --extend goes on as the audit was drawn; leave it out")
    key = last[-1].judgements.key
    stem, _, number = key.name.rpartition("-")
    base = stem if stem and number.isdigit() else key.name
    taken = {each.folder.name for each in rounds}
    new = next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)
    same = ("mode", "seed", "allocation", "annotators", "overlap", "repeats")
    drawn = {field: getattr(key, field) for field in same} | {"strata": key.strata_fields}
    given = {"allocation": options["allocation"]} if options["allocation"] else {}
    own = {"name": new, "size": extend, "unsure": config.audit.unsure}
    return AuditSettings.model_validate(drawn | given | own)
