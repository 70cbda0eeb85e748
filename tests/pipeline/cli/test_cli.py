"""The command line as a user meets it: outcomes, exit codes, and one clear line per fault."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cli.main import exit_code
from pipeline.cli.rejects import inert
from pipeline.engine.folder import RunFolder
from schemas.records import Context, Gloss, Reject, Verdict
from schemas.tables import read_table
from testing.outputs import only_output
from tests.conftest import GLOSSES, TinyRun, glosses_reply, recorded


def run(tiny: TinyRun, *arguments: str) -> int:
    return exit_code(["run", "-c", str(tiny.config), *arguments])


def rows(tiny: TinyRun, stage: str, table: str, record: type) -> list:  # type: ignore[type-arg]
    manifest = only_output(tiny.folder, stage)
    folder = RunFolder(tiny.folder)
    return list(read_table(folder.stage(stage, manifest.fingerprint) / f"{table}.parquet", record))


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline.cli.main import exit_code; exit_code(['--help']);"
        "heavy = {'torch', 'pandas', 'pyarrow', 'openai', 'pydantic', 'datasets', 'rich'};"
        "sys.exit(','.join(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "disambiguate" in done.stdout


def test_a_run_checks_repairs_and_asks_again(tiny_run: TinyRun) -> None:
    assert run(tiny_run, "--until", "judge") == 0
    glosses = {row.synset_id: row.gloss for row in rows(tiny_run, "glosses", "glosses", Gloss)}
    assert glosses == GLOSSES
    contexts = rows(tiny_run, "contexts", "contexts", Context)
    assert len(contexts) == 15
    assert [row.context_id for row in contexts] == sorted(row.context_id for row in contexts)
    assert {row.target.lower() for row in contexts} == {"khoan", "dùi", "đá"}
    assert {row.provenance.round for row in contexts} == {1, 2}
    rejects = rows(tiny_run, "contexts", "rejects", Reject)
    assert [(row.item_id, row.code) for row in rejects] == [("tiny-2#khoan", "target_missing")]
    verdicts = rows(tiny_run, "judge", "verdicts", Verdict)
    chosen = {row.context_id: row.chosen_sense_id for row in verdicts}
    assert chosen == {row.context_id: row.sense_id for row in contexts}
    assert only_output(tiny_run.folder, "glosses").usage.repairs == 1


def test_a_second_run_asks_nothing(tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tiny_run, "--until", "judge") == 0
    before = only_output(tiny_run.folder, "contexts")
    shutil.rmtree(tiny_run.folder / "stages")
    shutil.rmtree(tiny_run.folder / "replies")  # without recordings nothing can be asked
    (tiny_run.folder / "replies").mkdir()
    for name in ("glosses", "contexts", "verdicts"):
        (tiny_run.folder / "replies" / f"{name}.jsonl").touch()
    assert run(tiny_run, "--until", "judge") == 0
    assert only_output(tiny_run.folder, "contexts") == before


def test_rejects_are_shown_and_written(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tiny_run, "--until", "contexts")
    capsys.readouterr()
    command = ["rejects", "-c", str(tiny_run.config)]
    assert exit_code(command) == 0
    assert "contexts tiny-2#khoan target_missing" in capsys.readouterr().out
    assert exit_code([*command, "synsets"]) == 0
    assert capsys.readouterr().out == ""
    table = tiny_run.folder / "rejects.csv"
    chosen = ["--code", "target_missing", "--item", "tiny-2", "--csv", str(table)]
    assert exit_code([*command, *chosen]) == 0
    header, line = table.read_text(encoding="utf-8-sig").splitlines()
    assert header == "stage,item_id,code,detail,text"
    assert line.endswith("Anh thợ đặt máy xuống rồi đi ăn trưa cùng mọi người.")
    assert exit_code([*command, "no-such-stage"]) == 2


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_spreadsheet_is_a_formula(first: str) -> None:
    evil = f"{first}HYPERLINK(0)"
    assert inert(evil) == f"'{evil}"
    assert inert(f"a{evil}") == f"a{evil}"


def test_plan_says_what_and_why(tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tiny_run, "--until", "glosses") == 0
    capsys.readouterr()
    assert exit_code(["plan", "-c", str(tiny_run.config)]) == 0
    shown = capsys.readouterr().out
    assert "synsets    up to date" in shown
    assert "contexts   would run   never finished" in shown
    assert "5: 0 already paid for, 5 to send" in shown
    assert run(tiny_run, "--until", "contexts") == 0
    tiny_run.set("contexts", "rounds = 4")
    capsys.readouterr()
    exit_code(["plan", "-c", str(tiny_run.config)])
    shown = capsys.readouterr().out
    assert "contexts   would run   setting rounds changed" in shown
    assert "5: 5 already paid for, 0 to send" in shown


def test_plan_counts_the_batches_of_all_judges(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_run.set("llm.batch", "tail = 1")
    tiny_run.set("judge", "control = 1.0")
    for name in ("one", "two"):
        text = f'[[judge.members]]\nname = "{name}"\nbase_url = "http://{name}.invalid/v1"\n'
        with tiny_run.config.open("a", encoding="utf-8") as file:
            file.write(f'\n{text}model = "m"\nbatch = {{ tail = 1 }}\n')
    assert exit_code(["plan", "-c", str(tiny_run.config)]) == 0
    assert "at least 3 waves of 4 batches" in capsys.readouterr().out


def test_one_more_synset_sends_exactly_the_affected_requests(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tiny_run, "--until", "contexts") == 0
    with (tiny_run.folder / "lexicon" / "noun.plant.csv").open("w", encoding="utf-8") as file:
        file.write("5,cây bàng\n")
    capsys.readouterr()
    exit_code(["plan", "-c", str(tiny_run.config)])
    shown = capsys.readouterr().out
    assert "glosses    would run   input synsets changed" in shown
    assert "3: 2 already paid for, 1 to send" in shown


def test_a_budget_cap_without_a_price_is_refused(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_run.set("budget", "cap = 1.0")
    assert run(tiny_run) == 2
    assert "has no price, so the budget cap of 1" in capsys.readouterr().err


def all_but_tiny_3(path: Path) -> str:
    """The recorded definitions, that of tiny-4 alone where it was asked for with tiny-3."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "tiny-3" not in line]
    return "".join([*kept, recorded("tiny-4", glosses_reply(GLOSSES["tiny-4"]))])


def test_items_that_fail_for_good_make_the_run_incomplete(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tiny_run.folder / "replies" / "glosses.jsonl"
    path.write_text(all_but_tiny_3(path), encoding="utf-8")
    assert run(tiny_run, "--until", "glosses") == 1
    said = capsys.readouterr().err
    assert "incomplete: 1 item failed; " in said
    assert f"`viconwsd run -c {tiny_run.config} --retry-failed` tries them again" in said
    assert exit_code(["status", "-c", str(tiny_run.config)]) == 0
    assert "1 item failed; `viconwsd run" in capsys.readouterr().out
    codes = {row.item_id: row.code for row in rows(tiny_run, "glosses", "rejects", Reject)}
    assert codes["tiny-3"] == "no_gloss"


def test_an_unknown_key_is_named_with_the_nearest_known_one(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_run.set("contexts", "per_sens = 5")
    assert run(tiny_run) == 2
    assert "unknown key [contexts] per_sens; did you mean 'per_sense'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        ("synsets", "max_syllables", "max_length"),
        ("glosses.rules", "min_syllables", "min_length"),
        ("contexts.rules", "min_vietnamese", "min_well_formed"),
        ("contexts.rules", "min_accented", "min_telling"),
        ("contexts.rules", "underthesea_words", "word_list"),
    ],
)
def test_a_key_of_an_earlier_version_is_refused_with_its_new_name(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str], section: str, old: str, new: str
) -> None:
    config = tiny_run.config.read_text(encoding="utf-8").replace("word_list = false\n", "")
    lines = config.replace(f"[{section}]\n", "") + f"\n[{section}]\n{old} = 1\n"
    tiny_run.config.write_text(lines, encoding="utf-8")
    assert run(tiny_run) == 2
    said = capsys.readouterr().err
    assert f"unknown key [{section}] {old}; did you mean {new!r}?" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[source\n", "not valid TOML"),
        ("", "[source] is missing"),
        ('[source]\nkind = "csv"\npath = "x"\n[llm]\nmodel = "m"\n', "[llm] base_url is missing"),
        (
            '[source]\nkind = "csv"\npath = "x"\n[llm]\nmodel = "m"\nbase_url = "no"\n',
            "must begin with http:// or https://",
        ),
    ],
)
def test_a_faulty_configuration_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "run.toml").write_text(text, encoding="utf-8")
    assert exit_code(["run", "-c", str(tmp_path / "run.toml")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_missing_configuration_names_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["plan", "-c", str(tmp_path / "run.toml")]) == 2
    assert "`viconwsd init" in capsys.readouterr().err


def test_a_missing_source_is_an_expected_failure(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(tiny_run.folder / "lexicon")
    assert run(tiny_run) == 1
    assert "lexicon: no such file or folder" in capsys.readouterr().err


def test_an_unreachable_endpoint_stops_the_run_with_advice(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tiny_run.config.read_text(encoding="utf-8")
    text = text.replace('[replay]\nfolder = "replies"\n', "")
    text = text.replace("http://recorded.invalid/v1", "http://127.0.0.1:9/v1")
    tiny_run.config.write_text(text, encoding="utf-8")
    tiny_run.set("llm", "give_up_after_s = 0.5")
    began = time.monotonic()
    assert run(tiny_run) == 1
    assert time.monotonic() - began < 240  # not for ever
    assert "127.0.0.1:9" in capsys.readouterr().err


def test_a_corrupted_table_is_named(tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tiny_run, "--until", "glosses") == 0
    folder = RunFolder(tiny_run.folder)
    manifest = only_output(tiny_run.folder, "glosses")
    table = folder.stage("glosses", manifest.fingerprint) / "glosses.parquet"
    table.write_bytes(table.read_bytes()[:100])
    assert run(tiny_run, "--until", "contexts") == 1
    assert "glosses.parquet: damaged, its bytes are not those" in capsys.readouterr().err


def test_damaged_rejects_are_named(tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where only the description of their columns is damaged."""
    assert run(tiny_run, "--until", "contexts") == 0
    manifest = only_output(tiny_run.folder, "contexts")
    folder = RunFolder(tiny_run.folder).stage("contexts", manifest.fingerprint)
    table = folder / "rejects.parquet"
    before, name, after = table.read_bytes().partition(b"ARROW:schema")
    table.write_bytes(before + name + after[:40] + b"!!!!" + after[44:])
    capsys.readouterr()
    assert exit_code(["rejects", "-c", str(tiny_run.config)]) == 1
    assert "rejects.parquet: not a readable Parquet table" in capsys.readouterr().err
    table.write_bytes(b"PAR1")
    assert exit_code(["rejects", "-c", str(tiny_run.config)]) == 1
    assert "rejects.parquet: not a readable Parquet table" in capsys.readouterr().err


@pytest.mark.parametrize("note", ['{"name": "x"', "[]", '{"name": 1, "url": "", "licence": ""}'])
def test_a_damaged_note_on_the_source_is_named_and_made_anew_when_it_is_gone(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str], note: str
) -> None:
    assert run(tiny_run) == 0
    fingerprint = only_output(tiny_run.folder, "synsets").fingerprint
    path = RunFolder(tiny_run.folder).stage("synsets", fingerprint) / "source.json"
    path.write_text(note, encoding="utf-8")
    assert run(tiny_run, "--force", "release") == 1
    assert "source.json: damaged; delete it and run again" in capsys.readouterr().err
    path.unlink()
    assert run(tiny_run, "--force", "release") == 0


def test_a_corrupted_ledger_is_named(tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]) -> None:
    (tiny_run.folder / "ledger.sqlite").write_bytes(b"this is no database" * 1000)
    assert run(tiny_run) == 1
    error = capsys.readouterr().err
    assert "ledger.sqlite" in error
    assert "Traceback" not in error


def test_a_bug_is_told_from_an_expected_failure(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("somewhere inside")

    monkeypatch.setattr("pipeline.binding.all_stages", broken)
    assert run(tiny_run) == 3
    assert "this is a bug in viconwsd: ZeroDivisionError" in capsys.readouterr().err


def test_wrong_usage_is_exit_code_2(tiny_run: TinyRun) -> None:
    assert exit_code(["run", "--no-such-option"]) == 2
    assert exit_code(["no-such-command"]) == 2
    assert run(tiny_run, "no-such-stage") == 2


def test_what_another_lineage_left_is_neither_shown_nor_sampled(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a changed setting, only what was made with today's settings counts."""
    config = str(tiny_run.config)
    assert run(tiny_run, "--until", "select") == 0
    tiny_run.set("glosses", "rounds = 1")
    assert run(tiny_run, "--until", "glosses") == 0
    newest = tiny_run.folder / "stages" / "contexts"
    capsys.readouterr()
    assert exit_code(["status", "-c", config]) == 0
    said = capsys.readouterr().out
    assert "glosses    4 glosses" in said
    assert "judge      15 verdicts" in said  # the glosses are the same, so are their contexts
    with open(tiny_run.folder / "lexicon" / "noun.plant.csv", "w", encoding="utf-8") as file:
        file.write("5,cây bàng\n")
    os.utime(next(newest.iterdir()), (2e9, 2e9))
    assert exit_code(["status", "-c", config]) == 0
    said = capsys.readouterr().out
    assert "synsets    stale: setting content changed" in said
    assert "select     stale: waits for synsets, glosses, contexts, judge" in said
    assert exit_code(["rejects", "-c", config]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "contexts is left out: waits for synsets, glosses" in shown.err
    sample = ["audit", "sample", "-c", config, "--from", "selected", "--size", "3"]
    assert exit_code([*sample, "--annotators", "Lan"]) == 1
    said = capsys.readouterr().err
    assert "the stage synsets is not up to date (setting content changed)" in said


def test_failed_items_are_tried_again_and_nothing_else_is_asked(
    tiny_run: TinyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain run leaves them alone; once the endpoint answers, the run can be finished."""
    path = tiny_run.folder / "replies" / "glosses.jsonl"
    path.write_text(all_but_tiny_3(path), encoding="utf-8")
    assert run(tiny_run, "--until", "contexts") == 1
    assert run(tiny_run, "--until", "contexts") == 1
    capsys.readouterr()
    path.write_text(recorded("tiny-3", glosses_reply(GLOSSES["tiny-3"]), round_=4), "utf-8")
    assert run(tiny_run, "--until", "contexts", "--retry-failed") == 0
    said = capsys.readouterr().err
    assert "glosses    runs        1 failed item to try again" in said
    assert "contexts   runs        input glosses changed" in said
    assert "in this run 3 new answers" in said  # the gloss, and both senses of its lemma
    assert {row.synset_id for row in rows(tiny_run, "glosses", "glosses", Gloss)} == set(GLOSSES)
    assert run(tiny_run, "--until", "contexts", "--retry-failed") == 0
    assert "in this run" not in capsys.readouterr().err


def test_a_value_of_thousands_of_characters_is_named_by_its_ends(tmp_path, capsys):
    config = tmp_path / "run.toml"
    config.write_text(f'[run]\nlanguage = "{"đ" * 9_000}"\n', encoding="utf-8")
    assert exit_code(["plan", "-c", str(config)]) == 2
    said = capsys.readouterr().err
    assert "characters ...]" in said
    assert max(map(len, said.splitlines())) < 2_200
