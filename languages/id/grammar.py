"""What an Indonesian grammar calls parts of speech, supersenses, and which forms words have."""

from __future__ import annotations

import re

from languages.grammar import Grammar
from schemas.records import Pos

_GRAMMATICAL = """
ada adalah agar akan antara atas atau bagi bahwa bukan dalam dan dapat dari daripada dengan di hal
hingga ia ialah ini itu jika juga karena ke kepada lain lebih maka mereka oleh orang pada para
sangat sebagai sebuah sedang sehingga seorang seperti serta sesuatu suatu sudah supaya tanpa telah
terhadap tetapi tidak untuk yaitu yang
"""
_ENCLITICS = re.compile(r"(?:ku|mu|nya)?(?:lah|kah|tah|pun)?")


def with_enclitics(key: str, lemma: str, _: Pos | None) -> bool:
    """Whether a word is the lemma with nothing or with particles behind it: *bisanya*, *pergilah*.

    Prefixes make words of their own (*mengebor*, *dibor*), which a WordNet lists as lemmas.
    """
    return key.startswith(lemma) and _ENCLITICS.fullmatch(key, len(lemma)) is not None


GRAMMAR = Grammar(
    pos_names={
        Pos.NOUN: "nomina",
        Pos.VERB: "verba",
        Pos.ADJ: "adjektiva",
        Pos.ADV: "adverbia",
        Pos.OTHER: "kelas kata lain",
    },
    supersenses={
        "noun.tops": "",
        "noun.act": "tindakan, kegiatan, perbuatan",
        "noun.animal": "hewan",
        "noun.artifact": "benda atau bangunan buatan manusia",
        "noun.attribute": "sifat atau ciri orang dan benda",
        "noun.body": "bagian tubuh",
        "noun.cognition": "pikiran, pengetahuan, proses berpikir",
        "noun.communication": "bahasa, komunikasi, penyampaian informasi",
        "noun.event": "peristiwa, kejadian",
        "noun.feeling": "perasaan, emosi",
        "noun.food": "makanan, minuman",
        "noun.group": "kelompok, kumpulan orang atau benda, organisasi",
        "noun.location": "tempat, letak dalam ruang",
        "noun.motive": "alasan, tujuan",
        "noun.object": "benda alam, bukan buatan manusia",
        "noun.person": "orang",
        "noun.phenomenon": "gejala alam",
        "noun.plant": "tumbuhan",
        "noun.possession": "harta, kepemilikan, dan peralihannya",
        "noun.process": "proses alamiah",
        "noun.quantity": "jumlah, satuan ukuran",
        "noun.relation": "hubungan antara orang, benda, atau gagasan",
        "noun.shape": "bentuk",
        "noun.state": "keadaan yang menetap",
        "noun.substance": "bahan, zat",
        "noun.time": "waktu dan hubungan waktu",
        "verb.body": "perawatan tubuh, berpakaian, fungsi tubuh",
        "verb.change": "perubahan ukuran, suhu, sifat, atau kekuatan",
        "verb.cognition": "berpikir, menilai, menganalisis, meragukan",
        "verb.communication": "berbicara, bertanya, memerintah, bernyanyi",
        "verb.competition": "berkelahi, bertanding, memperebutkan",
        "verb.consumption": "makan, minum, memakai habis",
        "verb.contact": "menyentuh, memukul, mengikat, menggali",
        "verb.creation": "menjahit, memanggang, melukis, mementaskan, membuat",
        "verb.emotion": "merasakan emosi",
        "verb.motion": "berjalan, terbang, berenang, bergerak",
        "verb.perception": "melihat, mendengar, mengindra",
        "verb.possession": "membeli, menjual, memberi, menerima, memiliki",
        "verb.social": "kegiatan dan peristiwa politik serta sosial",
        "verb.stative": "berada, mempunyai, hubungan ruang atau waktu",
        "verb.weather": "hujan, salju, guntur, dan cuaca pada umumnya",
        "adj": "sifat, ciri",
        "adj.all": "sifat, ciri",
        "adj.pert": "berkaitan dengan suatu hal",
        "adj.ppl": "keadaan akibat suatu tindakan",
        "adv": "cara, tingkat, waktu, atau tempat",
        "adv.all": "cara, tingkat, waktu, atau tempat",
        "conj": "konjungsi, penghubung kata, frasa, atau klausa",
        "interj": "interjeksi, ungkapan perasaan atau seruan",
        "prep": "preposisi, penghubung kata dengan keterangannya",
        "pron": "pronomina, pengganti atau penyapa orang dan benda",
    },
    genera={
        "noun.act": "perbuatan, tindakan, kegiatan",
        "noun.attribute": "sifat, ciri, tingkat",
        "noun.event": "peristiwa, kejadian",
        "noun.feeling": "perasaan",
        "noun.group": "kelompok, kumpulan, organisasi",
        "noun.person": "orang yang",
        "noun.phenomenon": "gejala alam",
        "noun.process": "proses",
        "noun.relation": "hubungan",
        "noun.state": "keadaan, kondisi, penyakit",
        "noun.time": "waktu, masa",
    },
    grammatical=frozenset(_GRAMMATICAL.split()),
    is_form=with_enclitics,
)
