"""Indonesian wording of replies, labels and formulas."""

from __future__ import annotations

from languages.wording import Wording
from schemas.records import Pos

_REGISTERS = (
    "berita|jurnalistik|sastra|lisan|percakapan|ilmiah|resmi|media sosial|sehari-hari|formal|"
    "informal|akrab|hukum|ekonomi|olahraga|iklan"
)
_KINDS = (
    r"(?:sesuatu|suatu|sebuah|seorang|orang|benda|barang|hal|keadaan|kondisi|sifat|tindakan|"
    r"perbuatan|kegiatan|proses|peristiwa|perasaan|cara|tempat|waktu|jenis|konsep|gejala)\b"
)
_WORDS = (
    r"(?:kata|istilah|frasa|ungkapan|nomina|verba|adjektiva|adverbia|"
    r"kata (?:benda|kerja|sifat|keterangan|ganti))"
)
_SAYS = "menyatakan|menyebut|menggambarkan|menunjukkan|mengacu|merujuk|menerangkan|melukiskan"

WORDING = Wording(
    talk=(
        "berikut (?:ini )?(?:adalah|ialah)",
        r"berikut (?:ini )?(?:beberapa|sejumlah|\d+|contoh|kalimat|definisi)",
        r"ini (?:adalah )?(?:contoh|kalimat|definisi)",
        r"tentu(?: saja)?[,!]",
        r"baik(?:lah)?[,!] (?:berikut|ini)",
        "dengan senang hati",
    ),
    labels=tuple(
        rf"{word}(?:\s*(?:nomor|ke-?))?"
        for word in ("kalimat", "contoh", "cth", r"cth\.", "konteks", "butir")
    ),
    gloss_labels=("definisi", "arti", "makna", "pengertian"),
    registers=(rf"(?:ragam|gaya)?\s*(?:{_REGISTERS})",),
    mentions=(
        *("kata", "istilah", "frasa", "ungkapan"),
        *("nomina", "verba", "adjektiva", "adverbia"),
        "kata (?:benda|kerja|sifat|keterangan)",
    ),
    about_meaning=(
        *("berarti", "artinya", "bermakna", "maknanya", "memiliki arti", "mempunyai arti"),
        *("digunakan untuk", "dipakai untuk", "dalam kalimat"),
        "adalah (?:kata (?:benda|kerja|sifat)|nomina|verba|adjektiva|adverbia)",
    ),
    about_task=("sinonim (?:dari|kata)", "kelompok kata (?:ini|itu|tersebut)", "kelas kata"),
    formulas=(
        r"(?:ini )?(?:adalah|ialah|merupakan|yaitu|yakni)\b",
        rf"{_WORDS} (?:ini )?(?:yang )?(?:di(?:gunakan|pakai) )?(?:untuk )?(?:{_SAYS})\b",
        rf"(?:di(?:gunakan|pakai) )?untuk (?:{_SAYS})\b",
        rf"(?:{_SAYS})(?: pada| kepada)? {_KINDS}",
        r"(?:mempunyai |memiliki )?(?:arti|makna)\b|artinya\b|berarti\b",
        r"konsep (?:tentang|mengenai)\b",
    ),
    formulas_by_pos={
        Pos.VERB: (r"(?:suatu |sebuah )?(?:tindakan|perbuatan|kegiatan|proses|aktivitas|hal)\b",),
        Pos.ADJ: (
            r"(?:suatu |sebuah |dalam )?(?:sifat|keadaan|kondisi|ciri|hal)\b",
            rf"(?:{_SAYS}) {_KINDS}",
        ),
        Pos.ADV: (r"(?:suatu )?(?:tindakan|keadaan|hal)\b", rf"(?:{_SAYS}) {_KINDS}"),
    },
    wiki=("templat", "kategori", "berkas"),
)
