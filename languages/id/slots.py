"""What Indonesian sentences of a sense are to differ in."""

from __future__ import annotations

from languages.id.grammar import GRAMMAR
from languages.slots import Choice, Slots
from schemas.records import Pos

_WRITTEN = {"region": ("any",), "sentence": ("statement", "question")}
_FRONT = {"position": ("any", "start")}
_BACK = {"position": ("any", "middle", "end")}
_COMMON = """
aku anak anda apa bapak baru begitu belum benar beberapa besar bisa boleh cuma dia dua hanya hari
harus ibu ingin jadi jangan juga kalau kali kami kamu kata kecil kemarin ketika kita lagi lalu lama
malam masih mau mereka nanti pagi pak pernah pun punya saat saja saya sebelum sekali sekarang
selalu semua sendiri seorang setelah setiap siang sini siapa sore sudah tadi tahun tak tiap tiga
tolong waktu ya
"""

SLOTS = Slots(
    domain={
        "arts": "tentang seni",
        "children": "tentang anak-anak",
        "crafts": "tentang kerajinan dan pertukangan",
        "farming": "tentang pertanian",
        "friends": "tentang teman dan tetangga",
        "health": "tentang kesehatan",
        "history": "tentang sejarah",
        "home": "tentang keluarga",
        "law": "tentang hukum",
        "market": "tentang pasar",
        "media": "tentang berita",
        "money": "tentang uang dan usaha",
        "nature": "tentang alam",
        "school": "tentang sekolah",
        "science": "tentang ilmu pengetahuan",
        "sport": "tentang olahraga",
        "technology": "tentang teknologi",
        "travel": "tentang perjalanan",
        "work": "tentang tempat kerja",
    },
    style={
        "news": Choice("gaya surat kabar", 2, _WRITTEN),
        "narrative": Choice("gaya cerita", 2, {"region": ("any",)}),
        "spoken": Choice("ragam cakapan", 2),
        "dialogue": Choice("ucapan kepada seseorang", 2),
        "academic": Choice("gaya buku pelajaran", 1, _WRITTEN),
        "official": Choice("gaya surat resmi", 1, _WRITTEN),
    },
    region={
        "any": Choice("", 3),
        "jakarta": Choice("cakapan Jakarta"),
        "javanese": Choice("cakapan orang Jawa", 0.5),
        "sumatran": Choice("cakapan orang Sumatra", 0.5),
    },
    sentence={
        "statement": Choice("", 6),
        "question": Choice("kalimat tanya", 2),
        "exclamation": Choice("kalimat seru"),
        "request": Choice("kalimat perintah atau permintaan"),
    },
    length={
        "short": Choice("kalimat pendek", 1),
        "medium": Choice("", 2),
        "long": Choice("kalimat panjang", 1),
    },
    bands={"short": (6, 10), "medium": (11, 16), "long": (17, 28)},
    function={
        Pos.NOUN: {
            "any": Choice("", 5),
            "subject": Choice("kata sasaran sebagai subjek", 2, _FRONT),
            "object": Choice("kata sasaran sebagai objek", 2, _BACK),
            "prepositional": Choice("kata sasaran sesudah kata depan", 1),
            "modifier": Choice("kata sasaran menerangkan nomina lain", 1),
            "counted": Choice("kata sasaran sesudah bilangan", 1),
        },
        Pos.VERB: {
            "any": Choice("", 5),
            "predicate": Choice("kata sasaran sebagai predikat", 2),
            "negated": Choice("kata sasaran diingkari", 1),
            "modal": Choice("kata sasaran sesudah harus, bisa, atau mau", 1, _BACK),
            "condition": Choice("kata sasaran dalam anak kalimat syarat", 1),
            "relative": Choice("kata sasaran sesudah yang", 1),
        },
        Pos.ADJ: {
            "any": Choice("", 5),
            "predicate": Choice("kata sasaran sebagai predikat", 2),
            "attribute": Choice("kata sasaran menerangkan nomina", 2),
            "compared": Choice("kata sasaran dalam perbandingan", 1),
            "negated": Choice("kata sasaran diingkari", 1),
        },
        Pos.ADV: {
            "any": Choice("", 5),
            "of_verb": Choice("kata sasaran menerangkan verba", 2),
            "of_clause": Choice("kata sasaran menerangkan seluruh kalimat", 1, _FRONT),
        },
        Pos.OTHER: {"any": Choice("")},
    },
    position={
        "any": Choice("", 4),
        "start": Choice("kata sasaran di awal kalimat"),
        "middle": Choice("kata sasaran di tengah kalimat"),
        "end": Choice("kata sasaran di akhir kalimat"),
    },
    collocate={
        "with": Choice("", 2),
        "without": Choice("tanpa kata yang paling sering menyertainya"),
    },
    common=GRAMMAR.grammatical | frozenset(_COMMON.split()),
)
