"""The texts of the pages in Indonesian, by what they are in English."""

from __future__ import annotations

from languages.interface import Interface

INTERFACE = Interface(
    comma=True,
    texts={
        # the frame
        "Skip to the content": "Langsung ke isi",
        "Pages": "Halaman",
        "Language": "Bahasa",
        "Search": "Cari",
        "Run": "Proses",
        "Release": "Rilis",
        "Words": "Kata",
        "Contexts": "Kalimat",
        "Rejected": "Ditolak",
        "Quality": "Mutu",
        "Model": "Model",
        "Compare": "Bandingkan",
        "One moment": "Tunggu sebentar",
        "Not here": "Tidak ada di sini",
        "This cannot be shown": "Ini tidak dapat ditampilkan",
        "To the first page": "Ke halaman pertama",
        "The index of this data set is being made: {rows} contexts so far. It is made once.": (
            "Indeks kumpulan data ini sedang dibuat: sudah {rows} kalimat. Ini dibuat sekali saja."
        ),
        "This page looks again by itself; without scripts, too.": (
            "Halaman ini memuat ulang sendiri, juga tanpa skrip."
        ),
        # lists
        "Back": "Sebelumnya",
        "Next": "Berikutnya",
        "Page {page} of {pages}": "Halaman {page} dari {pages}",
        "Pages of the list": "Halaman daftar",
        "Nothing here is like that.": "Tidak ada yang seperti itu di sini.",
        "Show": "Tampilkan",
        "any": "apa saja",
        "Order": "Urutan",
        "most senses": "makna terbanyak",
        "most contexts": "kalimat terbanyak",
        "by letters": "menurut abjad",
        "State": "Keadaan",
        "with short": "yang kekurangan kalimat",
        "with contested": "yang suaranya terbelah",
        "with bad": "yang diaudit salah",
        "with doubted": "yang diragukan model",
        "with rejects": "yang ada tolakannya",
        "Part of speech": "Kelas kata",
        "Supersense": "Supermakna",
        "Word": "Kata",
        "Senses": "Makna",
        "Short": "Kurang",
        "Contested": "Terbelah",
        "Audited bad": "Diaudit salah",
        "Doubted": "Diragukan",
        "Sentence holds": "Kalimat memuat",
        "without marks": "tanpa tanda",
        "Part": "Bagian",
        "Judges": "Juri",
        "Audit": "Audit",
        "Marks are not looked at: ban finds bàn and bán.": (
            "Tanda diabaikan: ban menemukan bàn dan bán."
        ),
        "Tones are told apart: bán does not find bàn.": (
            "Nada dibedakan: bán tidak menemukan bàn."
        ),
        "Search without marks": "Cari tanpa tanda",
        "Only the first {n} hits are counted.": "Hanya {n} hasil pertama yang dihitung.",
        "Stage": "Tahap",
        "Code": "Kode",
        "Number": "Jumlah",
        "Nothing was rejected, or no stage is done.": (
            "Tidak ada yang ditolak, atau belum ada tahap yang selesai."
        ),
        "reply": "jawaban",
        # the run
        "Stages": "Tahap-tahap",
        "at work": "sedang berjalan",
        "done": "selesai",
        "working": "sedang berjalan",
        "stale": "usang",
        "waiting": "belum berjalan",
        "Counts": "Hitungan",
        "Requests": "Permintaan",
        "Money": "Biaya",
        "{n} repaired": "{n} diperbaiki",
        "Limited to {n} synsets, as the last run was told.": (
            "Dibatasi pada {n} synset, sesuai proses terakhir."
        ),
        "contexts": "kalimat",
        "senses": "makna",
        "lemmas": "lema",
        "senses short of {n}": "makna kurang dari {n} kalimat",
        # a word
        "Words beside this one": "Kata di sebelahnya",
        "{n} senses": "{n} makna",
        "{n} contexts": "{n} kalimat",
        "{n} contested": "{n} terbelah",
        "{n} rejected": "{n} ditolak",
        "no definition": "tanpa definisi",
        "no contexts": "tanpa kalimat",
        "all {n} contexts": "semua {n} kalimat",
        "one of a cluster": "bagian dari gugus",
        "Princeton": "Princeton",
        "What was rejected, and why": "Yang ditolak, dan alasannya",
        "the first {n}": "{n} yang pertama",
        "Votes of the judges": "Suara para juri",
        "this sense": "makna ini",
        "none of these": "bukan salah satunya",
        "doubted by the model": "diragukan model",
        "audit:": "audit:",
        "agree": "setuju",
        "disagree": "tidak setuju",
        "unjudged": "belum dinilai",
        "good": "benar",
        "bad": "salah",
        "partly": "sebagian benar",
        "unsure": "tidak yakin",
        "unaudited": "belum diaudit",
        "train": "latihan",
        "validation": "validasi",
        "test seen": "uji, makna dikenal",
        "test unseen sense": "uji, makna baru",
        "test unseen lemma": "uji, kata baru",
        # the way of a row
        "The way of one row": "Perjalanan satu baris",
        "The way of this row": "Perjalanan baris ini",
        "Sense": "Makna",
        "Prompt": "Perintah",
        "Template": "Templat",
        "Round": "Putaran",
        "Request": "Permintaan",
        "What the sentence was to be like": "Seperti apa kalimat yang diminta",
        "One of the source's own examples: nobody was asked.": (
            "Salah satu contoh dari sumbernya sendiri: tidak ada yang ditanya."
        ),
        "Reply": "Jawaban",
        "{n} characters": "{n} karakter",
        "the prompt and the whole reply": "perintah dan seluruh jawaban",
        "Checks": "Pemeriksaan",
        "It passed all of them: what fails one is among the rejected of its word.": (
            "Lolos semuanya: yang gagal ada di antara tolakan katanya."
        ),
        "Votes": "Suara",
        "Judge": "Juri",
        "Choice": "Pilihan",
        "Place": "Urutan",
        "{place} of {n}": "{place} dari {n}",
        "No judge was asked, or none answered.": (
            "Tidak ada juri yang ditanya, atau tidak ada yang menjawab."
        ),
        "Auditor": "Auditor",
        "Question": "Pertanyaan",
        "Answer": "Jawaban",
        "Verdict": "Putusan",
        "adjudicated": "diputuskan",
        "Nobody has read it yet.": "Belum ada yang membacanya.",
        "not yet split": "belum dibagi",
        "Asked for": "Ditanyakan tentang",
        "Time": "Waktu",
        "Tokens": "Token",
        "{sent} in, {written} out": "{sent} masuk, {written} keluar",
        "Ended": "Berakhir karena",
        "Not these very words: the reply is of a later round or turn, or of other settings. "
        "This is what is asked first today.": (
            "Bukan kata-kata ini persis: jawabannya dari putaran atau giliran kemudian, atau dari "
            "setelan lain. Inilah yang pertama ditanyakan menurut setelan sekarang."
        ),
        "Today's run.toml does not ask for this, or it could not be found in time.": (
            "run.toml sekarang tidak menanyakannya, atau tidak ditemukan pada waktunya."
        ),
        "What the model wrote": "Yang ditulis model",
        "Cut: these are the first characters of {n}.": ("Dipotong: inilah awal dari {n} karakter."),
        "The whole reply as it came": "Seluruh jawaban apa adanya",
    },
)
"""The interface of ``viconwsd view``."""
