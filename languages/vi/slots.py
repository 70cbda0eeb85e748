"""What Vietnamese sentences of a sense are to differ in."""

from __future__ import annotations

from languages.slots import Choice, Slots
from languages.vi.grammar import GRAMMAR
from schemas.records import Pos

_WRITTEN = {"region": ("any",), "sentence": ("statement", "question")}
_FRONT = {"position": ("any", "start")}
_BACK = {"position": ("any", "middle", "end")}
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
        "news": Choice("văn báo chí", 2, _WRITTEN),
        "narrative": Choice("văn kể chuyện", 2, {"region": ("any",)}),
        "spoken": Choice("khẩu ngữ", 2),
        "dialogue": Choice("lời đối thoại", 2),
        "academic": Choice("văn sách giáo khoa", 1, _WRITTEN),
        "official": Choice("văn hành chính", 1, _WRITTEN),
    },
    region={
        "any": Choice("", 3),
        "north": Choice("cách nói miền Bắc"),
        "central": Choice("cách nói miền Trung", 0.5),
        "south": Choice("cách nói miền Nam"),
    },
    sentence={
        "statement": Choice("", 6),
        "question": Choice("câu hỏi", 2),
        "exclamation": Choice("câu cảm thán"),
        "request": Choice("câu cầu khiến"),
    },
    length={
        "short": Choice("câu ngắn", 1),
        "medium": Choice("", 2),
        "long": Choice("câu dài", 1),
    },
    bands={"short": (8, 12), "medium": (13, 20), "long": (21, 35)},
    function={
        Pos.NOUN: {
            "any": Choice("", 5),
            "subject": Choice("từ đích làm chủ ngữ", 2, _FRONT),
            "object": Choice("từ đích làm bổ ngữ cho động từ", 2, _BACK),
            "modifier": Choice("từ đích làm định ngữ", 1),
            "adverbial": Choice("từ đích nằm trong trạng ngữ", 1),
            "counted": Choice("từ đích đi sau số từ hoặc loại từ", 1),
        },
        Pos.VERB: {
            "any": Choice("", 5),
            "predicate": Choice("từ đích làm vị ngữ", 2),
            "negated": Choice("từ đích bị phủ định", 1),
            "modal": Choice("từ đích đi sau “phải”, “nên”, “muốn” hoặc “có thể”", 1, _BACK),
            "passive": Choice("từ đích đi sau “bị” hoặc “được”", 1, _BACK),
            "condition": Choice("từ đích ở vế điều kiện", 1),
            "attribute": Choice("từ đích bổ nghĩa cho một danh từ", 1),
        },
        Pos.ADJ: {
            "any": Choice("", 5),
            "predicate": Choice("từ đích làm vị ngữ", 2),
            "attribute": Choice("từ đích bổ nghĩa cho một danh từ", 2),
            "compared": Choice("từ đích nằm trong câu so sánh", 1),
            "negated": Choice("từ đích bị phủ định", 1),
        },
        Pos.ADV: {
            "any": Choice("", 5),
            "of_verb": Choice("từ đích bổ nghĩa cho động từ", 2),
            "of_clause": Choice("từ đích bổ nghĩa cho cả câu", 1, _FRONT),
        },
        Pos.OTHER: {"any": Choice("")},
    },
    position={
        "any": Choice("", 4),
        "start": Choice("từ đích ở đầu câu"),
        "middle": Choice("từ đích ở giữa câu"),
        "end": Choice("từ đích ở cuối câu"),
    },
    collocate={
        "with": Choice("", 2),
        "without": Choice("không dùng từ hay đi kèm nhất"),
    },
    common=GRAMMAR.grammatical | frozenset(_COMMON.split()),
)
