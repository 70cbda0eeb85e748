"""How a model is asked in Indonesian: the templates beside this file, and the fields of replies."""

from __future__ import annotations

from pathlib import Path

from languages.prompts import PromptSet, ReplyFields

PROMPTS = PromptSet(
    folder=Path(__file__).parent,
    reply_fields=ReplyFields(
        gloss="Definisi bergaya kamus, 3-30 kata; kosong kalau tidak ada",
        number="Nomor kelompok",
        same_as="Nomor kelompok yang maknanya persis sama; 0 kalau tidak ada",
        glosses="Satu butir untuk setiap kelompok yang harus didefinisikan",
        word="Kata yang terpikir dari definisi itu",
        choice="Nomor kelompok yang didefinisikan, 0 kalau tidak ada",
        contexts="Kalimat-kalimat, masing-masing dengan tepat satu kata sasaran dalam [[ ]]",
        lemma="Kata sasaran, ditulis persis seperti yang diberikan",
        words="Satu butir untuk setiap kata sasaran",
        sentence="Nomor kalimat",
        sense="Nomor makna, 0 jika tidak ada makna yang sesuai",
        choices="Satu butir untuk setiap kalimat",
        english="Kata-kata bahasa Inggris yang semakna, yang paling lazim lebih dulu",
        synsets="Satu butir untuk setiap kelompok",
        entry="Nomor butir yang semakna, 0 bila tidak ada",
        text="Kalimat yang baru, dengan tepat satu bagian dalam [[ ]]",
        rephrased="Satu butir untuk setiap kalimat",
    ),
)
