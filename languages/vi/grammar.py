"""What a Vietnamese grammar calls parts of speech, and what WordNet's lexicographer files hold."""

from __future__ import annotations

from languages.grammar import Grammar
from schemas.records import Pos

_GRAMMATICAL = """
ai bị bởi bằng các chẳng cho chỉ có của cùng cũng do gì hay hoặc hơn khi không là lại mà mỗi một
nào này nên nếu nhưng như những nó ở ra rất rồi sẽ so sự tại theo thì trên trong tới từ và vào về
với vì đã đang đây đến để đó được
"""

GRAMMAR = Grammar(
    pos_names={
        Pos.NOUN: "danh từ",
        Pos.VERB: "động từ",
        Pos.ADJ: "tính từ",
        Pos.ADV: "phó từ",
        Pos.OTHER: "từ loại khác",
    },
    supersenses={
        # A catch-all in the Vietnamese WordNet (6,424 synsets of every field): it says nothing.
        "noun.tops": "",
        "noun.act": "hành động, hoạt động, việc làm",
        "noun.animal": "động vật",
        "noun.artifact": "đồ vật, công trình do con người làm ra",
        "noun.attribute": "thuộc tính, phẩm chất của người hoặc vật",
        "noun.body": "bộ phận cơ thể",
        "noun.cognition": "nhận thức, tri thức, tư duy",
        "noun.communication": "ngôn ngữ, giao tiếp, truyền đạt thông tin",
        "noun.event": "sự kiện, biến cố",
        "noun.feeling": "cảm xúc, tình cảm",
        "noun.food": "thức ăn, đồ uống",
        "noun.group": "nhóm, tập hợp người hoặc vật, tổ chức",
        "noun.location": "nơi chốn, vị trí trong không gian",
        "noun.motive": "động cơ, mục đích",
        "noun.object": "vật thể tự nhiên (không do con người làm ra)",
        "noun.person": "người",
        "noun.phenomenon": "hiện tượng tự nhiên",
        "noun.plant": "thực vật",
        "noun.possession": "của cải, sở hữu và việc chuyển giao của cải",
        "noun.process": "quá trình tự nhiên",
        "noun.quantity": "số lượng, đơn vị đo",
        "noun.relation": "quan hệ giữa người, vật hoặc khái niệm",
        "noun.shape": "hình dạng",
        "noun.state": "trạng thái, tình trạng ổn định",
        "noun.substance": "chất liệu, chất",
        "noun.time": "thời gian và quan hệ thời gian",
        "verb.body": "chăm sóc thân thể, ăn mặc, hoạt động sinh lý",
        "verb.change": "biến đổi về kích cỡ, nhiệt độ, tính chất, cường độ",
        "verb.cognition": "suy nghĩ, phán đoán, phân tích, nghi ngờ",
        "verb.communication": "nói, hỏi, ra lệnh, ca hát",
        "verb.competition": "đánh nhau, thi đấu, tranh giành",
        "verb.consumption": "ăn, uống, tiêu dùng",
        "verb.contact": "chạm, đánh, buộc, đào",
        "verb.creation": "may, nướng, vẽ, biểu diễn, tạo ra",
        "verb.emotion": "cảm xúc, tình cảm",
        "verb.motion": "đi, bay, bơi, chuyển động",
        "verb.perception": "nhìn, nghe, cảm nhận bằng giác quan",
        "verb.possession": "mua, bán, cho, nhận, sở hữu",
        "verb.social": "hoạt động và sự kiện chính trị, xã hội",
        "verb.stative": "tồn tại, có, quan hệ về không gian hoặc thời gian",
        "verb.weather": "mưa, tuyết, tan băng, sấm sét và thời tiết nói chung",
        "adj": "tính chất, đặc điểm",
        "adj.all": "tính chất, đặc điểm",
        "adj.pert": "thuộc về hoặc liên quan đến một sự vật",
        "adj.ppl": "trạng thái do một hành động đem lại",
        "adv": "cách thức, mức độ, thời gian hoặc nơi chốn",
        "adv.all": "cách thức, mức độ, thời gian hoặc nơi chốn",
        "conj": "liên từ, nối các từ, cụm từ hoặc mệnh đề",
        "interj": "thán từ, bộc lộ cảm xúc hoặc gọi đáp",
        "prep": "giới từ, nối một từ với phần bổ nghĩa cho nó",
        "pron": "đại từ, dùng để xưng hô hoặc thay thế",
    },
    grammatical=frozenset(_GRAMMATICAL.split()),
)
