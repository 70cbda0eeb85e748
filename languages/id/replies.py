"""The form of replies, as an Indonesian prompt asks for it."""

from __future__ import annotations

from languages.replies import Replies

REPLIES = Replies(
    json_only=(
        "\n\nJawablah hanya dengan satu objek JSON, tanpa kata pengantar atau penjelasan, "
        "menurut JSON Schema berikut:\n{schema}"
    ),
    invalid=(
        "Jawaban di atas tidak sah:\n{faults}\n"
        "Kirimkan kembali seluruh jawaban yang sudah diperbaiki sebagai satu objek JSON."
    ),
    too_long=(
        "Jawaban di atas terpotong karena terlalu panjang. Jawablah lagi dari awal dengan lebih "
        "singkat, tanpa pengulangan, sebagai satu objek JSON yang utuh."
    ),
    empty="(kosong)",
    no_object="Tidak ditemukan objek JSON yang sah dalam jawaban.",
    fault_of_field='- bidang "{path}": {fault}',
    fault="- {fault}",
    more_faults="- dan {n} kesalahan lain",
    faults={
        "missing": "bidang ini tidak ada",
        "extra_forbidden": "bidang ini tidak boleh ada",
        "string_type": "harus berupa string",
        "int_type": "harus berupa bilangan bulat",
        "int_parsing": "harus berupa bilangan bulat",
        "bool_type": "harus true atau false",
        "list_type": "harus berupa daftar",
        "tuple_type": "harus berupa daftar",
        "dict_type": "harus berupa objek",
        "model_type": "harus berupa objek",
        "enum": "harus salah satu dari: {expected}",
        "literal_error": "harus salah satu dari: {expected}",
        "string_too_short": "terlalu pendek, paling sedikit {min_length} karakter",
        "string_too_long": "terlalu panjang, paling banyak {max_length} karakter",
        "too_short": "berisi {actual_length} butir, paling sedikit {min_length}",
        "too_long": "terlalu banyak butir, paling banyak {max_length}",
        "string_pattern_mismatch": "tidak sesuai dengan pola {pattern}",
        "greater_than_equal": "harus lebih besar dari atau sama dengan {ge}",
        "less_than_equal": "harus lebih kecil dari atau sama dengan {le}",
        "greater_than": "harus lebih besar dari {gt}",
        "less_than": "harus lebih kecil dari {lt}",
    },
)
