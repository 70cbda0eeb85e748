"""What annotators of Indonesian read: questions, instructions, worked examples, messages.

The examples are written for this sheet.
"""

from __future__ import annotations

from languages.audit import AuditTexts, ColumnTexts, GuideTexts, QuestionTexts, WorkedExample

_WELCOME = (
    "Terima kasih atas kesediaan Anda membantu. Setiap baris di lembar “Pertanyaan” memuat satu "
    "kalimat dengan satu kata bercetak tebal. Anda cukup membaca dan memilih jawaban menurut rasa "
    "bahasa Anda; pengetahuan komputer atau linguistik tidak diperlukan."
)

_STEPS = (
    "Isilah hanya sel berwarna kuning. Klik sel, lalu pilih dari daftar (pintasan: Alt + ↓), atau "
    "ketik langsung jawabannya; huruf besar dan kecil tidak dibedakan.",
    "Jika ragu, pilih “Tidak yakin” dan tuliskan alasannya di kolom “Catatan”: itu juga jawaban "
    "yang berguna. Mohon jangan menebak.",
    "Jawaban satu baris menjadi hijau jika baris itu selesai; oranye berarti jawaban masih kurang, "
    "merah muda berarti jawabannya tidak ada dalam daftar.",
    "Anda boleh menyimpan dan mengirim berkas yang belum selesai, lalu melanjutkan dan mengirim "
    "ulang seluruh berkas. Baris teratas lembar “Pertanyaan” menunjukkan jumlah baris yang sudah "
    "selesai.",
    "Kolom “Catatan” bebas diisi: salah ejaan, cara mengatakan yang lebih wajar, alasan ragu.",
    "Mohon jangan mengubah kolom berwarna putih meskipun ada salah ejaan; tuliskan di kolom "
    "“Catatan”. Menyaring baris atau melebarkan kolom tidak apa-apa. Untuk mengurutkan baris di "
    "Excel, buka dahulu proteksi lembar (Tinjau → Jangan Proteksi Lembar, dalam bahasa Inggris: "
    "Review → Unprotect Sheet; tanpa kata sandi).",
)

_ANNOTATOR_STEPS = (
    "Nilailah setiap baris secara terpisah. Jika ada kalimat yang mirip dengan kalimat sebelumnya, "
    "jawablah seperti pertama kali, tanpa melihat baris yang lama.",
    "Jika ada penilai lain, mohon jangan membicarakan jawaban dengan mereka sampai semuanya "
    "selesai.",
)

_UNSURE = {
    "tidak yakin": "unsure",
    "ty": "unsure",
    "ragu": "unsure",
    "ragu-ragu": "unsure",
    "tidak tahu": "unsure",
}

_REASONS = {
    "fluent": {
        "grammar": "salah tata bahasa",
        "unnatural": "tidak ada yang berkata begitu",
        "incomplete": "tidak lengkap",
        "nonsense": "tidak masuk akal",
        "dialect": "mungkin dialek atau ragam lama",
        "context": "baru jelas dengan teks yang lebih panjang",
        "unknown_word": "ada kata yang tidak saya kenal",
    },
    "usage": {
        "other_sense": "makna lain dari kata ini",
        "part": "hanya bagian dari kata lain",
        "name": "nama diri",
        "context": "kalimatnya terlalu sedikit memberi petunjuk",
        "between": "di antara makna ini dan makna lain",
        "unclear_gloss": "definisinya tidak jelas",
        "unknown_word": "saya tidak mengenal kata ini",
    },
    "gloss": {
        "other_sense": "tentang makna lain",
        "unreadable": "tidak dapat dipahami",
        "group": "kata-katanya tidak semakna",
        "circular": "hanya mengulang katanya",
        "unclear_gloss": "definisinya tidak jelas",
        "unknown_word": "ada kata yang tidak saya kenal",
    },
    "sense": {
        "missing": "makna ini tidak ada dalam daftar",
        "part": "hanya bagian dari kata lain",
        "name": "nama diri",
        "context": "kalimatnya terlalu sedikit memberi petunjuk",
        "between": "dua makna sama-sama cocok",
        "alike": "makna-maknanya sulit dibedakan",
        "unknown_word": "saya tidak mengenal kata ini",
    },
}

_QUESTIONS = {
    "fluent": QuestionTexts(
        "1. Kalimatnya wajar?",
        {"yes": "Ya", "no": "Tidak", "unsure": "Tidak yakin: kalimat"},
        (
            "Ya: penutur bahasa Indonesia dapat berkata atau menulis demikian; ragam resmi, agak "
            "kuno, atau akrab pun boleh.",
            "Tidak: kaku, salah tata bahasa, tidak lengkap, atau dapat dimengerti tetapi tidak ada "
            "orang yang berkata begitu.",
        ),
        {"y": "yes", "t": "no", "tdk": "no", "gak": "no", "nggak": "no", "bukan": "no"},
        _REASONS["fluent"],
        _UNSURE,
    ),
    "usage": QuestionTexts(
        "2. Katanya dipakai dalam makna ini?",
        {"yes": "Makna ini", "other": "Makna lain", "unsure": "Tidak yakin: makna"},
        (
            "Bandingkan makna kata bercetak tebal dalam kalimat dengan definisi di baris itu.",
            "Makna ini: dalam kalimat ini kata itu bermakna tepat seperti definisinya.",
            "Makna lain: kata itu bermakna lain, atau hanya bagian dari kata lain (“bisa” dalam "
            "“bisa-bisa”).",
        ),
        {"mi": "yes", "lain": "other", "ml": "other"},
        _REASONS["usage"],
        {"benar": "yes", "betul": "yes", "b": "yes"} | _UNSURE,
    ),
    "gloss": QuestionTexts(
        "3. Definisinya tepat untuk kelompok kata?",
        {
            "yes": "Definisi benar",
            "partly": "Sebagian benar",
            "no": "Definisi salah",
            "unsure": "Tidak yakin: definisi",
        },
        (
            "Di sini kalimatnya tidak dilihat lagi; bandingkan definisi dengan makna bersama "
            "kata-kata dalam kelompok. Jika kelompoknya hanya satu kata, definisi cukup tepat "
            "untuk salah satu makna kata itu.",
            "Definisi benar: menyatakan makna bersama itu dengan tepat dan lengkap.",
            "Sebagian benar: halnya benar, tetapi ada rincian yang berlebih, kurang, atau keliru.",
            "Definisi salah: menyatakan makna lain, atau tidak dapat dipahami.",
        ),
        {"s": "no", "salah": "no"} | dict.fromkeys(("sebagian", "sb", "setengah benar"), "partly"),
        _REASONS["gloss"],
        {"benar": "yes", "betul": "yes", "b": "yes"} | _UNSURE,
    ),
    "sense": QuestionTexts(
        "Makna nomor berapa?",
        {"none": "Tidak satu pun", "unsure": "Tidak yakin"},
        (
            "Bacalah kalimatnya, lalu pilih nomor makna kata bercetak tebal dalam kalimat itu.",
            "Jika dua makna cocok, pilih yang lebih cocok; jika benar-benar sama, pilih “Tidak "
            "yakin”.",
            "Tidak satu pun: maknanya tidak ada dalam daftar, atau kata itu hanya bagian dari kata "
            "lain (“bisa” dalam “bisa-bisa”).",
            "Urutan makna acak dan tidak berarti apa-apa.",
        ),
        {"tsp": "none", "tidak ada": "none", "tak satu pun": "none"} | _UNSURE,
        _REASONS["sense"],
    ),
    "same": QuestionTexts(
        "Maknanya sama?",
        {"yes": "Sama", "no": "Berbeda", "unsure": "Tidak yakin"},
        (
            "Bandingkan makna kata yang dicetak tebal dengan makna kata dalam [[ ]] di kalimat "
            "bahasa Inggris; isi kedua kalimat boleh berbeda.",
            "Sama: kata Inggris itu, seperti dipakai dalam kalimatnya, dapat diterjemahkan dengan "
            "kata yang dicetak tebal.",
            "Berbeda: kata Inggris itu di sini bermakna lain.",
        ),
        dict.fromkeys(("ya", "y", "1"), "yes")
        | dict.fromkeys(("tidak", "tdk", "beda", "0"), "no")
        | _UNSURE,
        {
            "other_sense": "makna lain dari kata Inggris itu",
            "part": "hanya bagian dari kata lain",
            "context": "kalimatnya terlalu sedikit memberi tahu",
            "between": "berdekatan, tetapi tidak sama",
            "unknown_word": "ada kata yang tidak saya ketahui",
        },
    ),
}

_REVIEW_EXAMPLES = (
    WorkedExample(
        "Pawang itu memerah [[bisa]] ular kobra untuk dibuat serum.",
        ("racun yang dikeluarkan ular melalui gigitannya", "bisa"),
        ("Ya", "Makna ini", "Definisi benar"),
        "Kalimatnya lancar, “bisa” memang racun ular, definisinya tepat dan lengkap.",
    ),
    WorkedExample(
        "Adik baru lima tahun, tetapi sudah [[bisa]] membaca koran.",
        ("racun yang dikeluarkan ular melalui gigitannya", "bisa"),
        ("Ya", "Makna lain", "Definisi benar"),
        "Di sini “bisa” berarti “mampu”. Definisinya sendiri tetap tepat untuk kelompok kata.",
    ),
    WorkedExample(
        "Ia melakukan kegiatan [[makan]] sebuah apel ke dalam mulutnya.",
        ("memasukkan makanan ke mulut, mengunyah, lalu menelannya", "makan, menyantap"),
        ("Tidak", "Makna ini", "Definisi benar"),
        "Dapat dimengerti, tetapi orang hanya berkata “Ia makan apel.”",
    ),
    WorkedExample(
        "Ibu membeli seikat [[bunga]] melati putih untuk hiasan meja.",
        ("bagian tumbuhan yang berwarna merah, harum, dan kelak menjadi buah", "bunga, kembang"),
        ("Ya", "Makna ini", "Sebagian benar"),
        "Memang bunga, tetapi tidak semua bunga merah dan harum.",
    ),
    WorkedExample(
        "Bulan ini [[bunga]] tabungannya turun menjadi dua persen.",
        ("imbalan atas uang yang disimpan atau dipinjam", "bunga, kembang, puspa"),
        ("Ya", "Makna ini", "Definisi salah"),
        "Kalimatnya sesuai dengan definisi, tetapi kelompok “bunga, kembang, puspa” tentang "
        "tumbuhan.",
    ),
    WorkedExample(
        "Akhirnya kami menemukan [[halaman]] yang dicari.",
        ("pekarangan di depan atau di sekitar rumah", "halaman, pekarangan"),
        ("Ya", "Tidak yakin: makna", "Definisi benar"),
        "Kalimatnya tidak menunjukkan apakah yang dicari halaman rumah atau halaman buku.",
    ),
)

_BLIND_SHOWN = (
    "1. (adverbia) mampu atau mempunyai kesempatan untuk melakukan sesuatu\n"
    "2. (nomina) racun yang dikeluarkan ular melalui gigitannya\n"
    "3. (verba) mulai terbiasa, tidak canggung lagi"
)

_BLIND_EXAMPLES = (
    WorkedExample(
        "Besok saya tidak [[bisa]] datang karena harus mengantar ibu.",
        (_BLIND_SHOWN,),
        ("1",),
        "Tentang kesempatan untuk datang.",
    ),
    WorkedExample(
        "Setetes [[bisa]] ular itu cukup untuk mematikan seekor kerbau.",
        (_BLIND_SHOWN,),
        ("2",),
        "Setetes yang mematikan: racun.",
    ),
    WorkedExample(
        "Kalau tidak hati-hati, [[bisa]]-bisa kita tersesat di hutan ini.",
        (_BLIND_SHOWN,),
        ("Tidak satu pun",),
        "“bisa” hanya bagian dari kata ulang “bisa-bisa”.",
    ),
    WorkedExample(
        "Lama-lama ia pun [[bisa]] juga hidup tanpa listrik.",
        (_BLIND_SHOWN,),
        ("3",),
        "“lama-lama” menunjukkan perubahan menjadi terbiasa; makna 1 kurang cocok.",
    ),
    WorkedExample(
        "“Aku [[bisa]]!” seru anak itu dari atas sepeda barunya.",
        (_BLIND_SHOWN,),
        ("1",),
        "Seruan tentang kemampuan: makna 1.",
    ),
)

_PAIR_EXAMPLES = (
    WorkedExample(
        "Tukang itu [[mengebor]] dua lubang kecil di tembok.",
        ("don't [[drill]] anywhere near the water pipe",),
        ("Sama",),
        "Keduanya membuat lubang dengan bor.",
    ),
    WorkedExample(
        "Tukang itu [[mengebor]] dua lubang kecil di tembok.",
        ("the sergeant [[drilled]] the recruits every morning",),
        ("Berbeda",),
        "Di kalimat Inggris, para calon prajurit dilatih.",
    ),
    WorkedExample(
        "Ibu menyimpan uangnya di [[bank]] dekat pasar.",
        ("they sat on the [[bank]] and watched the boats",),
        ("Berbeda",),
        "Di sana “bank” adalah tepi sungai.",
    ),
    WorkedExample(
        "Seekor pipit [[hinggap]] di dahan depan rumah.",
        ("a crow [[perched]] on the fence",),
        ("Sama",),
        "Jenis burungnya tidak penting.",
    ),
    WorkedExample(
        "Kakek itu lama sekali [[menandai]] di bawah lampu.",
        ("she [[marked]] the essays all night",),
        ("Tidak yakin",),
        "Tidak jelas apa yang ditandai kakek itu.",
    ),
)

_ADJUDICATION_STEPS = (
    "Di baris-baris ini para penilai memberi jawaban yang berbeda. Mohon jawab dahulu sendiri "
    "semua pertanyaan di baris itu, di sel berwarna kuning.",
    "Setelah baris itu terjawab, kolom “Pendapat” menampilkan jawaban setiap orang tanpa nama; "
    "urutannya acak di setiap baris. Jawaban Anda boleh diubah; yang terakhir tertulis yang "
    "dihitung, dan Anda tidak harus mengikuti suara terbanyak.",
)

_GUIDE = GuideTexts(
    titles={
        "annotator": "Penilaian kalimat",
        "adjudication": "Penentuan jawaban yang berbeda",
    },
    welcome=_WELCOME,
    steps_heading="Cara mengerjakan",
    steps={
        "annotator": (_STEPS[0], *_ANNOTATOR_STEPS, *_STEPS[1:]),
        "adjudication": (*_ADJUDICATION_STEPS, *_STEPS),
    },
    duration="Berkas ini berisi {rows} baris, kira-kira {minutes} menit; tidak harus sekaligus.",
    answers_heading="Arti setiap jawaban",
    reasons="Alasan yang dapat disalin ke kolom “Catatan”: {reasons}.",
    examples_heading="Contoh",
    example_headers={
        "review": ("Kalimat", "Definisi", "Kelompok kata", "1", "2", "3", "Alasan"),
        "blind": ("Kalimat", "Daftar makna", "Makna nomor berapa?", "Alasan"),
        "pairs": ("Kalimat", "Kalimat bahasa Inggris", "Maknanya sama?", "Alasan"),
    },
    examples={"review": _REVIEW_EXAMPLES, "blind": _BLIND_EXAMPLES, "pairs": _PAIR_EXAMPLES},
)

AUDIT = AuditTexts(
    guide_sheet="Petunjuk",
    rows_sheet="Pertanyaan",
    columns=ColumnTexts(
        key="Kode baris",
        sentence="Kalimat (kata yang dinilai tebal)",
        lemma="Kata",
        pos="Kelas kata",
        gloss="Definisi",
        synonyms="Kelompok kata semakna",
        choices="Daftar makna",
        more_choices="Daftar makna (lanjutan {number})",
        english="Kalimat bahasa Inggris (kata dalam [[ ]])",
        opinions="Pendapat",
        remark="Catatan",
    ),
    questions=_QUESTIONS,
    guide=_GUIDE,
    progress="Selesai {done} / {rows} baris",
    page="Halaman",
    not_listed="Tidak ada dalam daftar",
    advice="Pilihlah {answers}.",
    or_="atau",
    sense_number="nomor sebuah makna",
    no_answer="(kosong)",
    no_gloss="belum ada definisi; kelompok kata: {lemmas}",
    plain_letters={},
)
