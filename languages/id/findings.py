"""What a model is told in Indonesian of a text that was rejected."""

from __future__ import annotations

from languages.findings import Findings

_OF_BOTH = {
    "control_characters": "mengandung karakter kendali",
    "several_lines": "terpotong menjadi beberapa baris",
    "leftover_markup": "masih memuat tanda pemformatan ({found})",
    "other_language": "tidak ditulis dalam bahasa Indonesia",
    "foreign_script": "memuat huruf dari aksara lain (“{found}”)",
}

FINDINGS = Findings(
    of_gloss={code: f"definisi {fault}" for code, fault in _OF_BOTH.items()}
    | {
        "empty": "definisi kosong",
        "length": "definisi terdiri atas {length} kata, seharusnya {least}-{most} kata",
        "circular": "definisi memakai kata “{found}” yang sedang didefinisikan",
        "sibling_lemma": "definisi hanya berupa “{found}”, kata dari makna lain",
        "formula_opening": "dibuka dengan rumusan “{found}”",
        "meta_talk": "memuat kata pengantar atau label (“{found}”)",
        "equal_gloss": "sama dengan definisi makna lain: “{found}”",
        "near_equal_gloss": "hampir sama dengan definisi makna lain: “{found}”",
    },
    of_context={code: f"kalimat {fault}" for code, fault in _OF_BOTH.items()}
    | {
        "length": "kalimat terdiri atas {length} kata, seharusnya {least}-{most} kata",
        "meta_talk": "kalimat memuat kata pengantar atau label (“{found}”)",
        "target_missing": "tidak ada [[{lemma}]] yang ditandai",
        "target_marked_twice": "ada {number} bagian bertanda [[ ]], hanya boleh satu",
        "target_altered": "yang ditandai [[{found}]], seharusnya [[{lemma}]]",
        "target_in_longer_word": "[[{target}]] hanya bagian dari kata “{found}”",
        "several_sentences": "ada {number} kalimat, hanya boleh satu",
        "copied_gloss": "kalimat menyalin definisi",
        "duplicate": "sama dengan kalimat “{found}”",
        "near_duplicate": "hampir sama dengan kalimat “{found}”",
        "overused_word": "kata “{found}” sudah ada dalam terlalu banyak kalimat makna ini",
    },
    copied="meniru teks yang sudah ada (“{found}”): pakailah kata-kata lain",
    misread="orang yang hanya membaca definisi ini mengiranya “{found}”",
    no_like="tidak mungkin sama dengan kelompok {found}: tulislah definisinya",
    meaning_lost="pembaca lain memahami kata dalam [[ ]] dengan makna lain: pertahankan maknanya",
    untranslated="[[{found}]] belum diterjemahkan",
)
