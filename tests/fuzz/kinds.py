"""The kinds of cases: what is damaged, what is run on it, and what must come out."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from tests.fuzz import damage
from tests.fuzz.base import LIMIT, TARGET
from tests.fuzz.damage import Rng
from tests.fuzz.toml import write_damaged
from tests.fuzz.trial import Case

Kind = Callable[[Rng, Path, Path], Case]
"""Makes a case in an empty folder out of the sound ones."""

_RUN = ("run", "-c", "run/run.toml", "--limit", LIMIT)
_ON_CONFIG = (
    ("plan", "-c", "run/run.toml", "--limit", LIMIT),
    ("status", "-c", "run/run.toml"),
    _RUN,
    ("rejects", "-c", "run/run.toml"),
    ("leakage", "-c", "run/run.toml"),
    ("card", "-c", "run/run.toml"),
    ("audit", "sample", "-c", "run/run.toml", "--name", "other"),
    ("audit", "report", "-c", "run/run.toml"),
    ("publish", "-c", "run/run.toml", "--repo", "a/b", "--dry-run", "--release", "nowhere"),
    ("disambiguate", "-c", "run/run.toml", TARGET),
)


def run_toml(rng: Rng, base: Path, place: Path) -> Case:
    """run.toml has one to three faults."""
    _copy_run(base, place)
    told = write_damaged(rng, place / "run" / "run.toml")
    command = rng.choice(_ON_CONFIG)
    return Case([command], told)


def source(rng: Rng, base: Path, place: Path) -> Case:
    """A source of any kind is damaged, or is something that is no source."""
    _copy_run(base, place, "run.toml", "demo")
    kind, path = rng.choice(
        (
            ("csv", "../run/demo/lexicon"),
            ("csv", "../run/demo/lexicon"),
            ("csv", "../sources/csv.tar.xz"),
            ("csv", "../sources/adj.csv"),
            ("lmf", "../sources/tiny.xml"),
            ("lmf", "../sources/tiny.xml.gz"),
            ("omw", "../sources/wn-vie.tab"),
            ("princeton", "../sources/princeton"),
        )
    )
    shutil.copytree(base / "sources", place / "sources")
    target = (place / "run" / path).resolve()
    if rng.random() < 0.1:
        told = _no_file(rng, target)
    else:
        files = [file for file in sorted(target.rglob("*")) if file.is_file()] or [target]
        if kind == "omw" and rng.random() < 0.3:
            files = sorted((place / "sources" / "princeton").iterdir())
        file = rng.choice(files)
        change = rng.choice((damage.damage_bytes, *[damage.encoded(damage.damage_text)] * 2))
        told = _damaged(rng, file, change)
    config = place / "run" / "run.toml"
    text = config.read_text(encoding="utf-8").replace('kind = "csv" ', f'kind = "{kind}" ')
    text = text.replace('path = "demo/lexicon"', f'path = "{path}"')
    if kind == "omw":
        text = text.replace(
            '\nprefix = "demo"', '\nwordnet = "../sources/princeton"\nprefix = "demo"'
        )
    config.write_text(text, encoding="utf-8")
    return Case([("run", "synsets", "-c", "run/run.toml")], f"{kind}: {told}")


def replies(rng: Rng, base: Path, place: Path) -> Case:
    """What the model replied is damaged; the released rows must be right all the same."""
    _copy_run(base, place, "run.toml", "demo")
    for _ in range(rng.choice((1, 1, 20))):
        file = rng.choice(sorted((place / "run" / "demo" / "replies").iterdir()))
        told = _damaged(rng, file, rng.choice((damage.damage_texts, damage.damage_json_lines)))
    return Case([_RUN], told, _rows_are_right, even_if_incomplete=True)


def ledger(rng: Rng, base: Path, place: Path) -> Case:
    """The ledger is damaged; a run that reads it again must give the same rows or say why not."""
    _copy_run(base, place)
    path = place / "run" / "ledger.sqlite"
    told = _sql(rng, path) if rng.random() < 0.5 else _damaged(rng, path, damage.damage_bytes)
    if rng.random() < 0.1:
        (place / "run" / "ledger.sqlite-wal").write_bytes(rng.randbytes(rng.randrange(5000)))
        told += "; a WAL of random bytes"
    shutil.rmtree(place / "run" / "stages")
    commands = rng.choice(([("status", "-c", "run/run.toml"), _RUN], [_RUN]))
    return Case(commands, told, holds=_same_rows(base))


def table(rng: Rng, base: Path, place: Path) -> Case:
    """A finished stage's file is damaged: the run must notice, or not need it."""
    _copy_run(base, place)
    files = [file for file in sorted((place / "run" / "stages").rglob("*")) if file.is_file()]
    told = _damaged_or_lost(rng, rng.choice(files))
    later = rng.choice(("--force split", "--force release", "", "--force glosses"))
    command = (*_RUN, *later.split())
    first = rng.choice((("status", "-c", "run/run.toml"), ("rejects", "-c", "run/run.toml"), None))
    return Case([c for c in (first, command) if c], told, holds=_same_rows(base))


def release(rng: Rng, base: Path, place: Path) -> Case:
    """A file of the release is damaged: what reads it says so, or what it said before."""
    _copy_run(base, place, "run.toml", "release", "audits", "model")
    files = [file for file in sorted((place / "run" / "release").rglob("*")) if file.is_file()]
    told = _damaged_or_lost(rng, rng.choice(files))
    command = rng.choice(
        (
            ("leakage", "-c", "run/run.toml"),
            ("leakage", "-c", "run/run.toml"),
            ("card", "-c", "run/run.toml"),
            ("audit", "sample", "-c", "run/run.toml", "--name", "other"),
        )
    )
    return Case([command], told)


def sheet(rng: Rng, base: Path, place: Path) -> Case:
    """A filled-in sheet, or a file that a page saved, is damaged."""
    _copy_run(base, place, "run.toml", "release", "audits")
    shutil.copytree(base / "sheets", place / "sheets")
    file = rng.choice(sorted((place / "sheets").iterdir()))
    if file.suffix == ".xlsx" and rng.random() < 0.7:
        told = _inside_workbook(rng, file)
    elif file.suffix == ".json":
        told = _damaged(rng, file, damage.damage_json)
    else:
        change = rng.choice((damage.damage_bytes, damage.encoded(damage.damage_text)))
        told = _damaged(rng, file, change)
    commands = [
        ("audit", "import", "-c", "run/run.toml", f"sheets/{file.name}"),
        ("audit", "report", "-c", "run/run.toml"),
    ]
    return Case(commands, told)


def audit(rng: Rng, base: Path, place: Path) -> Case:
    """A file of an audit's folder is damaged."""
    _copy_run(base, place)
    shutil.copytree(base / "sheets", place / "sheets")
    files = [file for file in sorted((place / "run" / "audits").rglob("*")) if file.is_file()]
    told = _damaged_or_lost(rng, rng.choice(files))
    command = rng.choice(
        (
            ("audit", "report", "-c", "run/run.toml"),
            ("audit", "import", "-c", "run/run.toml", "sheets/Lan.csv"),
            _RUN,
        )
    )
    # Answers that somebody took away are as if they had not been imported; the run says so.
    if command is not _RUN or told.endswith(("is lost", ": nothing")):
        return Case([command], told)
    return Case([command], told, holds=_same_rows(base))


def model(rng: Rng, base: Path, place: Path) -> Case:
    """A file of a model's folder is damaged: it answers as before, or not at all."""
    _copy_run(base, place, "run.toml", "model")
    files = [file for file in sorted((place / "run" / "model").rglob("*")) if file.is_file()]
    told = _damaged_or_lost(rng, rng.choice(files))
    return Case([("disambiguate", "-c", "run/run.toml", TARGET)], told, holds=_same_answer(base))


KINDS: dict[str, tuple[Kind, int]] = {
    "run.toml": (run_toml, 450),
    "source": (source, 450),
    "replies": (replies, 250),
    "ledger": (ledger, 200),
    "table": (table, 150),
    "release": (release, 200),
    "sheet": (sheet, 200),
    "audit": (audit, 70),
    "model": (model, 30),
}
"""Each kind with its share of 2,000 cases."""


def _copy_run(base: Path, place: Path, *names: str) -> None:
    (place / "run").mkdir()
    for path in sorted((base / "run").iterdir()):
        if names and path.name not in names:
            continue
        if path.is_dir():
            shutil.copytree(path, place / "run" / path.name)
        else:
            shutil.copyfile(path, place / "run" / path.name)


def _damaged(rng: Rng, file: Path, change: Callable[[Rng, bytes], tuple[bytes, str]]) -> str:
    data, told = change(rng, file.read_bytes())
    file.write_bytes(data)
    return f"{file.name}: {told}"


def _damaged_or_lost(rng: Rng, file: Path) -> str:
    if rng.random() < 0.1:
        file.unlink()
        return f"{file.name} is lost"
    if rng.random() < 0.05:
        return _no_file(rng, file)
    if file.suffix == ".json" and rng.random() < 0.8:
        return _damaged(rng, file, damage.damage_json)
    return _damaged(rng, file, damage.damage_bytes)


def _no_file(rng: Rng, path: Path) -> str:
    """Something else lies where a file or folder is wanted."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    what = rng.choice(("nothing", "folder", "fifo", "/dev/zero", "circle", "empty folder in it"))
    if what == "folder":
        path.mkdir()
    elif what == "empty folder in it":
        (path / "noun.act.csv").mkdir(parents=True)
    elif what == "fifo":
        os.mkfifo(path)
    elif what != "nothing":
        path.symlink_to("/dev/zero" if what == "/dev/zero" else path.name)
    return f"{path.name}: {what}"


def _sql(rng: Rng, path: Path) -> str:
    """A change that keeps the file an SQLite database."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        name = rng.choice([name for (name,) in names if not name.startswith("sqlite_")])
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
        column = rng.choice(columns)
        odd = rng.choice([None, "", "x", -1, 10**18, 0.5, b"\x00\xff", "{", "\x1b[2J", "null"])
        where = f"rowid IN (SELECT rowid FROM {name} ORDER BY rowid LIMIT {rng.randrange(1, 9)})"
        statement, values = rng.choice(
            (
                (f'UPDATE "{name}" SET "{column}" = ? WHERE {where}', (odd,)),
                (f'UPDATE "{name}" SET "{column}" = ? WHERE {where}', (odd,)),
                (f'UPDATE "{name}" SET "{column}" = ? WHERE {where}', (odd,)),
                (f'DELETE FROM "{name}" WHERE {where}', ()),
                (f'DROP TABLE "{name}"', ()),
                (f'ALTER TABLE "{name}" RENAME COLUMN "{column}" TO x', ()),
                ("PRAGMA user_version = 99", ()),
                ("PRAGMA application_id = 5", ()),
            )
        )
        try:
            connection.execute(statement, values)
        except sqlite3.Error as error:
            return f"{statement} {values}: refused ({error})"
    connection.close()
    return f"{statement} {values}"


def _inside_workbook(rng: Rng, file: Path) -> str:
    """Text-level faults in the XML of a workbook that stays a ZIP file."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = rng.choice([name for name in parts if name.startswith("xl/")])
    what = rng.randrange(4)
    if what == 0 and b"<c r=" in parts["xl/worksheets/sheet1.xml"]:
        name = "xl/worksheets/sheet1.xml"
        at = rng.choice((b"XFD1048576", b"A0", b"ZZZZ1", b"A99999999999", b""))
        parts[name] = parts[name].replace(b'<c r="B', b'<c r="' + at + b'" x="B', 1)
        told = f"a cell at {at!r}"
    elif what == 1:
        del parts[name]
        told = "lost"
    else:
        change = rng.choice((damage.damage_bytes, damage.encoded(damage.damage_text)))
        parts[name], told = change(rng, parts[name])
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        for part, data in parts.items():
            book.writestr(part, data)
    file.write_bytes(held.getvalue())
    return f"{file.name}!{name}: {told}"


def _rows(folder: Path) -> list[dict[str, object]]:
    """The released examples, in the order of their ids."""
    found: list[dict[str, object]] = []
    for file in sorted((folder / "run" / "release" / "data" / "examples").glob("*.parquet")):
        found += pq.read_table(file).to_pylist()
    return sorted(found, key=lambda row: str(row["context_id"]))


def _same_rows(base: Path) -> Callable[[Path, str], str]:
    """Nothing is said, so the rows must be those of the sound run."""

    def holds(folder: Path, out: str) -> str:
        return "" if _rows(folder) == _rows(base) else "other rows, and exit code 0"

    return holds


def _rows_are_right(folder: Path, out: str) -> str:
    from languages.find import find_language

    key = find_language("vi").match_key
    rows = _rows(folder)
    for row in rows:
        sentence, start, end = str(row["sentence"]), row["target_start"], row["target_end"]
        assert isinstance(start, int)
        assert isinstance(end, int)
        if key(sentence[start:end]) != key(str(row["lemma"])):
            return f"a row whose span is not its lemma: {row}"
        if not row["gloss"]:
            return f"a row without a gloss: {row}"
    if len({row["context_id"] for row in rows}) < len(rows):
        return "ids of rows come twice"
    return ""


def _same_answer(base: Path) -> Callable[[Path, str], str]:
    def holds(folder: Path, out: str) -> str:
        sound = (base / "answer").read_text(encoding="utf-8")
        return "" if out == sound else f"another answer, and exit code 0:\n{out[:300]}"

    return holds
