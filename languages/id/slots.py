"""What Indonesian sentences of a sense are to differ in."""

from __future__ import annotations

from languages.id.grammar import GRAMMAR
from languages.slots import Slots
from schemas.records import Pos

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
        "news": "gaya surat kabar",
        "narrative": "gaya cerita",
        "spoken": "ragam cakapan",
        "dialogue": "ucapan kepada seseorang",
        "academic": "gaya buku pelajaran",
        "official": "gaya surat resmi",
    },
    region={
        "jakarta": "cakapan Jakarta",
        "javanese": "cakapan orang Jawa",
        "sumatran": "cakapan orang Sumatra",
    },
    sentence={
        "question": "kalimat tanya",
        "exclamation": "kalimat seru",
        "request": "kalimat perintah atau permintaan",
    },
    length={
        "short": "kalimat pendek",
        "long": "kalimat panjang",
    },
    bands={"short": (6, 10), "long": (17, 28)},
    function={
        Pos.NOUN: {
            "subject": "kata sasaran sebagai subjek",
            "object": "kata sasaran sebagai objek",
            "prepositional": "kata sasaran sesudah kata depan",
            "modifier": "kata sasaran menerangkan nomina lain",
            "counted": "kata sasaran sesudah bilangan",
        },
        Pos.VERB: {
            "predicate": "kata sasaran sebagai predikat",
            "negated": "kata sasaran diingkari",
            "modal": "kata sasaran sesudah harus, bisa, atau mau",
            "condition": "kata sasaran dalam anak kalimat syarat",
            "relative": "kata sasaran sesudah yang",
        },
        Pos.ADJ: {
            "predicate": "kata sasaran sebagai predikat",
            "attribute": "kata sasaran menerangkan nomina",
            "compared": "kata sasaran dalam perbandingan",
            "negated": "kata sasaran diingkari",
        },
        Pos.ADV: {
            "of_verb": "kata sasaran menerangkan verba",
            "of_clause": "kata sasaran menerangkan seluruh kalimat",
        },
        Pos.OTHER: {},
    },
    position={
        "start": "kata sasaran di awal kalimat",
        "middle": "kata sasaran di tengah kalimat",
        "end": "kata sasaran di akhir kalimat",
    },
    collocate={
        "without": "tanpa kata yang paling sering menyertainya",
    },
    common=GRAMMAR.grammatical | frozenset(_COMMON.split()),
)
