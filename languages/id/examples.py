"""What passes and what fails in Indonesian, rule by rule, around *bisa* (venom; to be able to)."""

from __future__ import annotations

from languages.examples import Examples, Lemmas, NoiseExample, RuleExample
from schemas.records import Pos


def _lemma(passing: str, failing: str) -> NoiseExample:
    return NoiseExample(((passing,),), ((failing,),))


_BISA: Lemmas = ("bisa", "racun ular")

EXAMPLES = Examples(
    lemma="bisa",
    pos=Pos.NOUN,
    gloss="zat beracun yang dikeluarkan ular atau serangga melalui gigitan dan sengatan",
    context="Dokter menyuntikkan penawar karena [[bisa]] ular itu mulai menyebar ke lengannya.",
    words=("bisa", "bisa-bisa", "rumah sakit"),
    siblings=("sanggup melakukan sesuatu",),
    of_gloss={
        "empty": RuleExample(" “.” "),
        "control_characters": RuleExample(
            "zat beracun yang dikeluarkan ular\x00 melalui gigitannya",
            "zat beracun yang dikeluarkan\u00a0ular melalui\u200b gigitannya",
        ),
        "several_lines": RuleExample(
            "zat beracun yang dikeluarkan\nular melalui gigitannya",
            "zat beracun yang dikeluarkan ular melalui gigitannya\n",
        ),
        "leftover_markup": RuleExample(
            "zat **beracun** yang dikeluarkan ular melalui gigitannya",
            "zat beracun (dari kelenjar) yang dikeluarkan ular melalui gigitannya",
        ),
        "length": RuleExample("racun ular"),
        "other_language": RuleExample(
            "a poisonous fluid which snakes and some insects make",
            "zat beracun yang dikeluarkan ular kobra dari suku Elapidae",
        ),
        "foreign_script": RuleExample(
            "zat beracun yang dikeluarkan 蛇 melalui gigitannya",
            "sinar α atau β yang dipancarkan inti atom saat meluruh",
        ),
        "circular": RuleExample(
            "cairan berupa bisa yang dikeluarkan ular melalui gigitannya",
            "cairan yang biasa dikeluarkan ular melalui gigitannya",
        ),
        "sibling_lemma": RuleExample("sanggup melakukan sesuatu"),
        "formula_opening": RuleExample(
            "adalah zat beracun yang dikeluarkan ular melalui gigitannya"
        ),
        "meta_talk": RuleExample("Definisi: zat beracun yang dikeluarkan ular melalui gigitannya"),
        "equal_gloss": RuleExample(
            "Zat beracun yang dikeluarkan ular atau serangga, melalui gigitan dan sengatan.",
            "kemampuan untuk melakukan atau menyelesaikan sesuatu",
        ),
        "near_equal_gloss": RuleExample(
            "zat beracun yang dikeluarkan ular atau serangga melalui gigitan dan semburan",
            "zat beracun yang terkandung dalam daun dan getah sejumlah tumbuhan",
        ),
    },
    of_context={
        "control_characters": RuleExample(
            "Dokter menyuntikkan penawar karena [[bisa]] ular itu\x07 mulai menyebar.",
            "Dokter menyuntikkan penawar\u200b karena [[bisa]]\u00a0ular itu mulai menyebar.",
        ),
        "several_lines": RuleExample(
            "Dokter menyuntikkan penawar\nkarena [[bisa]] ular itu mulai menyebar.",
            "Dokter menyuntikkan penawar karena [[bisa]] ular itu mulai menyebar.\n",
        ),
        "leftover_markup": RuleExample(
            "Dokter **menyuntikkan** penawar karena [[bisa]] ular itu mulai menyebar.",
            "Kata ayah, “Jangan didekati, [[bisa]] ular itu sangat mematikan!”",
        ),
        "target_missing": RuleExample(
            "Dokter menyuntikkan penawar karena bisa ular itu mulai menyebar."
        ),
        "target_marked_twice": RuleExample(
            "Ada ular yang [[bisa]] lumpuh, ada pula yang [[bisa]] sangat mematikan.",
            "Kita bisa selamat asalkan [[bisa]] ular itu segera dikeluarkan.",
        ),
        "target_altered": RuleExample(
            "Dokter menyuntikkan penawar karena [[bisa ular]] itu mulai menyebar.",
            "Ular itu kecil, tetapi [[bisanya]] dapat melumpuhkan seekor kerbau.",
        ),
        "target_in_longer_word": RuleExample(
            "Kalau hujan tidak segera reda, [[bisa]]-bisa kita ketinggalan kereta."
        ),
        "length": RuleExample("Awas [[bisa]] ular!"),
        "several_sentences": RuleExample(
            "Dokter menyuntikkan penawar [[bisa]] ular itu. Semua orang merasa lega.",
            "“Cepat!” kata Dr. H. Amir sambil menyiapkan 2.5 mililiter penawar [[bisa]].",
        ),
        "other_language": RuleExample(
            "The doctor gave her the antidote because [[bisa]] was in her blood.",
            "Perusahaan Johnson Controls meneliti [[bisa]] ular bersama peneliti di Melbourne.",
        ),
        "foreign_script": RuleExample(
            "Dokter menyuntikkan penawar karena [[bisa]] 蛇 itu mulai menyebar.",
            "Protein α dalam [[bisa]] ular itu diteliti oleh tim Universitas Zürich.",
        ),
        "copied_gloss": RuleExample(
            "Dikatakan bahwa [[bisa]] itu zat beracun yang dikeluarkan ular atau serangga "
            "melalui gigitan dan sengatan."
        ),
        "meta_talk": RuleExample(
            "Kalimat 1: Dokter menyuntikkan penawar karena [[bisa]] ular itu mulai menyebar.",
            "Kalimat dokter itu menenangkan kami: [[bisa]] ularnya belum menyebar.",
        ),
        "duplicate": RuleExample(
            "dokter menyuntikkan penawar, karena [[bisa]] ular itu mulai menyebar ke lengannya",
            "Pawang itu memerah [[bisa]] kobra ke dalam gelas kecil.",
        ),
        "near_duplicate": RuleExample(
            "Dokter menyuntikkan penawar karena [[bisa]] ular itu mulai menyebar ke kakinya.",
            "Setelah penawar disuntikkan, pengaruh [[bisa]] itu perlahan hilang dari lengannya.",
        ),
        "overused_word": RuleExample(
            "Penawar yang langka itu melumpuhkan [[bisa]] kobra.",
            "Petani tua tahu cara mengeluarkan [[bisa]] kobra dengan aman.",
        ),
    },
    of_lemma={
        "stray_character": _lemma("air mata", "air\u200b mata"),
        "empty_lemma": NoiseExample((("bisa", "racun"),), (("bisa", " "),)),
        "template_residue": _lemma("templat", "Templat : kata benda"),
        "foreign_script": _lemma("sinar alfa", "sinar α"),
        "foreign_letter": _lemma("apel", "åpple"),
        "foreign_phrase": _lemma("apel merah", "out of the box"),
        "stray_punctuation": _lemma("Jum'at", "(bahasa) gaul"),
        "no_letter": _lemma("persen %", "1/100"),
        "over_long": _lemma(
            "rumah sakit umum", "bangunan besar tempat orang sakit dirawat oleh dokter"
        ),
        "repeated_lemma": NoiseExample((("apel", "apél"),), (("apel", "Apel"),)),
        "no_lemma_left": NoiseExample((("Saturnus",),), (("=",),)),
        "indistinct_synset": NoiseExample((_BISA, ("bisa",)), (_BISA, ("racun ular", "Bisa"))),
    },
)
