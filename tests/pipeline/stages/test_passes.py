"""The names of passes, and what a pass finds lacking after the one before."""

from __future__ import annotations

from pathlib import Path

from pipeline.engine.manifest import StageManifest
from pipeline.engine.stage import Upstream
from pipeline.select.records import SelectedContext
from pipeline.stages.passes import ONLY_PASS, Pass
from pipeline.stages.senses import Wanted
from pipeline.stages.shortage import Shortage
from schemas.records import Context, Pos, Reject
from schemas.tables import write_table
from tests.pipeline.split.test_split import lexicon, row

SENSES = lexicon([(Pos.NOUN, ["khoan"]), (Pos.VERB, ["khoan"]), (Pos.NOUN, ["đục"])])
TOOL, DRILL, CHISEL = SENSES


def test_the_last_pass_has_the_plain_names_and_the_first_reads_none_before_it() -> None:
    first, last = Pass(1, 3), Pass(3, 3)
    assert (first.name("judge"), last.name("judge")) == ("judge.1", "judge")
    assert first.before("judge") == ()
    assert last.before("contexts", "select") == ("contexts.2", "select.2")
    assert last.drafts("judge") == ("judge.1", "judge.2")
    assert (ONLY_PASS.name("judge"), ONLY_PASS.drafts("judge")) == ("judge", ())


def pass_before(folder: Path, rejects: list[Reject], most: int | None = None) -> Shortage:
    """Of the first sense four sentences were written and three selected, of the others none."""
    written = [row(TOOL, n) for n in range(4)]
    plain = [Context(**{n: getattr(r, n) for n in Context.model_fields}) for r in written]
    write_table(folder / "contexts.parquet", Context, sorted(plain, key=lambda r: r.context_id))
    write_table(folder / "selected.parquet", SelectedContext, written[:3])
    write_table(folder / "rejects.parquet", Reject, rejects)
    manifest = StageManifest(
        stage="any", version=1, fingerprint="f", settings={}, inputs={}, tables={}, counts={},
        rejects={},
    )  # fmt: skip
    return Shortage.of(Upstream(folder, manifest), Upstream(folder, manifest), most)


def wanted(sense_id: str) -> Wanted:
    synset, _, lemma = sense_id.partition("#")
    return Wanted(sense_id, synset, lemma, 5)


def test_a_sense_lacks_what_was_not_selected_of_its_number(tmp_path: Path) -> None:
    short = pass_before(tmp_path, [])
    assert [short.of_sense(wanted(sense.sense_id)) for sense in SENSES] == [2, 5, 5]


def test_a_sense_that_is_not_wanted_lacks_nothing(tmp_path: Path) -> None:
    name = f"{DRILL.sense_id}@0123456789ab"
    dropped = Reject(stage="select", item_id=name, code="clustered", detail="", text="")
    other = dropped.model_copy(update={"item_id": f"{CHISEL.sense_id}@0", "code": "judge_none"})
    short = pass_before(tmp_path, [dropped, other])
    assert [short.of_sense(wanted(sense.sense_id)) for sense in SENSES] == [2, 0, 5]


def test_a_sense_that_is_capped_lacks_no_more_than_the_cap(tmp_path: Path) -> None:
    short = pass_before(tmp_path, [], most=3)
    assert [short.of_sense(wanted(sense.sense_id)) for sense in SENSES] == [0, 3, 3]


def test_every_sense_comes_with_what_was_written_for_it(tmp_path: Path) -> None:
    short = pass_before(tmp_path, [])
    units = [[wanted(sense.sense_id)] for sense in SENSES]
    found = [each for unit in short.with_written(units) for each in unit]
    assert [len(each.before) for each in found] == [4, 0, 0]
    assert set(found[0].sentences) == {row(TOOL, n).sentence for n in range(4)}
