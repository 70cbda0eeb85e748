"""What Vietnamese sentences of a sense are to differ in."""

from __future__ import annotations

from languages.slots import Slots
from languages.vi.grammar import GRAMMAR
from schemas.records import Pos

_COMMON = """
anh ba bà bác bạn bên bố buổi cái cả chị chiếc chiều chú chưa con còn cô cứ dưới em giờ hai hãy hết
hôm lắm lên lúc lần mẹ mình mọi mới mười mươi mấy nay ngày ngoài người nhau nhiều năm nữa ông phải
qua quá ra sao sau sáng tôi thôi thế từng trước tuần tối vài vẫn việc vừa xong xuống đâu đầu đều
đêm đi đó đừng ấy à ạ chẳng chính chúng chuyện cháu khỏi kia liền luôn nghìn nhé rằng tháng thấy
trăm đành đôi
"""

SLOTS = Slots(
    domain={
        "arts": "về văn nghệ",
        "children": "về trẻ con",
        "crafts": "về nghề thủ công",
        "farming": "về đồng áng, chăn nuôi",
        "friends": "về bạn bè, hàng xóm",
        "health": "về sức khỏe",
        "history": "về lịch sử",
        "home": "về gia đình",
        "law": "về pháp luật",
        "market": "về chợ búa",
        "media": "về thời sự",
        "money": "về tiền nong, làm ăn",
        "nature": "về thiên nhiên",
        "school": "về trường học",
        "science": "về khoa học",
        "sport": "về thể thao",
        "technology": "về máy móc, công nghệ",
        "travel": "về đi lại, du lịch",
        "work": "về nơi làm việc",
    },
    style={
        "news": "văn báo chí",
        "narrative": "văn kể chuyện",
        "spoken": "khẩu ngữ",
        "dialogue": "lời đối thoại",
        "academic": "văn sách giáo khoa",
        "official": "văn hành chính",
    },
    region={
        "north": "cách nói miền Bắc",
        "central": "cách nói miền Trung",
        "south": "cách nói miền Nam",
    },
    sentence={
        "question": "câu hỏi",
        "exclamation": "câu cảm thán",
        "request": "câu cầu khiến",
    },
    length={
        "short": "câu ngắn",
        "long": "câu dài",
    },
    bands={"short": (8, 12), "long": (21, 35)},
    function={
        Pos.NOUN: {
            "subject": "từ đích làm chủ ngữ",
            "object": "từ đích làm bổ ngữ cho động từ",
            "modifier": "từ đích làm định ngữ",
            "adverbial": "từ đích nằm trong trạng ngữ",
            "counted": "từ đích đi sau số từ hoặc loại từ",
        },
        Pos.VERB: {
            "predicate": "từ đích làm vị ngữ",
            "negated": "từ đích bị phủ định",
            "modal": "từ đích đi sau “phải”, “nên”, “muốn” hoặc “có thể”",
            "passive": "từ đích đi sau “bị” hoặc “được”",
            "condition": "từ đích ở vế điều kiện",
            "attribute": "từ đích bổ nghĩa cho một danh từ",
        },
        Pos.ADJ: {
            "predicate": "từ đích làm vị ngữ",
            "attribute": "từ đích bổ nghĩa cho một danh từ",
            "compared": "từ đích nằm trong câu so sánh",
            "negated": "từ đích bị phủ định",
        },
        Pos.ADV: {
            "of_verb": "từ đích bổ nghĩa cho động từ",
            "of_clause": "từ đích bổ nghĩa cho cả câu",
        },
        Pos.OTHER: {},
    },
    position={
        "start": "từ đích ở đầu câu",
        "middle": "từ đích ở giữa câu",
        "end": "từ đích ở cuối câu",
    },
    collocate={
        "without": "không dùng từ hay đi kèm nhất",
    },
    common=GRAMMAR.grammatical | frozenset(_COMMON.split()),
)
