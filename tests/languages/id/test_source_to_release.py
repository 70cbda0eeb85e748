"""Indonesian from a WN-LMF file to a release and an audit sheet; no Vietnamese on the way."""

import sqlite3
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from languages.find import find_language
from pipeline.cli.main import exit_code
from schemas.records import Example
from schemas.tables import read_table
from tests.conftest import contexts_reply, glosses_reply, recorded, verdict

pytest.importorskip("wn", reason="needs the extra wordnet")

VIETNAMESE = find_language("vi").spelling.letters - find_language("id").spelling.letters
SYNSETS = {
    "idt-1-n": ("n", ("bunga", "kembang")),
    "idt-2-n": ("n", ("bunga",)),
    "idt-3-n": ("n", ("halaman", "pekarangan")),
    "idt-4-n": ("n", ("halaman",)),
    "idt-5-n": ("n", ("bisa",)),
    "idt-6-r": ("r", ("bisa",)),
}
GLOSSES = {
    "idt-1-n": "bagian tumbuhan tempat bakal buah tumbuh, biasanya elok warnanya dan harum baunya",
    "idt-2-n": "imbalan yang dibayarkan atas uang yang dipinjam atau disimpan",
    "idt-3-n": "tanah terbuka di sekeliling rumah yang masih termasuk miliknya",
    "idt-4-n": "salah satu sisi lembar kertas dalam buku atau majalah",
    "idt-5-n": "zat beracun yang disemburkan ular atau serangga saat menggigit",
    "idt-6-r": "dengan kemampuan atau kesempatan untuk melakukan sesuatu",
}
CONTEXTS = {
    "idt-1-n#bunga": [
        "Ibu memetik setangkai [[bunga]] mawar di kebun belakang.",
        "Lebah hinggap dari satu [[bunga]] ke yang lain untuk mengisap madu.",
        "Pengantin itu membawa seikat [[bunga]] putih yang harum.",
    ],
    "idt-1-n#kembang": [
        "Taman kota dipenuhi [[kembang]] beraneka warna setiap musim hujan.",
        "Penjual itu merangkai [[kembang]] melati menjadi kalung.",
        "Di vas tua itu tersisa satu [[kembang]] sepatu yang sudah layu.",
    ],
    "idt-2-n#bunga": [
        "Bank menaikkan [[bunga]] deposito menjadi enam persen setahun.",
        "Ia terlilit utang karena [[bunga]] pinjamannya terlalu tinggi.",
        "Koperasi desa memberi kredit tanpa [[bunga]] kepada para petani.",
    ],
    "idt-3-n#halaman": [
        "Anak-anak bermain kelereng di [[halaman]] sampai azan magrib.",
        "Kakek menyapu [[halaman]] setiap pagi sebelum minum kopi.",
        "Mobil tetangga diparkir di [[halamannya]] yang sempit.",
    ],
    "idt-3-n#pekarangan": [
        "Di [[pekarangan]] rumah nenek tumbuh pohon mangga yang besar.",
        "Ayam-ayam itu dibiarkan mencari makan di [[pekarangan]] belakang.",
        "Mereka menanam cabai dan tomat di [[pekarangan]] sendiri.",
    ],
    "idt-4-n#halaman": [
        "Tolong buka buku kalian pada [[halaman]] tiga puluh dua.",
        "Berita itu dimuat di [[halaman]] depan semua surat kabar.",
        "Novel setebal lima ratus [[halaman]] itu habis dibacanya semalam.",
    ],
    "idt-5-n#bisa": [
        "Dokter menyuntikkan penawar karena [[bisa]] ular itu mulai menyebar.",
        "Peneliti memerah [[bisa]] kobra untuk dijadikan serum.",
        "Sengatan kalajengking itu mengandung [[bisa]] yang mematikan.",
    ],
    "idt-6-r#bisa": [
        "Adik baru lima tahun, tetapi sudah [[bisa]] membaca koran.",
        "Besok saya tidak [[bisa]] hadir karena harus mengantar ibu.",
        "Dengan sepeda tua itu ia [[bisa]] sampai ke sekolah tepat waktu.",
    ],
}
FAULTY = {"idt-5-n#bisa": "Kalau hujan tidak reda, [[bisa]]-bisa kita ketinggalan kereta."}
"""In place of a sense's last sentence in round 1; it comes in round 2."""


def lmf() -> str:
    entries: dict[tuple[str, str], list[str]] = {}
    for synset, (pos, lemmas) in SYNSETS.items():
        for lemma in lemmas:
            entries.setdefault((lemma, pos), []).append(synset)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE LexicalResource SYSTEM "https://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd">',
        '<LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">',
        '<Lexicon id="idt" label="Uji" language="id" version="1" license="MIT" email="a@b.org">',
    ]
    for (lemma, pos), synsets in entries.items():
        senses = "".join(f'<Sense id="s-{lemma}-{s}" synset="{s}"/>' for s in synsets)
        head = f'<Lemma writtenForm="{lemma}" partOfSpeech="{pos}"/>'
        lines.append(f'<LexicalEntry id="e-{lemma}-{pos}">{head}{senses}</LexicalEntry>')
    lines += [
        f'<Synset id="{synset}" ili="" partOfSpeech="{pos}"/>'
        for synset, (pos, _) in SYNSETS.items()
    ]
    return "\n".join([*lines, "</Lexicon>", "</LexicalResource>", ""])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "replies").mkdir()
    (tmp_path / "id.xml").write_text(lmf(), encoding="utf-8")
    glosses = "".join(recorded(item, glosses_reply(text)) for item, text in GLOSSES.items())
    contexts = verdicts = ""
    for sense, sentences in CONTEXTS.items():
        first = [*sentences[:-1], FAULTY.get(sense, sentences[-1])]
        contexts += recorded(sense, contexts_reply(first))
        if sense in FAULTY:
            contexts += recorded(sense, contexts_reply(sentences[-1:]), round_=2)
        verdicts += "".join(verdict(sense, marked) for marked in sentences)
    for name, text in (("glosses", glosses), ("contexts", contexts), ("verdicts", verdicts)):
        (tmp_path / "replies" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (tmp_path / "run.toml").write_text(
        '[run]\nlanguage = "id"\n\n[source]\nkind = "lmf"\npath = "id.xml"\n\n'
        '[llm]\nbase_url = "http://recorded.invalid/v1"\nmodel = "recorded-replies"\n\n'
        '[replay]\nfolder = "replies"\n\n[contexts]\nper_sense = 3\n\n'
        "[split]\nvalidation = 0.1\ntest_seen = 0.1\ntest_unseen_sense = 0\n"
        "test_unseen_lemma = 0.2\n",
        encoding="utf-8",
    )
    return tmp_path


def sent(ledger: Path) -> str:
    """Everything in the ledger as one text."""
    with sqlite3.connect(ledger) as database:
        return "\n".join(line for line in database.iterdump() if line.startswith("INSERT"))


def test_a_small_wordnet_goes_from_source_to_release(folder: Path) -> None:
    config = str(folder / "run.toml")
    assert exit_code(["run", "-c", config]) == 0
    files = sorted((folder / "release" / "data" / "examples").glob("*.parquet"))
    rows = [row for file in files for row in read_table(file, Example)]
    wanted = {
        sentence.replace("[[", "").replace("]]", "")
        for sentences in CONTEXTS.values()
        for sentence in sentences
    }
    assert {row.sentence for row in rows} == wanted
    assert {row.target.lower() for row in rows} == {
        *("bunga", "kembang", "halaman", "halamannya", "pekarangan", "bisa"),
    }
    card = (folder / "release" / "README.md").read_text(encoding="utf-8")
    assert "## Ringkasan dalam bahasa Indonesia" in card
    assert "language:\n- id" in card or "language: [id]" in card
    assert not VIETNAMESE & set(card.lower())


def test_no_prompt_and_no_sheet_holds_vietnamese(folder: Path) -> None:
    config = str(folder / "run.toml")
    assert exit_code(["run", "-c", config]) == 0
    texts = sent(folder / "ledger.sqlite")
    assert "bisa" in texts
    assert not VIETNAMESE & set(texts.lower())
    assert exit_code(["audit", "sample", "-c", config, "--size", "8", "--annotators", "Sari"]) == 0
    (sheet,) = (folder / "audits" / "audit").rglob("*.xlsx")
    workbook = CalamineWorkbook.from_path(sheet)
    assert workbook.sheet_names[:2] == ["Petunjuk", "Pertanyaan"]
    cells = " ".join(
        str(cell)
        for name in workbook.sheet_names
        for row in workbook.get_sheet_by_name(name).to_python()
        for cell in row
    )
    assert "Kalimatnya wajar?" in cells
    assert not VIETNAMESE & set(cells.lower())
