"""What the pages of a run say, without a browser."""

import re
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.cli.main import exit_code
from pipeline.view.index import shelf
from pipeline.view.index.build import build_index
from pipeline.view.index.queries import RowFilter
from pipeline.view.reading.evaluated import read_errors
from pipeline.view.render import duration
from schemas.errors import UsageError
from testing.tiny_release import make_tiny_release
from tests.conftest import TinyRun
from tests.pipeline.view.conftest import RENEWING, Seen, seen

_ANY = RowFilter()
KEY = re.compile(r"/reply\?key=([0-9a-f]{32})")


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_run_page_has_every_stage_with_its_counts(run_seen: Seen) -> None:
    text = run_seen.text("/")
    for stage in (
        "synsets",
        "glosses",
        "contexts",
        "judge",
        "select",
        "split",
        "rephrase",
        "release",
    ):
        assert f'<th scope="row">{stage}</th>' in text
    assert re.search(r">15</a> contexts", text)
    assert 'href="/rejects?stage=contexts"' in text


def test_a_word_has_its_senses_with_marked_contexts_and_what_was_rejected(run_seen: Seen) -> None:
    text = run_seen.text("/word?lemma=khoan")
    assert text.count('<section class="sense"') == 2
    assert "dụng cụ có mũi xoắn quay nhanh" in text
    assert "Bố <mark>khoan</mark> một lỗ xuyên qua tấm ván" in text
    assert "target_missing" in text
    assert "Anh thợ đặt máy xuống rồi đi ăn trưa" in text


def test_any_spelling_of_a_word_leads_to_it(run_seen: Seen) -> None:
    assert "<bdi>khoan</bdi></h1>" in run_seen.text("/word?lemma=KHOAN")


def test_tones_are_told_apart_unless_marks_are_left_out(run_seen: Seen) -> None:
    assert "tảng <mark>đá</mark>" in run_seen.text("/rows?q=tảng đá")
    assert "tảng <mark>đá</mark>" not in run_seen.text("/rows?q=tang da")
    assert "tảng <mark>đá</mark>" in run_seen.text("/rows?q=tang da&bare=1")


@pytest.mark.parametrize("query", ['"', "'); DROP", "a OR b", "*", "exact:", "((", "NEAR(", "🙂"])
def test_a_search_takes_any_text_for_words(run_seen: Seen, query: str) -> None:
    for bare in ("", "1"):
        run_seen.client.get("/rows", params={"q": query, "bare": bare}).raise_for_status()


def test_rows_are_counted_by_their_facets(run_seen: Seen) -> None:
    text = run_seen.text("/rows?judged=agree")
    assert re.search(r'<h1>Contexts <span class="faint" data-total="15">15</span>', text)
    assert "Nothing here is like that" in run_seen.text("/rows?judged=disagree")


def test_the_way_of_a_row_leads_to_the_prompt_and_the_reply_behind_it(run_seen: Seen) -> None:
    rows = run_seen.text("/word?lemma=đá")
    first = re.search(r'href="(/row\?id=[^"]+)"', rows)
    assert first
    way = run_seen.text(first[1])
    keys = KEY.findall(way)
    assert len(set(keys)) == 2  # of the sentences, and of the vote
    for key in set(keys):
        reply = run_seen.text(f"/reply?key={key}")
        assert "Not these very words" not in reply
        assert "<pre" in reply
        assert run_seen.text(f"/whole?key={key}").startswith("{")


def test_a_reply_of_a_later_round_is_shown_with_the_very_words_that_it_answers(
    run_seen: Seen,
) -> None:
    with run_seen.site.index() as index:
        [row] = index.search("Tiếng khoan từ công trường", False, _ANY, 1).entries
        [late] = index.search("Cái khoan này chạy bằng pin", False, _ANY, 1).entries
    first, second = (
        run_seen.text(f"/reply?key={key}")
        for r in (row, late)
        for key in KEY.findall(run_seen.text(f"/row?id={quote(r.context_id, safe='')}"))[:1]
    )
    for text in (first, second):
        assert "word for word what was sent" in text
    rejected = "Anh thợ đặt máy xuống rồi đi ăn trưa"
    asked = [text.partition("What the model wrote")[0] for text in (first, second)]
    assert rejected not in asked[0]
    assert rejected in asked[1]  # the second round tells what was wrong with the first


def test_a_reply_of_other_settings_is_shown_with_what_is_asked_in_its_place(
    tiny_run: TinyRun,
) -> None:
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    ledger = tiny_run.folder / "ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as file:
        select = "SELECT key FROM replies WHERE item LIKE 'contexts/%/1' ORDER BY id LIMIT 1"
        [(key,)] = file.execute(select).fetchall()
        other = bytes(16)
        file.execute("UPDATE replies SET key = ? WHERE key = ?", (other, key))
        file.commit()
    found = seen(tiny_run.config)
    before = files_of(tiny_run.folder)
    assert "Not these very words" in found.text(f"/reply?key={other.hex()}")
    assert files_of(tiny_run.folder) == before


def test_looking_writes_nothing_but_the_index(finished: TinyRun) -> None:
    before = files_of(finished.folder)
    found = seen(finished.config)
    for address in ("/", "/words", "/rows", "/rejects", "/word?lemma=khoan"):
        found.text(address)
    index = finished.folder / ".view"
    after = {p: b for p, b in files_of(finished.folder).items() if index not in p.parents}
    assert after == {path: b for path, b in before.items() if index not in path.parents}


def test_no_page_names_a_folder_of_this_machine_or_a_secret(
    finished: TinyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "bạc-và-vàng-1234")
    found = seen(finished.config)
    secret = finished.folder / "lexicon" / "verb.contact.csv"
    addresses = [
        "/",
        "/words",
        "/rows",
        "/rejects",
        "/word?lemma=khoan",
        "/nowhere",
        "/reply?key=x",
    ]
    addresses.append("/word?lemma=bạc-và-vàng-1234")
    kept, told = secret.read_text(encoding="utf-8"), finished.config.read_text(encoding="utf-8")
    try:
        texts = [found.client.get(address).text for address in addresses]
        secret.unlink()
        finished.config.write_text(told + "\nlacking", encoding="utf-8")
        found.site._kept.clear()
        broken = [found.client.get(address).text for address in addresses]
    finally:
        secret.write_text(kept, encoding="utf-8")
        finished.config.write_text(told, encoding="utf-8")
    assert "run.toml: not valid TOML" in broken[0]
    for text in texts + broken:
        assert str(finished.folder.parent) not in text
        assert "a run &amp; more/" not in text
        assert "bạc-và-vàng-1234" not in text


@pytest.mark.parametrize(
    "address",
    [
        "/word?lemma=%2F..%2F",
        "/word",
        "/row?id=🙂",
        "/row?id=%00",
        "/reply?key=zz",
        "/a/b/c",
        "/%2F",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(run_seen: Seen, address: str) -> None:
    assert "<h1>Not here</h1>" in run_seen.text(address, 404)


@pytest.mark.parametrize(
    ("table", "where", "said"),
    [
        ("synsets", "x", "no JSON object"),
        ("synsets", "[[", "no JSON object"),
        ("synsets", '{"nope": 1}', "has no column nope"),
        ("synsets", '{"n": 1}', "has no column n"),
        ("synsets", '{"lemmas": "x"}', "lemmas: cannot be compared with"),
        ("synsets", '{"lemmas": {"shared": true}}', "lemmas: cannot be compared with"),
        ("synsets", '{"pos": {"in": [1]}}', "pos: cannot be compared with"),
        ("synsets", '{"pos": {"longer": 1}}', "pos: cannot be compared with"),
        ("synsets", '{"pos": {"like": 1}}', "pos: no such condition: like"),
        ("senses", '{"n_siblings": {">": 1e30}}', "n_siblings: cannot be compared with"),
    ],
)
def test_a_condition_that_a_table_cannot_meet_is_no_damage_of_the_table(
    run_seen: Seen, table: str, where: str, said: str
) -> None:
    address = f"/table?stage=synsets&table={table}&where={quote(where)}"
    text = run_seen.text(address, 500)
    assert said in text
    assert "delete it" not in text


def test_a_table_is_in_groups_only_by_single_values(run_seen: Seen) -> None:
    said = run_seen.text("/table?stage=synsets&table=synsets&by=lemmas", 500)
    assert "lemmas: rows are not in groups by a column of lists" in said
    run_seen.text("/table?stage=..&table=..", 404)
    run_seen.text("/table?audit=..&table=items", 404)


def test_times_that_no_clock_says_are_a_page_like_others(run_seen: Seen) -> None:
    run_seen.text(f"/replies?first={'9' * 12}&end={'9' * 30}")
    run_seen.text("/replies?first=abc&end=-1")


def test_what_is_compared_with_may_go_away(finished: TinyRun, tmp_path: Path) -> None:
    other = make_tiny_release(tmp_path / "other")
    found = seen(finished.config, against=other)
    shutil.rmtree(other)
    assert "This cannot be shown" in found.text("/words?of=other", 500)
    for address in ("/compare", "/?of=other", "/words?of=other"):
        assert str(tmp_path) not in found.client.get(address).text


def test_a_run_that_has_not_begun_shows_its_stages(tiny_run: TinyRun) -> None:
    found = seen(tiny_run.config)
    assert "waiting" in found.text("/")
    assert "Nothing here is like that" in found.text("/words")


def test_a_run_without_a_release_shows_what_it_has_so_far(tiny_run: TinyRun) -> None:
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    found = seen(tiny_run.config)
    text = found.text("/word?lemma=khoan")
    assert "Bố <mark>khoan</mark> một lỗ xuyên qua tấm ván" in text
    assert exit_code(["run", "-c", str(tiny_run.config)]) == 0
    found.site._kept.clear()
    assert "train" in found.text("/word?lemma=khoan")


def test_while_a_new_index_is_made_the_one_before_is_shown_with_a_line_that_says_so(
    tiny_run: TinyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    found = seen(tiny_run.config)
    found.text("/word?lemma=khoan")
    may_go_on = threading.Event()

    def slow(*given: Any) -> None:
        may_go_on.wait(30)
        build_index(*given)

    monkeypatch.setattr(shelf, "build_index", slow)
    assert exit_code(["run", "-c", str(tiny_run.config)]) == 0
    found.site._kept.clear()
    try:
        answer = found.client.get("/word?lemma=khoan")
        assert answer.status_code == 200
        assert RENEWING in answer.text
        assert "Bố <mark>khoan</mark> một lỗ xuyên qua tấm ván" in answer.text
        assert ">train<" not in answer.text
    finally:
        may_go_on.set()
    assert ">train<" in found.text("/word?lemma=khoan")


def test_a_new_index_says_how_far_it_is_and_goes_over_to_the_page_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = make_tiny_release(tmp_path / "release")
    has_begun, may_go_on = threading.Event(), threading.Event()

    def slow(path: Path, tables: Any, doubts: Any, progress: Any) -> None:
        progress(3)
        has_begun.set()
        may_go_on.wait(30)
        build_index(path, tables, doubts, progress)

    monkeypatch.setattr(shelf, "build_index", slow)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = seen(release=release)
    try:
        assert found.client.get("/").status_code == 200  # needs none
        found.client.get("/words")
        assert has_begun.wait(30)
        answer = found.client.get("/word?lemma=khoan")
        assert answer.status_code == 503
        assert "indexed, once: 3 of 8 contexts" in answer.text
        assert '<progress class="whole" max="8" value="3"' in answer.text
        assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in answer.text
    finally:
        may_go_on.set()
    assert "<bdi>khoan</bdi></h1>" in found.text("/word?lemma=khoan")


def test_a_damaged_table_is_a_page_that_says_so_and_the_mended_one_is_shown(
    tiny_run: TinyRun,
) -> None:
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    [table] = (tiny_run.folder / "stages" / "contexts").glob("*/contexts.parquet")
    kept = table.read_bytes()
    table.write_bytes(kept[:-30])
    found = seen(tiny_run.config)
    text = found.text("/words", 500)
    assert "contexts.parquet: not a readable Parquet table" in text
    assert str(tiny_run.folder) not in text
    table.write_bytes(kept)
    assert "khoan" in found.text("/words")


def test_the_interface_speaks_the_languages_that_have_a_folder(run_seen: Seen) -> None:
    assert '<html lang="vi">' in run_seen.text("/words", **{"accept-language": "vi-VN,vi;q=0.9"})
    assert '<html lang="en">' in run_seen.text("/words", **{"accept-language": "fr, en;q=0.5"})
    assert '<html lang="en">' in run_seen.text("/words", **{"accept-language": ";;;q=x,,"})
    assert '<html lang="vi">' in run_seen.text("/words?lang=vi")
    assert '<html lang="vi">' in run_seen.text("/words")  # the cookie
    run_seen.text("/words?lang=en")


def test_the_plan_says_what_would_run_without_a_ledger_being_made(tiny_run: TinyRun) -> None:
    before = files_of(tiny_run.folder)
    text = seen(tiny_run.config).text("/plan")
    assert "would run" in text
    assert "requests to send" in text
    assert files_of(tiny_run.folder) == before


def test_a_finished_run_has_a_plan_without_requests(run_seen: Seen) -> None:
    assert "No requests to send." in run_seen.text("/plan")


def test_what_a_run_told_of_itself_stays_on_its_page(run_seen: Seen) -> None:
    text = run_seen.text("/")
    assert "When the last run ended" in text
    assert re.search(r"1\d new, 0 from the ledger", text)
    assert "<title>" in text.partition("Replies over time")[2]  # the chart has its bars


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
        (93_600, "1 d 2 h"),
    ],
)
def test_a_stretch_of_time_is_told_in_its_two_largest_units(seconds: int, said: str) -> None:
    assert duration(seconds) == said


def test_a_stage_took_from_its_first_reply_to_its_last(tiny_run: TinyRun) -> None:
    assert exit_code(["run", "-c", str(tiny_run.config)]) == 0
    with closing(sqlite3.connect(tiny_run.folder / "ledger.sqlite")) as file:
        file.execute("UPDATE replies SET created = 1000")
        file.execute(
            "UPDATE replies SET created = 8500 WHERE id ="
            " (SELECT max(id) FROM replies WHERE item LIKE 'contexts/%')"
        )
        file.commit()
    rows = seen(tiny_run.config).text("/").split("</tr>")
    [contexts] = [row for row in rows if '<th scope="row">contexts</th>' in row]
    [judge] = [row for row in rows if '<th scope="row">judge</th>' in row]
    [select] = [row for row in rows if '<th scope="row">select</th>' in row]
    assert '<td class="num">2 h 5 min<div class="faint">1970-01-01 00:16:40 –' in contexts
    assert '<td class="num">0 s<div' in judge
    assert not re.search(r"\d s<", select)
    assert f">written {datetime.now(UTC):%Y-%m-%d}" in select


def test_quality_tells_of_judges_variety_audits_and_leakage(run_seen: Seen) -> None:
    text = run_seen.text("/quality")
    for said in ("Before selection the judges agreed in 100.0 %", "distinct-2", "nothing leaks"):
        assert said in text
    assert "Nobody has audited this release." in text


def test_two_releases_are_compared_row_by_row(finished: TinyRun, tmp_path: Path) -> None:
    other = make_tiny_release(tmp_path / "other")
    found = seen(finished.config, against=other)
    text = found.text("/compare")
    assert re.search(r">15</a>\s*added", text)
    assert re.search(r">8</a>\s*dropped", text)
    assert re.search(r">0</span>\s*kept", text)
    both = r'<a data-count="15" href="/rows">15</a></td><td class="num"><a data-count="8"'
    assert f'<td class="num">{both} href="/rows?of=other">8</a></td>' in text
    assert "Con <mark>đường</mark> này dẫn ra bờ sông" in found.text("/compare?kind=dropped")
    same = seen(release=other, against=other)
    assert re.search(r">8</a>\s*kept", same.text("/compare"))


def test_two_runs_are_compared_stage_by_stage(finished: TinyRun, tiny_run: TinyRun) -> None:
    found = seen(finished.config, against=tiny_run.folder)
    assert exit_code(["run", "-c", str(tiny_run.config), "--until", "contexts"]) == 0
    text = found.text("/compare")
    rows = [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row) for row in text.split("<tr>")]
    table = 'data-count="15" href="/table?{}stage={}&amp;table={}">15</a>'
    here = "<a " + table.format("", "contexts", "contexts")
    there = "<a " + table.format("of=other&amp;", "contexts", "contexts")
    assert ["", "contexts", here, there, ""] in rows
    assert ["judge", "verdicts", "<a " + table.format("", "judge", "verdicts"), "–", ""] in rows
    [rejected] = [row for row in rows if row[1:2] == ["rejected: target_missing"]]
    where = "stage=contexts&amp;code=target_missing"
    assert rejected[2] == f'<a data-count="1" href="/rejects?{where}">1</a>'
    assert rejected[4] == ""
    assert "kept" not in text  # the other run has no release, so that no rows can be compared
    assert str(tiny_run.folder) not in text


def test_a_release_alone_is_not_compared_with_a_run(tiny_run: TinyRun, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a run is compared with a run: name yours with -c"):
        seen(release=make_tiny_release(tmp_path / "release"), against=tiny_run.folder)


def test_a_release_alone_has_its_pages(tmp_path: Path) -> None:
    found = seen(release=make_tiny_release(tmp_path / "release"))
    assert "<title>Release · viconwsd-demo 0.1.0</title>" in found.text("/")
    assert "Con <mark>đường</mark> này dẫn ra bờ sông | lớn." in found.text("/word?lemma=đường")
    row = re.search(r'href="(/row\?id=[^"]+)"', found.text("/rows"))
    assert row
    assert "contexts v1" in found.text(row[1])
    found.text("/quality")
    found.text("/plan", 404)


def test_a_model_that_is_not_there_is_said_to_be_missing(run_seen: Seen) -> None:
    assert "There is no model here" in run_seen.text("/model")
    run_seen.text("/map?lemma=khoan", 404)


def test_the_errors_of_an_evaluation_are_read_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "errors.md").write_text(
        "# Errors by lemma\n\nEach candidate.\n\n## đá: 1 of 2 wrong\n\n"
        "- Một [[đá]] (to) <b>x</b>. (test_seen, a-1#đá@(1))\n"
        "  - 80.0% **chosen** a-2#đá: đưa chân\n  - 20.0% **gold** a-1#đá: khoáng vật\n"
        "- dòng lạ\n",
        encoding="utf-8",
    )
    [lemma] = read_errors(tmp_path)
    [answer] = lemma.answers
    assert (lemma.lemma, lemma.wrong, lemma.of) == ("đá", 1, 2)
    assert answer.parts == ("Một ", "đá", " (to) <b>x</b>.")
    assert (answer.split, answer.context_id) == ("test_seen", "a-1#đá@(1)")
    assert [(g.share, g.gold, g.chosen, g.text) for g in answer.guesses] == [
        ("80.0%", False, True, "a-2#đá: đưa chân"),
        ("20.0%", True, False, "a-1#đá: khoáng vật"),
    ]


def test_an_evaluation_without_errors_has_none_to_read(tmp_path: Path) -> None:
    (tmp_path / "errors.md").write_text("# Errors by lemma\n\n## đá: 1 of 2 wrong\n", "utf-8")
    [lemma] = read_errors(tmp_path)
    assert lemma.answers == ()
    (tmp_path / "errors.md").write_text("# Errors by lemma\n\nEach candidate.\n", "utf-8")
    assert read_errors(tmp_path) == ()


def test_rows_that_a_model_doubts_are_marked(finished: TinyRun, tmp_path: Path) -> None:
    with seen(finished.config).site.index() as index:
        rows = index.rows(RowFilter(), 1).entries
    doubts = tmp_path / "doubts.csv"
    doubts.write_text(
        f"context_id,probability\n{rows[0].context_id},0.2\n{rows[1].context_id},0.7\n"
    )
    found = seen(finished.config, doubts=doubts)
    assert found.text("/rows").count("doubted by the model") == 1
    assert "with doubted" in found.text("/words?state=doubted")


def test_a_key_that_run_toml_names_stands_on_no_page(
    tiny_run: TinyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_VENDOR", "k3y<&>value")
    tiny_run.set("llm", 'api_key_env = "MY_VENDOR"')
    found = seen(tiny_run.config)
    text = found.client.get("/word", params={"lemma": "k3y<&>value"}).text
    assert "k3y" not in text
