"""Which contexts stay, code by code, and that the order of the table does not matter."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from languages.find import find_language
from languages.vi.spelling import fold_tones
from pipeline.engine.pool import Pool
from pipeline.engine.progress import Progress
from pipeline.panel.ballots import verdict
from pipeline.select.codes import SelectCode
from pipeline.select.pieces import Sizes
from pipeline.select.records import SelectedContext, UnjudgedContext
from pipeline.select.select import select_contexts
from pipeline.select.settings import SelectSettings
from schemas import ids
from schemas.errors import InputError
from schemas.ids import synset_of
from schemas.records import Context, Gloss, Pos, Provenance, Reject, Sense, Verdict, Vote
from schemas.tables import read_table, write_table
from schemas.text import units

SAID = Provenance(
    request_key="k1", prompt_id="contexts", prompt_version="1", model="recorded", sample=0, round=1
)

KHOAN_TOOL = "v-1#khoan"
KHOAN_DRILL = "v-2#khoan"
KHOAN_WAIT = "v-3#khoan"
DUC_DRILL = "v-2#đục"
NO_GLOSS = "v-9#bỏ"


def sense(sense_id: str) -> Sense:
    synset, _, lemma = sense_id.partition("#")
    return Sense(
        sense_id=sense_id,
        synset_id=synset,
        lemma=lemma.replace("_", " "),
        pos=Pos.VERB,
        n_siblings=0,
        n_siblings_same_pos=0,
    )


def context(sense_id: str, marked: str) -> Context:
    """A context from a sentence with its target in double brackets."""
    before, _, rest = marked.partition("[[")
    target, _, after = rest.partition("]]")
    sentence, start, end = before + target + after, len(before), len(before) + len(target)
    return Context(
        context_id=ids.context_id(sense_id, sentence, start, end),
        sense_id=sense_id,
        sentence=sentence,
        target_start=start,
        target_end=end,
        provenance=SAID,
    )


@dataclass
class Outcome:
    selected: list[SelectedContext]
    counts: dict[str, int]
    rejects: list[Reject] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        return [row.sentence for row in self.selected]

    @property
    def codes(self) -> dict[str, str]:
        return {reject.text: reject.code for reject in self.rejects}


def select(
    folder: Path,
    contexts: Sequence[Context],
    verdicts: Mapping[str, str | None] | None = None,
    audits: Mapping[str, str] | None = None,
    unanswered: Sequence[Context] = (),
    alike: Sequence[int] = (),
    **options: object,
) -> Outcome:
    """Runs the selection on real tables; verdicts map a sentence to the sense the judge chose.

    ``unanswered`` got no valid answer; nothing tells the synsets ``alike`` apart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    senses = [KHOAN_TOOL, KHOAN_DRILL, KHOAN_WAIT, DUC_DRILL, NO_GLOSS]
    write_table(folder / "senses.parquet", Sense, map(sense, sorted(senses)))
    glosses = [
        Gloss(
            synset_id=f"v-{n}",
            gloss=f"nghĩa {n}",
            provenance=SAID,
            cluster="v-1" if n in alike else None,
        )
        for n in (1, 2, 3)
    ]
    write_table(folder / "glosses.parquet", Gloss, glosses)
    write_table(folder / "contexts.parquet", Context, contexts)
    chosen = verdicts or {}
    rows = [
        verdict(
            row.context_id,
            row.sense_id,
            [Vote(judge="judge", sense_id=chosen[row.sentence])],
            synset_of,
        )
        for row in contexts
        if row.sentence in chosen
    ]
    write_table(folder / "verdicts.parquet", Verdict, rows)
    asked = [UnjudgedContext(context_id=row.context_id) for row in unanswered]
    write_table(folder / "unjudged.parquet", UnjudgedContext, asked)
    return run_select(folder, audits, **options)


def run_select(
    folder: Path,
    audits: Mapping[str, str] | None = None,
    sizes: Sizes | None = None,
    pool: Pool | None = None,
    **options: object,
) -> Outcome:
    """Runs the selection on the tables of a folder."""
    rejects: list[Reject] = []
    counts = select_contexts(
        language=find_language("vi"),
        contexts=folder / "contexts.parquet",
        senses=folder / "senses.parquet",
        glosses=folder / "glosses.parquet",
        verdicts=folder / "verdicts.parquet",
        unjudged=folder / "unjudged.parquet",
        audit_outcomes=audits,
        settings=SelectSettings(**options),
        output=folder / "selected.parquet",
        on_reject=rejects.append,
        progress=Progress(),
        sizes=sizes,
        pool=pool,
    )
    selected = list(read_table(folder / "selected.parquet", SelectedContext))
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    return Outcome(selected, counts, rejects)


ANH = context(KHOAN_DRILL, "Anh thợ đang [[khoan]] bức tường phòng khách để treo bức tranh lớn.")
ANH_SHOUTED = context(
    KHOAN_DRILL, "Anh thợ đang [[KHOAN]] bức tường phòng khách, để treo bức tranh lớn!"
)
ANH_NEARLY = context(
    KHOAN_DRILL, "Anh thợ đang [[khoan]] bức tường phòng ngủ để treo bức tranh lớn."
)
ANH_DUC = context(DUC_DRILL, "Anh thợ đang khoan bức [[đục]] phòng khách để treo bức tranh lớn.")
ANH_TOOL = context(KHOAN_TOOL, ANH.sentence.replace("khoan", "[[khoan]]"))
TOOL = context(KHOAN_TOOL, "Chiếc [[khoan]] mới mua chạy rất êm và rất khỏe.")
WAIT = context(KHOAN_WAIT, "[[Khoan]] đã, con chưa ăn sáng mà.")
CHAIR = context(NO_GLOSS, "Ông ấy [[bỏ]] làng ra đi từ năm mười tám tuổi.")
STRANGER = context("v-77#lạ", "Một con mèo [[lạ]] nằm ngủ trước hiên nhà tôi.")

# Per code: (contexts, options for select, sentences that are dropped with it).
FAILING = {
    SelectCode.SENSE_UNKNOWN: ([STRANGER], {}, [STRANGER]),
    SelectCode.GLOSS_MISSING: ([CHAIR, TOOL], {}, [CHAIR]),
    SelectCode.CLUSTERED: ([TOOL, ANH], {"alike": (1, 2), "clusters": "drop"}, [ANH]),
    SelectCode.AUDITED_BAD: ([TOOL, WAIT], {"audits": {TOOL.context_id: "bad"}}, [TOOL]),
    SelectCode.AUDITED_UNSURE: (
        [TOOL, WAIT],
        {"audits": {TOOL.context_id: "unsure"}, "audited_unsure": "drop"},
        [TOOL],
    ),
    SelectCode.JUDGE_DISAGREES: ([TOOL], {"verdicts": {TOOL.sentence: KHOAN_DRILL}}, [TOOL]),
    SelectCode.JUDGE_NONE: ([TOOL], {"verdicts": {TOOL.sentence: None}}, [TOOL]),
    SelectCode.UNJUDGED: ([TOOL, WAIT], {"unanswered": [TOOL]}, [TOOL]),
    SelectCode.CONTRADICTORY: ([ANH, ANH_TOOL], {}, [ANH, ANH_TOOL]),
    SelectCode.DUPLICATE_IN_SENSE: ([ANH, ANH_SHOUTED], {}, 1),
    SelectCode.DUPLICATE_ACROSS_SENSES: (
        [ANH, context(DUC_DRILL, ANH.sentence.replace("bức tường", "[[bức]] tường"))],
        {},
        1,
    ),
    SelectCode.NEAR_DUPLICATE_IN_SENSE: ([ANH, ANH_NEARLY], {}, 1),
    SelectCode.NEAR_DUPLICATE_ACROSS_SENSES: ([ANH, ANH_DUC], {}, 1),
    SelectCode.OVER_CAP: ([ANH, context(KHOAN_DRILL, "Họ [[khoan]] giếng.")],
                          {"max_contexts_per_sense": 1}, 1),
}  # fmt: skip
PASSING = {
    SelectCode.SENSE_UNKNOWN: ([TOOL], {}),
    SelectCode.GLOSS_MISSING: ([TOOL], {}),
    SelectCode.CLUSTERED: ([TOOL, ANH], {"alike": (1, 2)}),
    SelectCode.AUDITED_BAD: ([TOOL], {"audits": {TOOL.context_id: "good"}}),
    SelectCode.AUDITED_UNSURE: ([TOOL], {"audits": {TOOL.context_id: "unsure"}}),
    SelectCode.JUDGE_DISAGREES: ([TOOL], {"verdicts": {TOOL.sentence: KHOAN_TOOL}}),
    SelectCode.JUDGE_NONE: (
        [TOOL],
        {"verdicts": {TOOL.sentence: None}, "judge_disagreements": "flag"},
    ),
    SelectCode.UNJUDGED: (
        [TOOL, WAIT],
        {"unanswered": [TOOL], "verdicts": {TOOL.sentence: KHOAN_TOOL}},
    ),
    SelectCode.CONTRADICTORY: (
        [context(KHOAN_WAIT, "[[Khoan]] đã, khoan giếng sau."),
         context(KHOAN_DRILL, "Khoan đã, [[khoan]] giếng sau.")],
        {"duplicates_across_senses": "flag"},
    ),
    SelectCode.DUPLICATE_IN_SENSE: ([ANH, context(KHOAN_DRILL, "Họ [[khoan]] giếng.")], {}),
    SelectCode.DUPLICATE_ACROSS_SENSES: ([TOOL, WAIT], {}),
    SelectCode.NEAR_DUPLICATE_IN_SENSE: ([ANH, ANH_NEARLY], {"near_duplicate_threshold": 0.9}),
    SelectCode.NEAR_DUPLICATE_ACROSS_SENSES: ([ANH, ANH_DUC], {"duplicates_across_senses": "flag"}),
    SelectCode.OVER_CAP: ([ANH], {"max_contexts_per_sense": 1}),
}  # fmt: skip


def test_every_code_has_a_failing_and_a_passing_example() -> None:
    assert set(FAILING) == set(PASSING) == set(SelectCode)


@pytest.mark.parametrize("code", FAILING)
def test_failing_example(tmp_path: Path, code: SelectCode) -> None:
    contexts, options, dropped = FAILING[code]
    outcome = select(tmp_path, contexts, **options)
    n_dropped = dropped if isinstance(dropped, int) else len(dropped)
    assert [reject.code for reject in outcome.rejects] == [code.value] * n_dropped
    assert outcome.counts[code.value] == n_dropped
    assert len(outcome.selected) == outcome.counts["selected"] == len(contexts) - n_dropped
    for reject in outcome.rejects:
        assert reject.stage == "select"
        assert reject.detail
        assert reject.provenance == SAID
    if not isinstance(dropped, int):
        assert set(outcome.codes) == {row.sentence for row in dropped}


def test_a_dropped_example_of_the_source_has_no_provenance(tmp_path: Path) -> None:
    contexts, options, _ = FAILING[SelectCode.JUDGE_NONE]
    own = [row.model_copy(update={"provenance": None}) for row in contexts]
    outcome = select(tmp_path, own, **options)
    assert [reject.provenance for reject in outcome.rejects] == [None]


@pytest.mark.parametrize("code", PASSING)
def test_passing_example(tmp_path: Path, code: SelectCode) -> None:
    contexts, options = PASSING[code]
    outcome = select(tmp_path, contexts, **options)
    assert outcome.sentences == [row.sentence for row in contexts]
    assert outcome.rejects == []


def test_of_a_contradiction_the_sense_that_the_judge_confirms_stays(tmp_path: Path) -> None:
    """The same sentence under two senses of a lemma: the judge's choice decides, flagged or not."""
    outcome = select(
        tmp_path,
        [ANH_TOOL, ANH],
        verdicts={ANH.sentence: KHOAN_DRILL},
        judge_disagreements="flag",
    )
    assert [row.sense_id for row in outcome.selected] == [KHOAN_DRILL]
    assert outcome.selected[0].judged == "agree"
    assert [(r.item_id, r.code) for r in outcome.rejects] == [
        (ANH_TOOL.context_id, SelectCode.CONTRADICTORY)
    ]
    assert ANH.context_id in outcome.rejects[0].detail


def test_what_the_judge_confirms_is_kept_rather_than_its_unjudged_near_duplicate(
    tmp_path: Path,
) -> None:
    for kept, other in ((ANH, ANH_NEARLY), (ANH_NEARLY, ANH)):
        outcome = select(
            tmp_path / kept.context_id[-4:],
            [kept, other],
            verdicts={kept.sentence: KHOAN_DRILL},
        )
        assert outcome.sentences == [kept.sentence]


def test_flagged_near_duplicates_share_a_cluster(tmp_path: Path) -> None:
    outcome = select(
        tmp_path,
        [TOOL, ANH, ANH_NEARLY, ANH_DUC],
        near_duplicates_in_sense="flag",
        duplicates_across_senses="flag",
    )
    cluster = {row.sentence: row.cluster for row in outcome.selected}
    first = min(ANH.context_id, ANH_NEARLY.context_id, ANH_DUC.context_id)
    assert cluster[ANH.sentence] == cluster[ANH_NEARLY.sentence] == first
    assert cluster[ANH_DUC.sentence] == first
    assert cluster[TOOL.sentence] == TOOL.context_id
    assert outcome.counts["flagged"] == 3


def test_a_near_duplicate_whose_likes_are_all_over_the_cap_is_no_longer_flagged(
    tmp_path: Path,
) -> None:
    rules = {"near_duplicates_in_sense": "flag", "max_contexts_per_sense": 1}
    outcome = select(tmp_path, [ANH, ANH_NEARLY], **rules)
    assert (outcome.counts["selected"], outcome.counts["flagged"]) == (1, 0)


def test_a_copy_in_another_sense_still_meets_its_own_sense(tmp_path: Path) -> None:
    """Flagged copies are compared with their own sense too: there near-duplicates are dropped."""
    copy = context(DUC_DRILL, ANH.sentence.replace("bức tường", "[[bức]] tường"))
    near_copy = context(DUC_DRILL, ANH_NEARLY.sentence.replace("bức tường", "[[bức]] tường"))
    outcome = select(tmp_path, [copy, near_copy, ANH], duplicates_across_senses="flag")
    assert [row.sense_id for row in outcome.selected] in ([DUC_DRILL, KHOAN_DRILL],)
    assert outcome.counts["near_duplicate_in_sense"] == 1
    assert outcome.counts["flagged"] == 2


def test_what_the_judge_did_not_answer_can_be_kept(tmp_path: Path) -> None:
    """It counts as unjudged, and yields to what the judge confirms."""
    outcome = select(
        tmp_path,
        [ANH, ANH_NEARLY, WAIT],
        verdicts={ANH_NEARLY.sentence: KHOAN_DRILL},
        unanswered=[ANH, WAIT],
        unjudged="flag",
    )
    assert {row.sentence: row.judged for row in outcome.selected} == {
        ANH_NEARLY.sentence: "agree",
        WAIT.sentence: "unjudged",
    }
    assert (outcome.counts["judged"], outcome.counts["judge_agrees"]) == (1, 1)


def test_verdicts_come_in_any_order(tmp_path: Path) -> None:
    outcome = select(
        tmp_path,
        [ANH, TOOL, WAIT],
        verdicts={WAIT.sentence: KHOAN_TOOL, ANH.sentence: KHOAN_DRILL},
        judge_disagreements="flag",
    )
    assert {row.sentence: row.judged for row in outcome.selected} == {
        ANH.sentence: "agree",
        TOOL.sentence: "unjudged",
        WAIT.sentence: "disagree",
    }
    assert (outcome.counts["judged"], outcome.counts["judge_agrees"]) == (2, 1)


def test_the_votes_of_a_row_go_with_it(tmp_path: Path) -> None:
    outcome = select(
        tmp_path,
        [ANH, TOOL, WAIT],
        verdicts={ANH.sentence: KHOAN_DRILL, WAIT.sentence: None},
        judge_disagreements="flag",
    )
    assert {row.sentence: (row.votes, row.agreement) for row in outcome.selected} == {
        ANH.sentence: ((Vote(judge="judge", sense_id=KHOAN_DRILL),), 1.0),
        TOOL.sentence: (None, None),
        WAIT.sentence: ((Vote(judge="judge", sense_id=None),), 0.0),
    }


def test_verdicts_on_other_contexts_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    select(folder, [ANH, TOOL], verdicts={ANH.sentence: KHOAN_DRILL, TOOL.sentence: KHOAN_TOOL})
    write_table(folder / "contexts.parquet", Context, [ANH])
    with pytest.raises(InputError, match="verdicts twice, or on other contexts than those of"):
        run_select(folder)


def test_an_unknown_audit_outcome_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="audit outcome 'great' of"):
        select(tmp_path, [TOOL], audits={TOOL.context_id: "great"})


def test_no_contexts_at_all(tmp_path: Path) -> None:
    outcome = select(tmp_path, [])
    assert outcome.selected == []
    assert outcome.counts["selected"] == 0


def test_rounds_select_what_one_round_selects(tmp_path: Path) -> None:
    """Small or large rounds, the same contexts stay and the rejects say the same."""
    rng = random.Random(4)
    words = ["đá", "bỏ", "nhà", "chạy", "sông", "núi"]
    rows = {}
    for _ in range(300):
        sense_id = rng.choice([KHOAN_TOOL, KHOAN_DRILL, KHOAN_WAIT])
        row = context(sense_id, " ".join(["[[khoan]]", *rng.choices(words, k=rng.randint(3, 9))]))
        rows[row.context_id] = row
    outcomes = []
    for first_round in (4096, 50, 3):
        sizes = Sizes(first_round=first_round)
        outcomes.append(select(tmp_path / str(first_round), list(rows.values()), sizes=sizes))
    assert 20 < len(outcomes[0].selected) < 280
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_a_template_repeated_thousands_of_times_stays_once(tmp_path: Path) -> None:
    """All pairs of 6,000 like sentences would be 18 million; rounds look at few of them."""
    rows = [
        context(KHOAN_DRILL, f"Anh ấy là thợ và rất thích [[khoan]] tường gạch dày số {number}")
        for number in range(6000)
    ]
    outcome = select(tmp_path, rows)
    assert len(outcome.selected) == 1
    assert outcome.counts["near_duplicate_in_sense"] == 5999


_words = st.sampled_from(["đá", "bỏ", "nhà", "Hòa", "hoà", "chạy"])
_contexts = st.lists(
    st.tuples(
        st.sampled_from([KHOAN_TOOL, KHOAN_DRILL, DUC_DRILL]),
        st.lists(_words, max_size=6),
        st.lists(_words, max_size=6),
    ),
    max_size=25,
)


@given(_contexts, st.sampled_from([0.5, 0.6, 0.8]), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_selection_ignores_order_and_leaves_no_near_duplicates(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[str, list[str], list[str]]],
    threshold: float,
    rng: random.Random,
) -> None:
    """Any order of the table selects the same; what is dropped resembles something kept."""
    rows = [
        context(s, " ".join([*before, f"[[{s.partition('#')[2]}]]", *after]))
        for s, before, after in drawn
    ]
    rows = list({row.context_id: row for row in rows}.values())
    first = select(tmp_path_factory.mktemp("a"), rows, near_duplicate_threshold=threshold)
    rng.shuffle(rows)
    second = select(tmp_path_factory.mktemp("b"), rows, near_duplicate_threshold=threshold)
    kept = {row.context_id: row for row in first.selected}
    assert kept == {row.context_id: row for row in second.selected}
    assert {r.item_id: r.code for r in first.rejects} == {r.item_id: r.code for r in second.rejects}
    for a, b in itertools.combinations(kept.values(), 2):
        assert jaccard(a.sentence, b.sentence) < threshold


def jaccard(a: str, b: str) -> float:
    left, right = (
        set(itertools.pairwise(["<", *units(fold_tones(text.casefold())), ">"])) for text in (a, b)
    )
    return len(left & right) / len(left | right)
