from __future__ import annotations

import json

import pytest

from audits.figures import read_report
from audits.key import read_audit_items, read_key
from audits.sampling.candidates import release_candidates, release_origins
from pipeline.cli.main import exit_code
from schemas.records import Example, InventorySense, Provenance, Record
from schemas.tables import write_table
from tests.audits.world import all_good, candidates, filled, right_sense, senses, table, write_csv


class Traced(Record):
    """A row of a release's provenance, as this test writes it."""

    context_id: str
    provenance: Provenance | None


@pytest.fixture
def release(tmp_path):
    """A release folder of the lexicon: two shards of examples, senses, provenance."""
    folder = tmp_path / "release"
    rows = candidates()
    examples = [
        Example(
            context_id=row.context_id,
            sense_id=row.sense_id,
            synset_id=row.synset_id,
            lemma=row.lemma,
            pos=row.pos,
            supersense=f"{row.pos}.x",
            sentence=row.sentence,
            target_start=row.target_start,
            target_end=row.target_end,
            gloss=row.gloss,
            split="train",
            n_candidates=row.n_siblings + 1,
            n_candidates_same_pos=row.n_siblings_same_pos + 1,
            judged=row.judged,
            audited="unaudited",
        )
        for row in rows
    ]
    write_table(folder / "data/examples/train-00000.parquet", Example, examples[:50])
    write_table(folder / "data/examples/test_seen-00000.parquet", Example, examples[50:])
    write_table(
        folder / "data/senses/senses-00000.parquet",
        InventorySense,
        [
            InventorySense(
                sense_id=sense.sense_id,
                synset_id=sense.synset_id,
                lemma=sense.lemma,
                pos=sense.pos,
                supersense="x",
                gloss=sense.gloss,
                n_siblings=0,
                n_siblings_same_pos=0,
                n_contexts=0,
            )
            for sense in senses()
        ],
    )
    write_table(
        folder / "provenance/examples-00000.parquet",
        Traced,
        [
            Traced(
                context_id=row.context_id,
                provenance=Provenance(
                    request_key="k",
                    prompt_id="context",
                    prompt_version=row.prompt_version,
                    model=row.model,
                    sample=0,
                    round=row.round,
                ),
            )
            for row in rows
        ],
    )
    return folder


def sample(release, folder, *more):
    places = ["--release", str(release), "--folder", str(folder)]
    given = ["--size", "40", "--annotators", "lan,minh", "--overlap", "0.5"]
    return exit_code(["audit", "sample", *places, *given, *more])


def test_a_release_gives_back_its_candidates(release):
    found = sorted(
        release_candidates(release, release_origins(release)), key=lambda r: r.context_id
    )
    assert found == sorted(candidates(), key=lambda r: r.context_id)


def test_sample_import_report_adjudicate(release, tmp_path, capsys):
    folder = tmp_path / "audit"
    assert sample(release, folder) == 0
    assert capsys.readouterr().out.split() == [
        str(folder / "workbooks" / "lan.xlsx"),
        str(folder / "workbooks" / "minh.xlsx"),
    ]
    minh = filled(folder, "minh", lambda row: ("Có", "Nghĩa khác", "Giải nghĩa đúng"))
    assert (
        exit_code(
            [
                "audit",
                "import",
                "--folder",
                str(folder),
                str(filled(folder, "lan", all_good)),
                str(minh),
            ]
        )
        == 0
    )
    assert "lan.csv: 32 rows (32 complete, 0 begun, 0 empty), 96 new answers" in (
        capsys.readouterr().out
    )
    assert exit_code(["audit", "report", "--folder", str(folder), "--format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["disagreements"] == 20
    assert read_report(folder).model_dump(mode="json") == made
    assert exit_code(["audit", "report", "--folder", str(folder)]) == 0
    assert "95 % interval" in capsys.readouterr().out
    assert exit_code(["audit", "adjudicate", "--folder", str(folder)]) == 2
    assert "--by" in capsys.readouterr().err
    assert exit_code(["audit", "adjudicate", "--folder", str(folder), "--by", "Hoa"]) == 0
    assert capsys.readouterr().out.strip().endswith("adjudication-1.xlsx")


def test_a_file_that_is_no_sheet_is_named(release, tmp_path, capsys):
    folder = tmp_path / "audit"
    sample(release, folder)
    assert exit_code(["audit", "import", "--folder", str(folder), str(tmp_path / "x.xlsx")]) == 1
    assert "unreadable_file" in capsys.readouterr().out


def test_faults_are_named_and_the_exit_code_says_so(release, tmp_path, capsys):
    folder = tmp_path / "audit"
    sample(release, folder)
    content = table(folder, "lan", all_good)
    content[1][1] = "khác hẳn"
    content[2][6] = "ừ"
    file = write_csv(tmp_path / "lan.csv", content)
    capsys.readouterr()
    assert exit_code(["audit", "import", "--folder", str(folder), str(file)]) == 1
    printed = capsys.readouterr()
    assert "lan.csv, row 2" in printed.out
    assert "changed_cell" in printed.out
    assert "lan.csv, row 3" in printed.out
    assert "unknown_answer" in printed.out
    assert "2 faults" in printed.err


def test_a_sample_knows_the_origin_of_its_rows(release, tmp_path):
    sample(release, tmp_path / "audit")
    items = read_audit_items(tmp_path / "audit")
    assert {item.prompt_version for item in items.values()} == {"context-v1", "context-v2"}


def test_strata_may_be_of_the_provenance(release, tmp_path):
    assert sample(release, tmp_path / "audit", "--strata", "round,pos") == 0
    assert read_key(tmp_path / "audit").strata_fields == ("round", "pos")


def test_a_second_audit_follows_the_first_by_neyman(release, tmp_path):
    first = tmp_path / "first"
    sample(release, first)
    lan = filled(first, "lan", all_good)
    exit_code(["audit", "import", "--folder", str(first), str(lan)])
    exit_code(["audit", "report", "--folder", str(first)])
    second = tmp_path / "second"
    assert sample(release, second, "--allocation", "neyman", "--earlier", str(first)) == 0
    assert read_key(second).allocation == "neyman"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--overlap", "2"], "--overlap"),
        (["--strata", "colour"], "--strata"),
        (["--allocation", "neyman"], "earlier"),
        (["--margin", "0.1"], "margin"),
    ],
)
def test_a_wrong_option_is_a_usage_error(release, tmp_path, capsys, more, word):
    assert sample(release, tmp_path / "audit", *more) == 2
    assert word in capsys.readouterr().err


def test_folders_without_an_audit_or_a_release_say_so(tmp_path, capsys):
    assert exit_code(["audit", "report", "--folder", str(tmp_path)]) == 1
    assert "no audit here" in capsys.readouterr().err
    assert sample(tmp_path, tmp_path / "audit") == 1
    assert "no examples" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["release", "selected"])
def test_an_audit_of_a_run(tiny_run, capsys, source):
    """The run's own audit section is used, and audits/NAME of the run folder."""
    tiny_run.set("audit", 'annotators = ["lan", "minh"]\noverlap = 1.0\nmode = "blind"')
    assert exit_code(["run", "-c", str(tiny_run.config)]) == 0
    place = ["-c", str(tiny_run.config), "--name", "first"]
    assert exit_code(["audit", "sample", *place, "--from", source]) == 0
    folder = tiny_run.folder / "audits" / "first"
    key, items = read_key(folder), read_audit_items(folder)
    assert (key.mode, key.name, key.sampled) == ("blind", "first", 15)
    assert {item.model for item in items.values()} == {"recorded-replies"}
    assert {item.round for item in items.values()} == {1, 2}
    assert {item.lemma: len(item.choices) for item in items.values()} == {
        "khoan": 2,
        "dùi": 1,
        "đá": 2,
    }
    lan = filled(folder, "lan", right_sense(folder), tiny_run.folder / "lan.csv")
    assert exit_code(["audit", "import", *place, str(lan)]) == 0
    capsys.readouterr()
    assert exit_code(["audit", "report", *place, "--format", "markdown"]) == 0
    assert "| row | every answer is good | 100.0 % |" in capsys.readouterr().out


def test_the_sheets_of_another_language_are_read_in_it(release, tmp_path, capsys):
    folder = tmp_path / "audit"
    assert sample(release, folder, "--language", "en") == 0
    assert read_key(folder).language == "en"
    capsys.readouterr()
    assert (
        exit_code(
            ["audit", "import", "--folder", str(folder), str(folder / "workbooks" / "lan.xlsx")]
        )
        == 0
    )
    assert (
        "lan.xlsx: 32 rows (0 complete, 0 begun, 32 empty), 0 new answers"
        in capsys.readouterr().out
    )


def test_a_language_without_a_folder_is_refused(release, tmp_path, capsys):
    assert sample(release, tmp_path / "audit", "--language", "xx") == 2
    assert "no folder for the language 'xx'" in capsys.readouterr().err
    assert not (tmp_path / "audit").exists()


def test_a_run_lists_open_disputes_with_the_command_for_them(tiny_run, capsys):
    """And says no more of them once somebody has decided, whose name is recorded."""
    tiny_run.set("audit", 'annotators = ["lan", "minh"]\noverlap = 1.0\nsize = 8')
    config = ["-c", str(tiny_run.config)]
    assert exit_code(["run", *config]) == 0
    assert exit_code(["audit", "sample", *config]) == 0
    folder = tiny_run.folder / "audits" / "audit"
    lan = filled(folder, "lan", all_good, tiny_run.folder / "lan.csv")
    minh = filled(
        folder,
        "minh",
        lambda row: all_good(row) if row.number > 2 else ("Không", "Nghĩa này", "Giải nghĩa đúng"),
        tiny_run.folder / "minh.csv",
    )
    assert exit_code(["audit", "import", *config, str(lan), str(minh)]) == 0
    capsys.readouterr()
    assert exit_code(["run", *config]) == 0
    told = capsys.readouterr().err
    assert "audit audit: 2 rows in dispute; `viconwsd audit adjudicate -c" in told
    assert told.count("  fluent: ") == 2
    assert exit_code(["audit", "adjudicate", *config, "--by", "Hoa"]) == 0
    decided = filled(folder, "adjudication-1", all_good, tiny_run.folder / "a.csv")
    assert exit_code(["audit", "import", *config, str(decided)]) == 0
    capsys.readouterr()
    assert exit_code(["run", *config]) == 0
    assert "in dispute" not in capsys.readouterr().err
    assert exit_code(["audit", "report", *config, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["adjudicators"] == ["Hoa"]


def test_extend_goes_on_with_the_draw_and_says_how_long_it_takes(tiny_run, capsys):
    tiny_run.set("audit", 'annotators = ["lan"]\nstrata = []\nsize = 6\nrepeats = 0.0')
    config = ["-c", str(tiny_run.config)]
    assert exit_code(["audit", "sample", *config, "--extend", "4"]) == 2
    assert "no audit to go on with" in capsys.readouterr().err
    assert exit_code(["run", *config]) == 0
    assert exit_code(["audit", "sample", *config]) == 0
    capsys.readouterr()
    assert exit_code(["audit", "sample", *config, "--extend", "4"]) == 0
    printed = capsys.readouterr()
    assert "it goes on with audit" in printed.err
    assert "lan: 4 rows, about 5 minutes" in printed.err
    assert printed.out.strip().endswith("audits/audit-2/workbooks/lan.xlsx")
    key = read_key(tiny_run.folder / "audits" / "audit-2")
    assert (key.round, key.earlier, key.sampled) == (2, ("audit",), 10)
    assert key.release is not None
    assert exit_code(["audit", "sample", *config, "--extend", "2", "--seed", "3"]) == 2
    assert "--extend goes on as the audit was drawn" in capsys.readouterr().err


def test_doubts_of_a_model_make_strata(release, tmp_path, capsys):
    rows = sorted(candidates(), key=lambda row: row.context_id)
    lines = [f"{row.context_id},{0.95 if n % 2 else 0.2}" for n, row in enumerate(rows[:60])]
    doubts = tmp_path / "doubts.csv"
    doubts.write_text("\n".join(["context_id,probability", *lines]), encoding="utf-8")
    folder = tmp_path / "audit"
    more = ["--strata", "doubt", "--doubts", str(doubts)]
    assert sample(release, folder, *more) == 0
    strata = {s.name: s.population for s in read_key(folder).strata}
    assert strata == {"sure": 30, "doubting": 30, "unknown": 20}
    doubts.write_text("context_id,probability\nx,much", encoding="utf-8")
    assert sample(release, tmp_path / "b", *more) == 1
    assert "doubts.csv, line 2: no context_id,probability" in capsys.readouterr().err


@pytest.mark.parametrize(("margin", "told"), [(0.45, "is met"), (0.01, "is not met; `viconwsd")])
def test_a_report_says_whether_the_margin_of_the_run_is_met(tiny_run, capsys, margin, told):
    tiny_run.set("audit", f'annotators = ["lan"]\nstrata = []\nmargin = {margin}')
    config = ["-c", str(tiny_run.config)]
    assert exit_code(["run", *config]) == 0
    assert exit_code(["audit", "sample", *config, "--size", "8"]) == 0
    folder = tiny_run.folder / "audits" / "audit"
    lan = filled(folder, "lan", all_good, tiny_run.folder / "lan.csv")
    assert exit_code(["audit", "import", *config, str(lan)]) == 0
    capsys.readouterr()
    assert exit_code(["audit", "report", *config]) == 0
    assert f"the margin of {margin} {told}" in capsys.readouterr().err


def test_pages_are_of_the_same_draw_and_can_be_written_later(release, tmp_path, capsys):
    def drawn(name, *words):
        folder = tmp_path / name
        place = ["--release", str(release), "--folder", str(folder)]
        assert exit_code(["audit", "sample", *place, "--size", "12", *words]) == 0
        told = capsys.readouterr().out.splitlines()
        found = {path.name for path in folder.glob("*/*") if path.suffix in (".html", ".xlsx")}
        assert {path.rpartition("/")[2] for path in told} == found
        return folder, found

    sheets, pages = {"A.xlsx", "B.xlsx"}, {"A.html", "B.html"}
    plain, found = drawn("plain")
    assert found == sheets
    html, found = drawn("html", "--format", "html")
    assert found == pages
    both, found = drawn("both", "--format", "both")
    assert found == sheets | pages
    assert read_key(plain) == read_key(html) == read_key(both)
    assert exit_code(["audit", "pages", "--folder", str(plain)]) == 0
    for name in pages:
        written = (plain / "pages" / name).read_bytes()
        assert written == (html / "pages" / name).read_bytes()
        assert written == (both / "pages" / name).read_bytes()
    page = str(plain / "pages" / "A.html")
    assert exit_code(["audit", "import", "--folder", str(plain), page]) == 1
    assert "holds no answers" in capsys.readouterr().out
