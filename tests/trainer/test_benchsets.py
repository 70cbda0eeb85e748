"""Readers of benchmark sets: exact spans, gold answers, and one clear line for what is no set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_release import VI

from schemas.errors import InputError, UsageError
from trainer.benchsets.named import KINDS, read_sets
from trainer.benchsets.pairs import BenchPair, BenchTarget


def words(pair: BenchPair) -> list[list[str]]:
    return [
        [side.sentence[start:end] for start, end in side.spans] for side in (pair.left, pair.right)
    ]


def made(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


WIC = {
    "dev.data.txt": "place\tN\t2-0\tDo you place it\tplaces please\n",
    "dev.gold.txt": "F\n",
    "test.data.txt": "approach\tN\t1-9\tApproach a approach .\tToo short\n",
    "test.gold.txt": "T\n",
}


def test_wic_counts_tokens_and_keeps_those_that_are_not_there(tmp_path: Path) -> None:
    """The second sentence has no token 9: its span marks nothing, so it cannot be placed."""
    bench = read_sets([f"wic={made(tmp_path, **WIC)}"], Path, VI)[0]
    assert (bench.name, bench.task, len(bench.dev), len(bench.test)) == ("WiC", "same", 1, 1)
    assert words(bench.dev[0]) == [["place"], ["places"]]
    assert bench.dev[0].left.spans == ((7, 12),)
    assert words(bench.test[0]) == [["a"], [""]]
    assert (bench.dev[0].gold, bench.test[0].gold, bench.test[0].group) == (0.0, 1.0, "approach")


def rows(*pairs: dict[str, object]) -> str:
    named = [
        {"id": f"x.{n}", "lemma": "lift", "sentence1": "lift it up", "sentence2": "il le soulève"}
        | pair
        for n, pair in enumerate(pairs)
    ]
    return json.dumps(named)


def gold(*tags: str) -> str:
    return json.dumps([{"id": f"x.{n}", "tag": tag} for n, tag in enumerate(tags)])


def test_mcl_wic_reads_spans_and_split_targets(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        **{
            "test__test.en-fr.data": rows({"ranges1": "0-4,8-10", "ranges2": "6-13"}),
            "test__test.en-fr.gold": gold("T"),
            "dev__multilingual__dev.fr-fr.data": rows(
                {"start1": "0", "end1": "4", "start2": "6", "end2": "13"}, {"start1": 5, "end1": 7}
            ),
            "dev__multilingual__dev.fr-fr.gold": gold("F", "T"),
        },
    )
    across, within = read_sets(
        [f"mcl-wic:{name}={folder}" for name in ("en-fr", "fr-fr")], Path, VI
    )
    assert words(across.test[0]) == [["lift", "up"], ["soulève"]]
    assert [pair.gold for pair in across.dev] == [0.0, 1.0]
    assert words(across.dev[0]) == [["lift"], ["soulève"]]
    assert words(across.dev[1]) == [["it"], [""]]
    assert (within.test, within.dev) == (across.dev, ())


def test_scws_takes_the_marks_out(tmp_path: Path) -> None:
    line = "\t".join(["1", "Bank", "n", "nut", "n", "the <b> bank </b> of", "a <b>nut</b>", "6.2"])
    bench = read_sets([f"scws={made(tmp_path, **{'ratings.txt': line + chr(10)})}"], Path, VI)[0]
    pair = bench.test[0]
    assert words(pair) == [["bank"], ["nut"]]
    assert pair.left.sentence == "the bank of"
    assert (pair.gold, pair.group, bench.task) == (6.2, "bank", "rating")


def test_sts_leaves_out_pairs_without_a_score(tmp_path: Path) -> None:
    files = {
        "STS.input.b.txt": "a cat\ta dog\nno\tscore\none\ttwo\tfrom a paper\n",
        "STS.gs.b.txt": "3.2\n\n0\n",
        "STS.input.a.txt": "x\ty\n",
        "STS.gs.a.txt": "5\n",
    }
    folder = made(tmp_path / "STS13-en-test", **files)
    bench = read_sets([f"sts={folder}"], Path, VI)[0]
    assert bench.name == "STS13"
    assert [(pair.part, pair.gold) for pair in bench.test] == [("a", 5.0), ("b", 3.2), ("b", 0.0)]
    assert words(bench.test[2]) == [["one"], ["two"]]


def test_vnpara_is_whole_sentences(tmp_path: Path) -> None:
    files = {
        "Sentences1.txt": "Hà_Nội đẹp\nmột\n",
        "Sentences2.txt": "Thủ_đô đẹp\nhai\n",
        "Labels.txt": "1,\n0\n",
    }
    bench = read_sets([f"vnpara={made(tmp_path, **files)}"], Path, VI)[0]
    assert bench.test[0].left == BenchTarget("Hà Nội đẹp", ((0, 10),), f"{tmp_path}:1")
    assert [pair.gold for pair in bench.test] == [1.0, 0.0]


def test_a_dictionary_gives_pairs_of_one_lemma(tmp_path: Path) -> None:
    lines = [f"{s},đá,{n} đá,2,4" for s in ("đá.1", "đá.2") for n in (1, 2)]
    files = {
        "senses.csv": "sense_id,lemma,gloss\nđá.1,đá,tảng\nđá.2,đá,đưa chân\n",
        "contexts.csv": "\n".join(["sense_id,lemma,sentence,start,end", *lines, ""]),
    }
    bench = read_sets([f"dictionary={made(tmp_path, **files)}"], Path, VI)[0]
    assert sorted(pair.gold for pair in bench.test) == [0.0, 0.0, 1.0, 1.0]
    assert words(bench.test[0]) == [["đá"], ["đá"]]


@pytest.mark.parametrize("text", ["wic", "wic=", "wordsim=x", "=x"])
def test_a_name_without_kind_and_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not KIND=PATH: choose one of wic, mcl-wic"):
        read_sets([text], Path, VI)


DAMAGED = [
    ("wic", {**WIC, "dev.gold.txt": "T\nF\n"}, "dev.gold.txt: 2 lines where 1 are wanted"),
    ("wic", {**WIC, "test.gold.txt": "yes\n"}, "test.gold.txt:1: 'yes' is neither T nor F"),
    ("wic", {**WIC, "test.data.txt": "a\tN\t1\tx\ty\n"}, "test.data.txt:1: not lemma, N or V"),
    ("mcl-wic:en-en", {"test__test.en-en.data": "{}"}, "test.en-en.data: Input should be a valid"),
    (
        "mcl-wic:en-en",
        {"test__test.en-en.data": rows({}), "test__test.en-en.gold": "[]"},
        "test.en-en.gold: neither T nor F for x.0",
    ),
    ("scws", {"ratings.txt": "1\tx\n"}, "ratings.txt:1: 2 columns where 18 are wanted"),
    ("scws", {"ratings.txt": "\t".join("12345678")}, "no target between <b> and </b>"),
    ("sts", {"x.txt": ""}, "no STS.input"),
    ("sts", {"STS.input.a.txt": "x\n", "STS.gs.a.txt": "1\n"}, "STS.input.a.txt:1: not two"),
    ("sts", {"STS.input.a.txt": "x\ty\n", "STS.gs.a.txt": "?\n"}, "'?' is no number"),
    (
        "vnpara",
        {"Sentences1.txt": "a\n", "Sentences2.txt": "b\n", "Labels.txt": "2\n"},
        "Labels.txt:1: '2' is neither 0 nor 1",
    ),
]


@pytest.mark.parametrize(("kind", "files", "told"), DAMAGED)
def test_what_is_no_set_is_one_line(
    tmp_path: Path, kind: str, files: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_sets([f"{kind}={made(tmp_path, **files)}"], Path, VI)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_that_is_not_there_is_named(tmp_path: Path, kind: str) -> None:
    from schemas.errors import ViconwsdError

    with pytest.raises(ViconwsdError, match="nowhere"):
        read_sets([f"{kind}={tmp_path / 'nowhere'}"], Path, VI)


def test_a_text_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    folder = made(tmp_path, **WIC)
    (folder / "test.data.txt").write_bytes(b"caf\xe9\n")
    with pytest.raises(InputError, match=r"test\.data\.txt: not UTF-8 at byte 3"):
        read_sets([f"wic={folder}"], Path, VI)
