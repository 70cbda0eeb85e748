"""What data cards and model cards say in Indonesian."""

from __future__ import annotations

from languages.card import CardFigures, CardTexts, OwnCardTexts, PlotText, PlotTexts


def summary(figures: CardFigures) -> str:
    """The paragraph of a data card."""
    written = "ditulis oleh model bahasa"
    audited = " dan sebuah sampelnya dinilai oleh penutur asli" if figures.audited else ""
    demo = ""
    if figures.recorded:
        written, audited = "diambil dari jawaban yang telah direkam", ""
        demo = "**Rilis ini hanya contoh cara kerja; jangan dipakai untuk pelatihan.** "
    parts = (
        "**Bagian-bagian data masih tumpang tindih (lihat bagian Leakage), sehingga hasil pada "
        "bagian uji belum dapat dipercaya.**"
    )
    if figures.clean:
        parts = (
            "Bagian latih, validasi, dan uji dipisahkan sehingga tidak ada kalimat yang sama atau "
            "hampir sama di dua bagian; dua bagian uji khusus memuat makna dan kata yang tidak "
            "pernah muncul dalam bagian latih."
        )
    return (
        f"{figures.name} adalah kumpulan data makna kata bahasa Indonesia yang terdiri atas "
        f"{_number(figures.examples)} kalimat. Dalam setiap kalimat satu kata sasaran ditandai "
        "letaknya, disertai makna kata itu dalam kalimat tersebut dan definisinya. Inventaris "
        f"maknanya memuat {_number(figures.senses)} makna dari {_number(figures.lemmas)} kata; "
        f"{_number(figures.same_pos_lemmas)} kata di antaranya mempunyai dua makna atau lebih "
        f"dalam kelas kata yang sama. Makna-makna itu berasal dari {figures.source}; definisi dan "
        f"kalimatnya {written}, lalu diperiksa secara otomatis{audited}. {demo}{parts} "
        f"Lisensi: {figures.licence}."
    )


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


CARD = CardTexts(
    example="Ular itu menyemburkan [[bisa]] ke arah pawang",
    own=OwnCardTexts(
        heading="Ringkasan dalam bahasa Indonesia",
        summary=summary,
        model_summary=(
            "Model ini menyandikan makna kata bahasa Indonesia menurut konteksnya: vektor kata "
            "yang ditandai dalam kalimat berada dalam ruang yang sama dengan vektor definisi, "
            "sehingga makna yang paling sesuai dapat dipilih."
        ),
        plots=PlotTexts(
            senses_per_lemma=PlotText(
                title="Jumlah makna tiap kata",
                x="jumlah makna",
                y="jumlah kata",
                caption="Jumlah makna tiap kata dalam inventaris.",
            ),
            log_scale="skala log",
            contexts_per_sense=PlotText(
                title="Jumlah konteks tiap makna",
                x="jumlah konteks",
                y="jumlah makna",
                caption="Jumlah konteks tiap makna; jingga: kurang dari {wanted} konteks.",
            ),
            wanted="perlu {wanted}",
            rejections_by_code=PlotText(
                title="Penolakan menurut kode alasan",
                x="jumlah butir yang ditolak",
                caption="Jumlah butir yang ditolak menurut kode alasannya.",
            ),
            audit_by_stratum=PlotText(
                title="Penilaian menurut strata",
                x="bagian yang dinilai baik, selang kepercayaan 95 %",
                caption=(
                    "Bagian kalimat yang dinilai baik oleh penilai di tiap strata, dengan selang "
                    "kepercayaan 95 %."
                ),
            ),
        ),
    ),
)
