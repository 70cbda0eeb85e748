"""What annotators of Vietnamese read on an audit's page."""

from __future__ import annotations

from languages.audit_page import AuditPageTexts

AUDIT_PAGE = AuditPageTexts(
    welcome="Cảm ơn bạn đã nhận lời giúp. Mỗi lần, trang này hiện một câu có một từ in đậm. "
    "Bạn chỉ cần đọc và trả lời theo cảm nhận của mình về tiếng Việt, không cần kiến thức về máy "
    "tính hay ngôn ngữ học.",
    steps=(
        "Bấm vào câu trả lời, hoặc nhấn phím ghi bên cạnh. Trả lời xong một câu, trang tự chuyển "
        "sang câu sau.",
        "Phân vân thì chọn “Không chắc”: đó cũng là một câu trả lời có ích. Xin đừng đoán.",
        "Khi bạn chọn “Không chắc” hay thấy có chỗ sai, trang hỏi vì sao: nhấn một phím là xong, "
        "hoặc bỏ qua.",
        "Xét riêng từng câu. Gặp lại một câu giống câu đã làm, cứ trả lời như lần đầu, đừng xem "
        "lại câu cũ. Nếu có người khác cùng làm, xin đừng bàn câu trả lời với nhau cho đến khi mọi "
        "người đều đã xong.",
        "Có thể nghỉ bất cứ lúc nào: mở lại đúng tệp này trong chính trình duyệt này, trang sẽ "
        "tiếp tục từ chỗ đang dở.",
        "Khi xong, hoặc khi muốn gửi phần đã làm, bấm “Lưu tệp” rồi gửi tệp vừa lưu. Đừng gửi lại "
        "trang này: trong trang không có câu trả lời.",
    ),
    duration="Có {rows} câu, làm hết khoảng {minutes} phút; không cần làm liền một mạch.",
    begin="Bắt đầu làm thử",
    go_on="Tiếp tục",
    training="Làm thử {number} / {rows}",
    training_note="Phần làm thử không được tính.",
    right="Đúng.",
    wrong="Nên trả lời: {answer}.",
    training_done="Phần làm thử đã xong. Từ đây, câu trả lời của bạn được tính.",
    item="Câu {number} / {rows}",
    progress="Đã xong {done} / {rows} câu",
    minutes_left="còn khoảng {minutes} phút",
    why="Vì sao?",
    no_reason="Bỏ qua",
    remark="Ghi chú (không bắt buộc)",
    back="Câu trước",
    skip="Để sau",
    undo="Hoàn tác",
    pause="Tạm nghỉ",
    help="Trợ giúp",
    close="Đóng",
    save_file="Lưu tệp",
    open_file="Mở tệp đã lưu",
    paused="Đang tạm nghỉ",
    paused_note="Thời gian không được tính. Bạn cũng có thể đóng trang và mở lại sau.",
    finished="Bạn đã trả lời hết",
    finished_note="Xin cảm ơn. Hãy bấm “Lưu tệp” rồi gửi tệp vừa lưu cho người đã nhờ bạn.",
    keys="Phím tắt",
    keys_choose="chọn câu trả lời hay lý do có số ấy",
    keys_unsure="không chắc",
    keys_none="không nghĩa nào",
    keys_move="tới câu trả lời khác; Enter để chọn",
    keys_items="câu trước; để sau, sang câu tiếp theo",
    keys_leave="rời ô ghi chú",
    keys_on="Trả lời bằng phím tắt",
    kept="Câu trả lời được lưu trong trình duyệt này.",
    not_kept="Trình duyệt không cho trang này lưu câu trả lời (có thể bạn đang mở ở chế độ ẩn "
    "danh hay riêng tư). Bạn vẫn trả lời được, nhưng nhớ bấm “Lưu tệp” trước khi đóng trang; lần "
    "sau bấm “Mở tệp đã lưu” để làm tiếp.",
    kept_no_more="Trình duyệt đã hết chỗ lưu: từ đây câu trả lời chỉ còn trong trang đang mở. Hãy "
    "bấm “Lưu tệp” ngay và trước khi đóng trang.",
    other_tab="Trang này đang mở ở một thẻ khác nữa. Không câu trả lời nào bị mất: với mỗi câu, "
    "câu trả lời mới nhất được tính. Xin đóng bớt một thẻ.",
    undone="Đã hoàn tác.",
    nothing_to_undo="Không còn gì để hoàn tác.",
    file_saved="Đã lưu tệp {file}, thường nằm trong thư mục Tải xuống. Hãy gửi tệp ấy.",
    file_taken="Đã nhận câu trả lời của {rows} câu từ tệp.",
    file_refused="Tệp này không phải là tệp câu trả lời của trang này, hoặc đã bị sửa. Không nhận "
    "gì từ tệp.",
    damaged="Trang này đã bị hỏng trên đường gửi. Xin đừng trả lời ở đây; hãy báo cho người đã gửi "
    "để nhận lại trang.",
    no_script="Trang này cần JavaScript. Hãy mở tệp bằng một trình duyệt như Chrome, Firefox, Edge "
    "hay Safari, không mở trong khung xem trước của hộp thư.",
)
