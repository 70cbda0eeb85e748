"""What was measured of a model: its report, its pictures, and the errors to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from pipeline.view.reading.site import Site
from schemas.errors import StorageError
from schemas.files import explained
from schemas.predictions import PREDICTIONS, Answers, read_predictions

REPORT, ERRORS, PICTURES = "evaluation.json", "errors.md", "plots"
_HEAD = re.compile(r"## (.*): (\d+) of (\d+) wrong")
_MARK = re.compile(r"\[\[(.+?)\]\]")
_ITEM = re.compile(r"- (.*) \((\S+), (.+)\)")
_CANDIDATE = re.compile(r"  - (?:(\d+\.\d+%) )?(\*\*gold\*\* ?)?(\*\*chosen\*\* ?)?(.*)")


@dataclass(frozen=True, slots=True)
class Guess:
    """A candidate: its share among those of the lemma, and whether it is right, or was chosen."""

    share: str
    gold: bool
    chosen: bool
    text: str


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A sentence that the model got wrong, in the parts before, of and after the target."""

    parts: tuple[str, str, str]
    split: str
    context_id: str
    guesses: tuple[Guess, ...]


@dataclass(frozen=True, slots=True)
class LemmaErrors:
    """The errors of a lemma."""

    lemma: str
    wrong: int
    of: int
    answers: tuple[WrongAnswer, ...]


def evaluation_folder(site: Site) -> Path | None:
    """Where `viconwsd evaluate` left its report: beside the run, or in the model folder."""
    config, model = site.config(), site.model_folder()
    places = [config.folder / "evaluation" if config else None, model]
    return next((p for p in places if p is not None and (p / REPORT).is_file()), None)


def report_tables(folder: Path) -> list[tuple[str, list[str], list[list[str]]]]:
    """The tables of the report: caption, header, rows. Torch is loaded for it."""
    from pipeline.card.evaluation import read_evaluation
    from trainer.evaluation.report import sections

    report = read_evaluation(folder)
    found = sections(report) if report else []
    return [(caption, head, rows) for caption, (head, *rows) in found]


def read_answers(site: Site) -> tuple[Answers, ...]:
    """What every system chose for every row; none where the evaluation did not keep it."""
    folder = evaluation_folder(site)
    path = folder / PREDICTIONS if folder else None
    if path is None or not path.is_file():
        return ()
    about = path, path.stat().st_mtime_ns
    work = partial(_all_predictions, path)
    return site.jobs.result("answers", about, work, "The answers of the model are being read.")


def _all_predictions(path: Path) -> tuple[Answers, ...]:
    return tuple(read_predictions(path))


def pictures(folder: Path) -> list[str]:
    """The names of the pictures, without their ending."""
    place = folder / PICTURES
    return sorted(path.stem for path in place.glob("*.png")) if place.is_dir() else []


def read_errors(folder: Path) -> tuple[LemmaErrors, ...]:
    """The errors by lemma, the worst first, as they are written; none without the file."""
    path = folder / ERRORS
    if not path.is_file():
        return ()
    with explained(path):
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except UnicodeDecodeError as error:
            raise StorageError(f"{path}: not UTF-8; evaluate again") from error
    return tuple(_lemmas(lines))


def _lemmas(lines: list[str]) -> Iterator[LemmaErrors]:
    heads = [at for at, line in enumerate(lines) if _HEAD.fullmatch(line)]
    for start, end in pairwise([*heads, len(lines)]):
        head = _HEAD.fullmatch(lines[start])
        assert head is not None
        answers = tuple(_answers(lines[start + 1 : end]))
        yield LemmaErrors(head[1], int(head[2]), int(head[3]), answers)


def _answers(lines: list[str]) -> Iterator[WrongAnswer]:
    heads = [at for at, line in enumerate(lines) if _ITEM.fullmatch(line)]
    for start, end in pairwise([*heads, len(lines)]):
        item = _ITEM.fullmatch(lines[start])
        assert item is not None
        mark = _MARK.search(item[1])
        parts = (item[1], "", "")
        if mark:
            parts = (item[1][: mark.start()], mark[1], item[1][mark.end() :])
        found = [_CANDIDATE.fullmatch(line) for line in lines[start + 1 : end] if line.strip()]
        guesses = tuple(Guess(m[1] or "", bool(m[2]), bool(m[3]), m[4]) for m in found if m)
        yield WrongAnswer(parts, item[2], item[3], guesses)
