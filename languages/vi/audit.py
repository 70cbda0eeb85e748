"""What annotators of Vietnamese read: questions, instructions, worked examples, messages.

The examples are written for this sheet.
"""

from __future__ import annotations

from languages.audit import AuditTexts, ColumnTexts, GuideTexts, QuestionTexts, WorkedExample

_WELCOME = (
    "Cảm ơn bạn đã nhận lời giúp. Mỗi dòng ở trang tính “Câu hỏi” có một câu, trong câu có một từ "
    "in đậm. Bạn chỉ cần đọc và chọn câu trả lời theo cảm nhận của mình về tiếng Việt, không cần "
    "kiến thức về máy tính hay ngôn ngữ học."
)

_STEPS = (
    "Chỉ điền vào các ô nền vàng. Bấm vào ô rồi chọn trong danh sách (phím tắt: Alt + ↓), hoặc gõ "
    "thẳng câu trả lời; viết hoa hay viết thường, có dấu hay không dấu đều được.",
    "Nếu phân vân, hãy chọn “Không chắc” và ghi lý do vào cột “Ghi chú”: đó cũng là một câu trả "
    "lời có ích. Xin đừng đoán.",
    "Cả dòng chuyển sang màu xanh khi bạn đã trả lời xong; ô màu cam là chỗ còn thiếu, ô màu hồng "
    "là câu trả lời không có trong danh sách.",
    "Chưa làm hết, bạn vẫn có thể lưu lại và gửi; lần sau làm tiếp rồi gửi lại cả tệp. Dòng trên "
    "cùng của trang tính “Câu hỏi” cho biết bạn đã làm xong bao nhiêu dòng.",
    "Ở cột “Ghi chú”, bạn viết gì cũng được: lỗi chính tả, cách nói tự nhiên hơn, lý do phân vân.",
    "Xin đừng sửa các cột nền trắng, kể cả khi thấy lỗi chính tả; hãy ghi lỗi ấy vào cột “Ghi "
    "chú”. Lọc dòng hay kéo rộng cột thì không sao. Muốn sắp xếp lại các dòng trong Excel, trước "
    "hết hãy bỏ bảo vệ trang tính (Xem lại → Bỏ bảo vệ Trang tính, tiếng Anh: Review → Unprotect "
    "Sheet; không có mật khẩu).",
)

_ANNOTATOR_STEPS = (
    "Xét riêng từng dòng. Nếu gặp lại một câu giống câu đã làm, cứ trả lời như lần đầu, đừng xem "
    "lại dòng cũ.",
    "Nếu có người khác cùng làm, xin đừng bàn câu trả lời với nhau cho đến khi mọi người đều đã "
    "xong.",
)

_UNSURE = dict.fromkeys(("không chắc", "?", "kc", "k chắc", "ko chắc", "chưa chắc"), "unsure")

_REASONS = {
    "fluent": {
        "grammar": "sai ngữ pháp",
        "unnatural": "không ai nói như vậy",
        "incomplete": "thiếu ý, câu cụt",
        "nonsense": "vô lý",
        "dialect": "có thể là tiếng địa phương hay lối nói cũ",
        "context": "phải đọc cả đoạn mới rõ",
        "unknown_word": "có từ tôi không biết",
    },
    "usage": {
        "other_sense": "một nghĩa khác của từ này",
        "part": "chỉ là một phần của từ khác",
        "name": "là tên riêng",
        "context": "câu cho biết quá ít",
        "between": "nằm giữa nghĩa này và nghĩa khác",
        "unclear_gloss": "lời giải nghĩa không rõ",
        "unknown_word": "tôi không biết từ này",
    },
    "gloss": {
        "other_sense": "nói về một nghĩa khác",
        "unreadable": "đọc không hiểu",
        "group": "các từ trong nhóm không cùng nghĩa",
        "circular": "chỉ lặp lại từ cần giải nghĩa",
        "unclear_gloss": "lời giải nghĩa không rõ",
        "unknown_word": "có từ tôi không biết",
    },
    "sense": {
        "missing": "danh sách thiếu nghĩa này",
        "part": "chỉ là một phần của từ khác",
        "name": "là tên riêng",
        "context": "câu cho biết quá ít",
        "between": "hai nghĩa đều hợp như nhau",
        "alike": "các nghĩa khó phân biệt",
        "unknown_word": "tôi không biết từ này",
    },
}

_QUESTIONS = {
    "fluent": QuestionTexts(
        "1. Câu tự nhiên?",
        {"yes": "Có", "no": "Không", "unsure": "Không chắc: câu"},
        (
            "Có: người Việt có thể nói hoặc viết như thế; câu trang trọng, hơi cổ hay suồng sã đều "
            "được.",
            "Không: câu gượng, sai ngữ pháp, thiếu ý, hoặc hiểu được nhưng không ai nói như vậy.",
        ),
        {"c": "yes", "k": "no", "ko": "no", "kg": "no", "hông": "no", "kc câu": "unsure"},
        _REASONS["fluent"],
        _UNSURE,
    ),
    "usage": QuestionTexts(
        "2. Từ dùng đúng nghĩa này?",
        {"yes": "Nghĩa này", "other": "Nghĩa khác", "unsure": "Không chắc: nghĩa"},
        (
            "So nghĩa của từ in đậm trong câu với lời giải nghĩa ở cùng dòng.",
            "Nghĩa này: trong câu này, từ in đậm mang đúng nghĩa ấy.",
            "Nghĩa khác: từ in đậm mang nghĩa khác, hoặc chỉ là một phần của một từ khác "
            "(“khoan” trong “khoan dung”).",
        ),
        {"nn": "yes", "đúng nghĩa": "yes", "nk": "other", "kc nghĩa": "unsure"},
        _REASONS["usage"],
        {"đúng": "yes", "đ": "yes"} | _UNSURE,
    ),
    "gloss": QuestionTexts(
        "3. Lời giải nghĩa đúng với nhóm từ?",
        {
            "yes": "Giải nghĩa đúng",
            "partly": "Đúng một phần",
            "no": "Giải nghĩa sai",
            "unsure": "Không chắc: giải nghĩa",
        },
        (
            "Ở đây không xét câu nữa, chỉ so lời giải nghĩa với nghĩa chung của các từ trong nhóm. "
            "Nhóm chỉ có một từ thì lời giải nghĩa cần đúng với một nghĩa nào đó của từ ấy.",
            "Giải nghĩa đúng: nêu đúng và đủ nghĩa chung ấy.",
            "Đúng một phần: nói đúng sự vật hay sự việc, nhưng thừa, thiếu hoặc sai một chi tiết.",
            "Giải nghĩa sai: nói về một nghĩa khác, hoặc đọc không hiểu được.",
        ),
        {"ld": "yes", "giải đúng": "yes", "ls": "no", "sai": "no", "giải sai": "no"}
        | dict.fromkeys(("một phần", "1 phần", "đúng 1 phần", "đmp", "đ1p"), "partly")
        | {"gđ": "yes", "gs": "no", "kc giải nghĩa": "unsure"}
        # What sheets had before: some may still come back.
        | {"lời giải đúng": "yes", "lời giải sai": "no"}
        | dict.fromkeys(("kc lời giải", "không chắc: lời giải"), "unsure"),
        _REASONS["gloss"],
        {"đúng": "yes", "đ": "yes", "s": "no"} | _UNSURE,
    ),
    "sense": QuestionTexts(
        "Nghĩa số mấy?",
        {"none": "Không nghĩa nào", "unsure": "Không chắc"},
        (
            "Đọc câu rồi chọn số thứ tự của nghĩa mà từ in đậm mang trong câu ấy.",
            "Hai nghĩa đều hợp thì chọn nghĩa hợp hơn; thật sự ngang nhau thì chọn “Không chắc”.",
            "Không nghĩa nào: từ in đậm mang một nghĩa không có trong danh sách, hoặc chỉ là một "
            "phần của một từ khác (“khoan” trong “khoan dung”).",
            "Thứ tự các nghĩa là ngẫu nhiên, không nói lên điều gì.",
        ),
        {"knn": "none", "không có": "none", "không có nghĩa nào": "none"} | _UNSURE,
        _REASONS["sense"],
    ),
    "same": QuestionTexts(
        "Hai từ cùng nghĩa?",
        {"yes": "Cùng nghĩa", "no": "Khác nghĩa", "unsure": "Không chắc"},
        (
            "So nghĩa của từ in đậm trong câu tiếng Việt với nghĩa của từ trong [[ ]] ở câu tiếng "
            "Anh; hai câu nói về chuyện khác nhau thì không sao.",
            "Cùng nghĩa: từ tiếng Anh, dùng như trong câu ấy, dịch được bằng từ in đậm, dùng như "
            "trong câu này.",
            "Khác nghĩa: từ tiếng Anh ở đây mang một nghĩa khác, dù có lúc hai từ dịch được cho "
            "nhau.",
        ),
        dict.fromkeys(("có", "c", "cùng", "cn", "1"), "yes")
        | dict.fromkeys(("không", "k", "ko", "khác", "kn", "0"), "no")
        | _UNSURE,
        {
            "other_sense": "một nghĩa khác của từ tiếng Anh",
            "part": "chỉ là một phần của từ khác",
            "context": "câu cho biết quá ít",
            "between": "nghĩa gần nhau nhưng không hẳn là một",
            "unknown_word": "có từ tôi không biết",
        },
    ),
}

_REVIEW_EXAMPLES = (
    WorkedExample(
        "Anh thợ [[khoan]] hai lỗ nhỏ trên tường để treo kệ sách.",
        ("xoáy mũi nhọn vào vật cứng để tạo thành lỗ", "khoan"),
        ("Có", "Nghĩa này", "Giải nghĩa đúng"),
        "Câu trôi chảy, “khoan” đúng là tạo thành lỗ, lời giải nghĩa đúng và đủ.",
    ),
    WorkedExample(
        "Bác [[khoan]] hãy ký, để tôi đọc lại hợp đồng một lượt.",
        ("xoáy mũi nhọn vào vật cứng để tạo thành lỗ", "khoan"),
        ("Có", "Nghĩa khác", "Giải nghĩa đúng"),
        "Ở đây “khoan” là “hãy chờ, đừng vội”. Lời giải nghĩa thì vẫn đúng với nhóm từ.",
    ),
    WorkedExample(
        "Cô ấy đã tiến hành việc [[ăn]] một quả táo vào trong miệng.",
        ("đưa thức ăn vào miệng, nhai rồi nuốt", "ăn, xơi, chén"),
        ("Không", "Nghĩa này", "Giải nghĩa đúng"),
        "Hiểu được, nhưng người Việt chỉ nói “Cô ấy ăn một quả táo.”",
    ),
    WorkedExample(
        "Mẹ mua một bó [[hoa]] cúc trắng về cắm trên bàn thờ.",
        ("bộ phận của cây, màu đỏ, có mùi thơm, sau kết thành quả", "hoa, bông"),
        ("Có", "Nghĩa này", "Đúng một phần"),
        "Đúng là hoa, nhưng đâu phải hoa nào cũng đỏ và thơm.",
    ),
    WorkedExample(
        "Con chim sẻ [[đậu]] trên cành khế trước nhà.",
        ("(chim, bướm) hạ xuống và đứng yên ở một chỗ", "đậu, đỗ, trúng tuyển"),
        ("Có", "Nghĩa này", "Giải nghĩa sai"),
        "Câu dùng “đậu” đúng như lời giải nghĩa, nhưng nhóm “đậu, đỗ, trúng tuyển” nói về thi cử.",
    ),
    WorkedExample(
        "Ông cụ ngồi [[chấm]] rất lâu dưới ánh đèn.",
        ("đọc bài làm rồi cho điểm", "chấm, chấm điểm"),
        ("Có", "Không chắc: nghĩa", "Giải nghĩa đúng"),
        "Câu không cho biết ông cụ chấm bài, chấm mực hay chấm màu.",
    ),
)

_BLIND_SHOWN = (
    "1. (động từ) hãy chờ, đừng vội làm\n"
    "2. (động từ) xoáy mũi nhọn vào vật cứng để tạo thành lỗ\n"
    "3. (danh từ) dụng cụ có mũi xoay để tạo lỗ"
)

_BLIND_EXAMPLES = (
    WorkedExample(
        "Bác [[khoan]] hãy ký, để tôi đọc lại hợp đồng một lượt.",
        (_BLIND_SHOWN,),
        ("1",),
        "“khoan” ở đây là bảo người nghe chờ đã.",
    ),
    WorkedExample(
        "Mượn cái [[khoan]] của bác Tư rồi nhớ trả trước bữa cơm.",
        (_BLIND_SHOWN,),
        ("3",),
        "Cái khoan là dụng cụ: danh từ.",
    ),
    WorkedExample(
        "Vợ chồng bà ấy nổi tiếng [[khoan]] dung với người làm.",
        (_BLIND_SHOWN,),
        ("Không nghĩa nào",),
        "“khoan” chỉ là một phần của từ “khoan dung”.",
    ),
    WorkedExample(
        "Họ cứ [[khoan]] mãi mà chưa xong.",
        (_BLIND_SHOWN,),
        ("2",),
        "“khoan mãi mà chưa xong” là làm một việc kéo dài, hợp với nghĩa 2 hơn cả.",
    ),
    WorkedExample(
        "Cả nhóm chỉ biết kêu lên: “[[Khoan]]!”",
        (_BLIND_SHOWN,),
        ("1",),
        "Tiếng kêu để ngăn lại là nghĩa 1.",
    ),
)

_PAIR_EXAMPLES = (
    WorkedExample(
        "Anh thợ [[khoan]] hai lỗ nhỏ trên tường để treo kệ sách.",
        ("don't [[drill]] holes anywhere near the water pipe",),
        ("Cùng nghĩa",),
        "Cả hai đều là tạo lỗ bằng mũi khoan.",
    ),
    WorkedExample(
        "Anh thợ [[khoan]] hai lỗ nhỏ trên tường để treo kệ sách.",
        ("the sergeant [[drilled]] the recruits every morning",),
        ("Khác nghĩa",),
        "Ở câu tiếng Anh, “drill” là bắt lính luyện tập.",
    ),
    WorkedExample(
        "Bà gửi tiền ở [[ngân hàng]] gần chợ.",
        ("they sat on the [[bank]] and watched the boats",),
        ("Khác nghĩa",),
        "“bank” ở đây là bờ sông.",
    ),
    WorkedExample(
        "Con chim sẻ [[đậu]] trên cành khế trước nhà.",
        ("a crow [[perched]] on the fence",),
        ("Cùng nghĩa",),
        "Chim hạ xuống và đứng yên ở một chỗ; câu nói về chim gì không quan trọng.",
    ),
    WorkedExample(
        "Ông cụ ngồi [[chấm]] rất lâu dưới ánh đèn.",
        ("she [[marked]] the essays all night",),
        ("Không chắc",),
        "Câu tiếng Việt không cho biết ông cụ chấm bài hay chấm mực.",
    ),
)

_ADJUDICATION_STEPS = (
    "Ở những dòng này, người đọc đã trả lời khác nhau. Trước hết, xin tự trả lời mọi câu hỏi của "
    "dòng trong các ô nền vàng.",
    "Khi dòng đã đủ câu trả lời, cột “Ý kiến” mới hiện ra: câu trả lời của từng người, không ghi "
    "tên, thứ tự ở mỗi dòng là ngẫu nhiên. Bạn có thể sửa lại câu trả lời của mình, không cần theo "
    "số đông; câu trả lời sau cùng mới được tính.",
)

_GUIDE = GuideTexts(
    titles={
        "annotator": "Đánh giá câu",
        "adjudication": "Phân xử những câu trả lời khác nhau",
    },
    welcome=_WELCOME,
    steps_heading="Cách làm",
    steps={
        "annotator": (_STEPS[0], *_ANNOTATOR_STEPS, *_STEPS[1:]),
        "adjudication": (*_ADJUDICATION_STEPS, *_STEPS),
    },
    duration="Tệp này có {rows} dòng, làm hết khoảng {minutes} phút; không cần làm liền một mạch.",
    answers_heading="Ý nghĩa của các câu trả lời",
    reasons="Lý do có thể chép vào cột “Ghi chú”: {reasons}.",
    examples_heading="Ví dụ",
    example_headers={
        "review": ("Câu", "Lời giải nghĩa", "Nhóm từ", "1", "2", "3", "Vì sao"),
        "blind": ("Câu", "Các nghĩa", "Nghĩa số mấy?", "Vì sao"),
        "pairs": ("Câu", "Câu tiếng Anh", "Cùng nghĩa?", "Vì sao"),
    },
    examples={"review": _REVIEW_EXAMPLES, "blind": _BLIND_EXAMPLES, "pairs": _PAIR_EXAMPLES},
)

AUDIT = AuditTexts(
    guide_sheet="Hướng dẫn",
    rows_sheet="Câu hỏi",
    columns=ColumnTexts(
        key="Mã dòng",
        sentence="Câu (từ cần xét in đậm)",
        lemma="Từ",
        pos="Từ loại",
        gloss="Lời giải nghĩa",
        synonyms="Nhóm từ cùng nghĩa",
        choices="Các nghĩa",
        more_choices="Các nghĩa (tiếp {number})",
        english="Câu tiếng Anh (từ cần xét trong [[ ]])",
        opinions="Ý kiến",
        remark="Ghi chú",
    ),
    questions=_QUESTIONS,
    guide=_GUIDE,
    progress="Đã xong {done} / {rows} dòng",
    page="Trang",
    not_listed="Không có trong danh sách",
    advice="Hãy chọn {answers}.",
    or_="hoặc",
    sense_number="số của một nghĩa",
    no_answer="(trống)",
    no_gloss="chưa có lời giải nghĩa; nhóm từ: {lemmas}",
    plain_letters={"đ": "d"},
)
