"""What annotators of Indonesian read on an audit's page."""

from __future__ import annotations

from languages.audit_page import AuditPageTexts

AUDIT_PAGE = AuditPageTexts(
    welcome="Terima kasih atas kesediaan Anda membantu. Halaman ini menampilkan satu kalimat "
    "setiap kali, dengan satu kata bercetak tebal. Cukup baca lalu pilih jawaban menurut rasa "
    "bahasa Anda; tidak perlu tahu tentang komputer atau ilmu bahasa.",
    steps=(
        "Klik jawabannya, atau tekan tombol yang tertulis di sampingnya. Setelah satu kalimat "
        "terjawab, kalimat berikutnya muncul sendiri.",
        "Jika ragu, pilih “Tidak yakin”: itu pun jawaban yang berguna. Mohon jangan menebak.",
        "Jika Anda tidak yakin atau menemukan yang salah, halaman menanyakan alasannya: cukup satu "
        "tombol, atau lewati saja.",
        "Nilailah setiap kalimat secara terpisah. Jika bertemu kalimat yang mirip dengan yang "
        "sudah dijawab, jawablah seperti semula tanpa melihatnya kembali. Jika ada orang lain yang "
        "juga menjawab, mohon jangan membicarakan jawaban sampai semuanya selesai.",
        "Anda boleh berhenti kapan saja: buka lagi berkas yang sama di peramban yang sama, dan "
        "halaman melanjutkan dari tempat Anda berhenti.",
        "Setelah selesai, atau jika ingin mengirim yang sudah dikerjakan, tekan “Simpan berkas” "
        "lalu kirim berkas itu. Jangan kirim kembali halaman ini: jawaban Anda tidak ada di "
        "dalamnya.",
    ),
    duration="Ada {rows} kalimat, kira-kira {minutes} menit; tidak harus sekaligus.",
    begin="Mulai latihan",
    go_on="Lanjut",
    training="Latihan {number} dari {rows}",
    training_note="Latihan tidak dihitung.",
    right="Benar.",
    wrong="Sebaiknya: {answer}.",
    training_done="Latihan selesai. Mulai sekarang jawaban Anda dihitung.",
    item="Kalimat {number} dari {rows}",
    progress="{done} dari {rows} selesai",
    minutes_left="kira-kira {minutes} menit lagi",
    why="Mengapa?",
    no_reason="Lewati",
    remark="Catatan (tidak wajib)",
    back="Sebelumnya",
    skip="Nanti",
    undo="Urungkan",
    pause="Jeda",
    help="Bantuan",
    close="Tutup",
    save_file="Simpan berkas",
    open_file="Buka berkas tersimpan",
    paused="Sedang jeda",
    paused_note="Waktunya tidak dihitung. Anda juga boleh menutup halaman dan membukanya lagi "
    "nanti.",
    finished="Semua sudah Anda jawab",
    finished_note="Terima kasih. Sekarang tekan “Simpan berkas” dan kirim berkas itu kepada orang "
    "yang meminta bantuan Anda.",
    keys="Tombol pintas",
    keys_choose="jawaban atau alasan dengan nomor itu",
    keys_unsure="tidak yakin",
    keys_none="tidak satu pun makna",
    keys_move="ke jawaban lain; Enter untuk memilih",
    keys_items="kalimat sebelumnya; nanti saja, ke kalimat berikutnya",
    keys_leave="keluar dari catatan",
    keys_on="Pakai tombol pintas",
    kept="Jawaban Anda disimpan di peramban ini.",
    not_kept="Peramban tidak mengizinkan halaman ini menyimpan jawaban (mungkin ini jendela "
    "privat). Anda tetap dapat menjawab, tetapi tekan “Simpan berkas” sebelum menutup halaman; "
    "lain kali tekan “Buka berkas tersimpan” untuk melanjutkan.",
    kept_no_more="Ruang simpan peramban habis: mulai sekarang jawaban hanya ada di halaman yang "
    "terbuka. Tekan “Simpan berkas” sekarang, dan sebelum menutup halaman.",
    other_tab="Halaman ini juga terbuka di tab lain. Tidak ada jawaban yang hilang: untuk setiap "
    "kalimat, jawaban terbaru yang dihitung. Mohon tutup salah satu tab.",
    undone="Sudah diurungkan.",
    nothing_to_undo="Tidak ada lagi yang dapat diurungkan.",
    file_saved="Tersimpan sebagai {file}, biasanya di folder Unduhan. Mohon kirim berkas itu.",
    file_taken="Jawaban untuk {rows} kalimat diambil dari berkas.",
    file_refused="Ini bukan berkas jawaban dari halaman ini, atau sudah diubah. Tidak ada yang "
    "diambil.",
    damaged="Halaman ini rusak dalam pengiriman. Mohon jangan menjawab di sini; beri tahu "
    "pengirimnya dan minta halaman itu lagi.",
    no_script="Halaman ini memerlukan JavaScript. Bukalah berkas ini dengan peramban seperti "
    "Chrome, Firefox, Edge, atau Safari, bukan di pratinjau program surel.",
)
