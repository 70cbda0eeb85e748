"""The texts of the pages in Vietnamese, by what they are in English."""

from __future__ import annotations

from languages.interface import Interface

INTERFACE = Interface(
    comma=True,
    texts={
        # the frame
        "Skip to the content": "Tới nội dung",
        "Pages": "Các trang",
        "Language": "Ngôn ngữ",
        "Search": "Tìm",
        "Run": "Lần chạy",
        "Release": "Bản phát hành",
        "Words": "Từ",
        "Contexts": "Câu",
        "Rejected": "Bị loại",
        "Quality": "Chất lượng",
        "Model": "Mô hình",
        "Compare": "So sánh",
        "One moment": "Xin đợi một chút",
        "Not here": "Không có ở đây",
        "This cannot be shown": "Không hiện được trang này",
        "To the first page": "Về trang đầu",
        "The index of this data set is being made: {rows} contexts so far. It is made once.": (
            "Đang lập chỉ mục cho bộ dữ liệu: đã được {rows} câu. Việc này chỉ làm một lần."
        ),
        "This page looks again by itself; without scripts, too.": (
            "Trang sẽ tự tải lại, kể cả khi không có script."
        ),
        # lists
        "Back": "Trước",
        "Next": "Sau",
        "Page {page} of {pages}": "Trang {page} trên {pages}",
        "Pages of the list": "Các trang của danh sách",
        "Nothing here is like that.": "Không có gì như vậy ở đây.",
        "Show": "Xem",
        "any": "bất kỳ",
        "Order": "Thứ tự",
        "most senses": "nhiều nghĩa nhất",
        "most contexts": "nhiều câu nhất",
        "by letters": "theo chữ cái",
        "State": "Tình trạng",
        "with short": "còn thiếu câu",
        "with contested": "có phiếu trái ý",
        "with bad": "có câu bị kiểm là sai",
        "with doubted": "bị mô hình nghi ngờ",
        "with rejects": "có câu bị loại",
        "Part of speech": "Từ loại",
        "Supersense": "Siêu nghĩa",
        "Word": "Từ",
        "Senses": "Nghĩa",
        "Short": "Thiếu",
        "Contested": "Trái ý",
        "Audited bad": "Kiểm là sai",
        "Doubted": "Nghi ngờ",
        "Sentence holds": "Câu có chứa",
        "without marks": "không dấu",
        "Part": "Phần",
        "Judges": "Giám khảo",
        "Audit": "Kiểm định",
        "Marks are not looked at: ban finds bàn and bán.": (
            "Không xét dấu: ban tìm ra cả bàn lẫn bán."
        ),
        "Tones are told apart: bán does not find bàn.": (
            "Có phân biệt thanh điệu: bán không tìm ra bàn."
        ),
        "Search without marks": "Tìm không dấu",
        "Only the first {n} hits are counted.": "Chỉ đếm {n} kết quả đầu tiên.",
        "Stage": "Công đoạn",
        "Code": "Mã",
        "Number": "Số lượng",
        "Nothing was rejected, or no stage is done.": (
            "Chưa có gì bị loại, hoặc chưa công đoạn nào xong."
        ),
        "reply": "phản hồi",
        # the run
        "Stages": "Các công đoạn",
        "at work": "đang chạy",
        "done": "xong",
        "working": "đang chạy",
        "stale": "đã cũ",
        "waiting": "chưa chạy",
        "Counts": "Số liệu",
        "Requests": "Yêu cầu",
        "Money": "Chi phí",
        "{n} repaired": "{n} lần phải sửa",
        "Limited to {n} synsets, as the last run was told.": (
            "Giới hạn ở {n} synset, như đã dặn trong lần chạy trước."
        ),
        "contexts": "câu",
        "senses": "nghĩa",
        "lemmas": "từ",
        "senses short of {n}": "nghĩa chưa đủ {n} câu",
        # a word
        "Words beside this one": "Các từ bên cạnh",
        "{n} senses": "{n} nghĩa",
        "{n} contexts": "{n} câu",
        "{n} contested": "{n} câu trái ý",
        "{n} rejected": "{n} bị loại",
        "no definition": "chưa có lời giải",
        "no contexts": "chưa có câu nào",
        "all {n} contexts": "cả {n} câu",
        "one of a cluster": "thuộc một cụm",
        "Princeton": "Princeton",
        "What was rejected, and why": "Những gì bị loại và lý do",
        "the first {n}": "{n} mục đầu",
        "Votes of the judges": "Phiếu của các giám khảo",
        "this sense": "nghĩa này",
        "none of these": "không nghĩa nào",
        "doubted by the model": "mô hình nghi ngờ",
        "audit:": "kiểm:",
        "agree": "đồng ý",
        "disagree": "không đồng ý",
        "unjudged": "chưa chấm",
        "good": "đúng",
        "bad": "sai",
        "partly": "đúng một phần",
        "unsure": "không chắc",
        "unaudited": "chưa kiểm",
        "train": "huấn luyện",
        "validation": "thẩm định",
        "test seen": "kiểm tra, nghĩa đã gặp",
        "test unseen sense": "kiểm tra, nghĩa chưa gặp",
        "test unseen lemma": "kiểm tra, từ chưa gặp",
        # the way of a row
        "The way of one row": "Đường đi của một câu",
        "The way of this row": "Đường đi của câu này",
        "Sense": "Nghĩa",
        "Prompt": "Lời nhắc",
        "Template": "Mẫu",
        "Round": "Vòng",
        "Request": "Yêu cầu",
        "What the sentence was to be like": "Câu được yêu cầu phải như thế nào",
        "One of the source's own examples: nobody was asked.": (
            "Đây là ví dụ có sẵn của nguồn, không phải hỏi ai."
        ),
        "Reply": "Phản hồi",
        "{n} characters": "{n} ký tự",
        "the prompt and the whole reply": "lời nhắc và toàn bộ phản hồi",
        "Checks": "Các phép kiểm",
        "It passed all of them: what fails one is among the rejected of its word.": (
            "Câu đã qua mọi phép kiểm; câu không qua nằm trong phần bị loại của từ."
        ),
        "Votes": "Bỏ phiếu",
        "Judge": "Giám khảo",
        "Choice": "Lựa chọn",
        "Place": "Vị trí",
        "{place} of {n}": "{place} trên {n}",
        "No judge was asked, or none answered.": "Chưa hỏi giám khảo nào, hoặc không ai trả lời.",
        "Auditor": "Người kiểm",
        "Question": "Câu hỏi",
        "Answer": "Trả lời",
        "Verdict": "Kết luận",
        "adjudicated": "đã phân xử",
        "Nobody has read it yet.": "Chưa có ai đọc câu này.",
        "not yet split": "chưa chia phần",
        "Asked for": "Hỏi về",
        "Time": "Thời gian",
        "Tokens": "Token",
        "{sent} in, {written} out": "{sent} gửi đi, {written} nhận về",
        "Ended": "Kết thúc vì",
        "Not these very words: the reply is of a later round or turn, or of other settings. "
        "This is what is asked first today.": (
            "Không đúng nguyên văn: phản hồi thuộc vòng hoặc lượt sau, hay thuộc thiết lập khác. "
            "Đây là lời nhắc đầu tiên theo thiết lập hiện nay."
        ),
        "Today's run.toml does not ask for this, or it could not be found in time.": (
            "run.toml hiện nay không hỏi điều này, hoặc không kịp tìm ra."
        ),
        "What the model wrote": "Mô hình đã viết",
        "Cut: these are the first characters of {n}.": (
            "Đã cắt bớt: đây là phần đầu của {n} ký tự."
        ),
        "The whole reply as it came": "Toàn bộ phản hồi như lúc nhận được",
    },
)
"""The interface of ``viconwsd view``."""
