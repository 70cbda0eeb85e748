"""What data cards and model cards say in Vietnamese."""

from __future__ import annotations

from languages.card import CardFigures, CardTexts, OwnCardTexts, PlotText, PlotTexts


def _summary(figures: CardFigures) -> str:
    """The paragraph of a data card."""
    written = "do mô hình ngôn ngữ viết ra"
    audited = " và được người bản ngữ thẩm định trên một mẫu" if figures.audited else ""
    demo = ""
    if figures.recorded:
        written, audited = "lấy từ các câu trả lời đã ghi sẵn", ""
        demo = "**Bản này chỉ để minh hoạ quy trình, không nên dùng để huấn luyện.** "
    parts = (
        "**Các tập còn chồng lấn nhau (xem mục Leakage), nên kết quả trên tập kiểm tra chưa đáng "
        "tin cậy.**"
    )
    if figures.clean:
        parts = (
            "Tập huấn luyện, tập phát triển và các tập kiểm tra được tách sao cho không có câu nào "
            "trùng hay gần trùng giữa các tập; có hai tập kiểm tra riêng cho những nghĩa và những "
            "từ không hề xuất hiện trong tập huấn luyện."
        )
    return (
        f"{figures.name} là bộ ngữ liệu về nghĩa của từ tiếng Việt, gồm "
        f"{_number(figures.examples)} câu. Mỗi câu có một từ đích được đánh dấu vị trí, kèm nghĩa "
        "của từ trong câu ấy và lời định nghĩa của nghĩa đó. Kho nghĩa gồm "
        f"{_number(figures.senses)} nghĩa của {_number(figures.lemmas)} từ, trong đó "
        f"{_number(figures.same_pos_lemmas)} từ có từ hai nghĩa trở lên thuộc cùng một từ loại. "
        f"Các nghĩa lấy từ {figures.source}; lời định nghĩa và câu {written} rồi được kiểm tra tự "
        f"động{audited}. {demo}{parts} Giấy phép: {figures.licence}."
    )


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


CARD = CardTexts(
    example="Tôi đang [[khoan]] tường",
    own=OwnCardTexts(
        heading="Tóm tắt bằng tiếng Việt",
        summary=_summary,
        model_summary=(
            "Mô hình mã hoá nghĩa của từ tiếng Việt theo ngữ cảnh: véc-tơ của từ được đánh dấu "
            "trong câu nằm cùng không gian với véc-tơ của các lời định nghĩa, nhờ đó chọn được "
            "nghĩa phù hợp nhất."
        ),
        plots=PlotTexts(
            senses_per_lemma=PlotText(
                title="Số nghĩa của mỗi từ",
                x="số nghĩa",
                y="số từ",
                caption="Số nghĩa của mỗi từ trong kho nghĩa.",
            ),
            log_scale="thang log",
            contexts_per_sense=PlotText(
                title="Số ngữ cảnh của mỗi nghĩa",
                x="số ngữ cảnh",
                y="số nghĩa",
                caption="Số ngữ cảnh của mỗi nghĩa; màu cam: chưa đủ {wanted} ngữ cảnh.",
            ),
            wanted="cần {wanted}",
            rejections_by_code=PlotText(
                title="Bị loại theo mã lý do",
                x="số mục bị loại",
                caption="Số mục bị loại theo từng mã lý do.",
            ),
            audit_by_stratum=PlotText(
                title="Thẩm định theo tầng",
                x="tỷ lệ câu đạt, khoảng tin cậy 95 %",
                caption=(
                    "Tỷ lệ câu đạt theo người thẩm định ở từng tầng, kèm khoảng tin cậy 95 %."
                ),
            ),
        ),
    ),
)
