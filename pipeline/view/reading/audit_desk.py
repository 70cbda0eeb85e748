"""The audits of a run: who reads what, their pages, and the files that these send back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from audits.key import read_key, read_sheets
from audits.page.write import served_page
from audits.rounds import AUDITS, audit_folders
from languages.find import find_language
from pipeline.view.reading.site import Site
from schemas.errors import InputError
from schemas.files import write_text

RETURNED = "returned"
"""The folder of an audit in which lies what its pages sent."""
LARGEST = 32 << 20
"""Bytes of a file that a page sends: what an import reads."""
KIND = "viconwsd audit answers"


@dataclass(frozen=True, slots=True)
class Desk:
    """An annotator of an audit, and whether anything came back from their page here."""

    audit: str
    annotator: str
    returned: bool


def desks(site: Site) -> list[Desk]:
    """Every annotator of every audit of the run."""
    return [
        Desk(folder.name, sheet.name, _file(folder, sheet.name).is_file())
        for folder in folders(site).values()
        for sheet in read_sheets(folder)
        if sheet.kind == "annotator"
    ]


def page_of(site: Site, audit: str, annotator: str, script: str) -> str | None:
    """The page of an annotator; None where there is no such one."""
    folder = folders(site).get(audit)
    if folder is None:
        return None
    language = find_language(read_key(folder).language or site.language().code)
    return served_page(folder, annotator, language, script)


def keep_answers(site: Site, audit: str, annotator: str, body: bytes) -> None:
    """Writes what a page sent as a file to be imported; InputError for anything else."""
    folder = folders(site).get(audit)
    names = {sheet.name for sheet in read_sheets(folder)} if folder is not None else set()
    if folder is None or annotator not in names:
        raise InputError("no such audit, or no such annotator")
    try:
        text = body.decode("utf-8")
        found = orjson.loads(text)
    except ValueError as error:
        raise InputError("not a file of answers") from error
    of = (KIND, read_key(folder).audit_id, annotator)
    if not isinstance(found, dict) or tuple(map(found.get, ("kind", "audit", "sheet"))) != of:
        raise InputError("not a file of this audit and annotator")
    write_text(_file(folder, annotator), text)


def folders(site: Site) -> dict[str, Path]:
    """The folders of the run's audits, by their names."""
    config = site.config()
    found = audit_folders(config.folder / AUDITS) if config and not site.looked.release else []
    return {folder.name: folder for folder in found}


def _file(folder: Path, annotator: str) -> Path:
    return folder / RETURNED / f"{annotator}.json"
