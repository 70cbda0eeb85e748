"""A small release written by hand: a dozen senses, every split, every kind of number."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pipeline.release.manifest import (
    Counts,
    Coverage,
    JudgeAgreement,
    Lengths,
    PromptUse,
    ReleaseManifest,
    SourceInfo,
    SplitStatistics,
    StageSummary,
    TableFile,
)
from pipeline.release.overlaps import LeakageReport, Overlap, Shared
from pipeline.release.records import ExampleProvenance
from schemas.records import (
    Example,
    Gloss,
    InventorySense,
    Polysemy,
    Pos,
    Provenance,
    Record,
    Split,
    polysemy,
)
from schemas.tables import write_table
from schemas.text import units
from testing.made_sense import MadeSense

MADE_BY = Provenance(
    request_key="8a96abc826e1",
    prompt_id="contexts",
    prompt_version="v1",
    model="ban-ghi-thu",
    sample=0,
    round=1,
)

_SENSES = (
    MadeSense(
        "demo-1", Pos.NOUN, "noun.artifact", "khoan", "dụng cụ có mũi xoay để tạo lỗ", 2, 1,
        ("Bác thợ mượn chiếc [[khoan]] của hàng xóm.", "Cái [[khoan]] này chạy bằng pin."),
    ),
    MadeSense(
        "demo-2", Pos.NOUN, "noun.act", "khoan", "việc tạo lỗ vào lòng đất hay vật cứng", 2, 1,
        ("Công tác [[khoan]] thăm dò bắt đầu từ tháng ba.",),
    ),
    MadeSense(
        "demo-3", Pos.VERB, "verb.contact", "khoan", "tạo lỗ bằng mũi xoay", 2, 0,
        ("Tôi đang [[khoan]] tường để treo tranh.", "Họ [[khoan]] một lỗ nhỏ trên tấm gỗ."),
    ),
    MadeSense(
        "demo-4", Pos.NOUN, "noun.food", "đường", "chất kết tinh có vị ngọt", 1, 1,
        ("Mẹ cho thêm hai thìa [[đường]] vào ly chè.",),
    ),
    MadeSense(
        "demo-5", Pos.NOUN, "noun.artifact", "đường", "lối đi nối các nơi với nhau", 1, 1,
        ("Con [[đường]] này dẫn ra bờ sông | lớn.", "[[Đường]] làng mùa mưa rất trơn."),
    ),
    MadeSense("demo-6", Pos.ADJ, "adj.all", "hoà nhã", "dễ gần, không gay gắt", 0, 0, ()),
)  # fmt: skip
_SPLITS = (
    Split.TRAIN,
    Split.VALIDATION,
    Split.TRAIN,
    Split.TRAIN,
    Split.TEST_SEEN,
    Split.TEST_UNSEEN_LEMMA,
    Split.TEST_UNSEEN_SENSE,
    Split.TRAIN,
)


def make_tiny_release(folder: Path, *, recorded: bool = True, version: str = "0.1.0") -> Path:
    """Writes the tables and the manifest of a release; not its card."""
    examples = _examples()
    tables = [
        *(
            _table(folder, "examples", f"data/examples/{split.value}.parquet", Example, rows, split)
            for split in Split
            if (rows := [row for row in examples if row.split == split])
        ),
        _table(
            folder,
            "senses",
            "data/senses/senses-00000.parquet",
            InventorySense,
            [sense.in_inventory() for sense in _SENSES],
        ),
        _table(
            folder,
            "example_provenance",
            "provenance/examples-00000.parquet",
            ExampleProvenance,
            [ExampleProvenance(context_id=row.context_id, provenance=MADE_BY) for row in examples],
        ),
        _table(
            folder,
            "gloss_provenance",
            "provenance/glosses-00000.parquet",
            Gloss,
            [Gloss(synset_id=s.synset, gloss=s.gloss, provenance=MADE_BY) for s in _SENSES],
        ),
    ]  # fmt: skip
    _manifest(tuple(tables), examples, recorded, version).write(folder)
    return folder


def _examples() -> list[Example]:
    rows: list[Example] = []
    for sense in _SENSES:
        for marked in sense.sentences:
            judged: Literal["agree", "unjudged"] = "agree" if sense.n_siblings else "unjudged"
            audited: Literal["good", "unaudited"] = "good" if len(rows) % 2 else "unaudited"
            rows.append(sense.example(marked, _SPLITS[len(rows)], judged, audited))
    return rows


def _table(
    folder: Path,
    table: Literal["examples", "senses", "example_provenance", "gloss_provenance"],
    path: str,
    record: type[Record],
    rows: Sequence[Record],
    split: Split | None = None,
) -> TableFile:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    content = write_table(folder / path, record, rows)
    return TableFile(
        path=path,
        table=table,
        split=split,
        rows=len(rows),
        bytes=(folder / path).stat().st_size,
        sha256=hashlib.sha256((folder / path).read_bytes()).hexdigest(),
        content_hash=content,
    )


def _manifest(
    tables: tuple[TableFile, ...], examples: list[Example], recorded: bool, version: str
) -> ReleaseManifest:
    return ReleaseManifest(
        name="viconwsd-demo",
        version=version,
        language="vi",
        licence="CC BY 4.0",
        recorded=recorded,
        source=SourceInfo(
            name="Từ điển mẫu",
            version="1",
            url="https://example.org/tu-dien",
            licence="CC BY 4.0",
            citation="Nhóm từ điển mẫu (2026)",
            notice="Bản quyền của nhóm từ điển mẫu.\nKhông có bảo đảm nào.",
        ),
        tables=tables,
        counts=Counts(
            synsets=6,
            senses=6,
            lemmas=3,
            glosses=6,
            examples=len(examples),
            senses_with_examples=5,
            lemmas_with_examples=2,
            same_pos_lemmas=2,
        ),
        coverage=Coverage(
            wanted=2,
            senses_by_contexts={0: 1, 1: 2, 2: 3},
            senses_short=3,
            senses_without=1,
        ),
        splits=tuple(_statistics(split, examples) for split in Split),
        judge=JudgeAgreement(
            agree=8, disagree=0, unjudged=0, judged_before_selection=10, agreed_before_selection=9
        ),
        stages=_stages(),
        leakage=LeakageReport(
            near_duplicate_threshold=0.8,
            rows={split: sum(row.split == split for row in examples) for split in Split},
            overlaps=(
                Overlap(
                    shared=Shared.LEMMA,
                    left=Split.TRAIN,
                    right=Split.TEST_UNSEEN_LEMMA,
                    count=0,
                    allowed=False,
                ),
                Overlap(
                    shared=Shared.SYNSET,
                    left=Split.TRAIN,
                    right=Split.TEST_SEEN,
                    count=1,
                    allowed=True,
                ),
            ),
        ),
        software={"viconwsd": version, "pyarrow": "26.0.1"},
    )


def _stages() -> tuple[StageSummary, ...]:
    made = {"version": "1", "settings_digest": "0" * 64}
    return (
        StageSummary(
            name="synsets",
            fingerprint="a1" * 32,
            counts={"synsets": 6},
            rejects={"template_residue": 2, "repeated_lemma": 1},
            **made,
        ),
        StageSummary(
            name="contexts",
            fingerprint="b2" * 32,
            counts={"contexts": 10},
            rejects={"target_missing": 4, "near_duplicate": 2, "http_400": 1},
            codes={"target_missing": "no target is marked"},
            requests=12,
            prompt_tokens=3456,
            completion_tokens=789,
            cost=Decimal("0.0123"),
            models=("ban-ghi-thu",),
            prompts=(PromptUse(prompt_id="contexts", version="v1"),),
            rounds=2,
            first_request="2026-10-01",
            last_request="2026-10-02",
            **made,
        ),
    )


def _statistics(split: Split, examples: list[Example]) -> SplitStatistics:
    rows = [row for row in examples if row.split == split]
    lengths = [len(units(row.sentence)) for row in rows]
    by = [(row.pos, polysemy(row.n_candidates - 1, row.n_candidates_same_pos - 1)) for row in rows]
    return SplitStatistics(
        split=split,
        rows=len(rows),
        senses=len({row.sense_id for row in rows}),
        synsets=len({row.synset_id for row in rows}),
        lemmas=len({row.lemma for row in rows}),
        by_pos={pos: sum(p == pos for p, _ in by) for pos in Pos},
        by_polysemy={kind: sum(k == kind for _, k in by) for kind in Polysemy},
        by_pos_and_polysemy=dict(Counter(f"{p.value}/{k.value}" for p, k in by)),
        by_judged=dict(Counter(row.judged for row in rows)),
        by_audited=dict(Counter(row.audited for row in rows)),
        lengths=Lengths(
            least=min(lengths, default=0),
            mean=sum(lengths) / len(lengths) if lengths else 0.0,
            most=max(lengths, default=0),
        ),
        content_hash="c3" * 32,
    )
