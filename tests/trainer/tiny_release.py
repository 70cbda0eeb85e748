"""A tiny hand-written release, with same-POS and cross-POS homographs."""

from __future__ import annotations

from pathlib import Path

from languages.find import find_language
from schemas.records import Example, InventorySense, Pos, Split
from schemas.tables import write_table
from testing.made_sense import MadeSense
from trainer.settings import ObjectiveSettings, SmallEncoderSettings, TrainSettings

VI = find_language("vi")
SENSES: list[tuple[str, str, Pos, str, list[str]]] = [
    (
        "s1",
        "đường",
        Pos.NOUN,
        "chất kết tinh có vị ngọt, dùng trong thực phẩm",
        [
            "cho thêm hai thìa [[đường]] vào cốc sữa",
            "mẹ mua một cân [[đường]] trắng",
            "nước chanh này nhiều [[đường]] quá",
            "bánh làm bằng bột và [[đường]]",
            "ăn nhiều [[đường]] dễ sâu răng",
            "[[đường]] mía rất ngọt",
        ],
    ),
    (
        "s2",
        "đường",
        Pos.NOUN,
        "lối đi nối liền các nơi cho người và xe cộ qua lại",
        [
            "xe chạy bon bon trên [[đường]] nhựa",
            "trẻ em không được chơi ngoài [[đường]]",
            "con [[đường]] làng quanh co",
            "hai bên [[đường]] trồng hàng cây xanh",
            "công nhân đang sửa [[đường]]",
            "ô tô dừng lại bên [[đường]]",
        ],
    ),
    (
        "s3",
        "khoan",
        Pos.NOUN,
        "dụng cụ có mũi xoắn dùng để tạo lỗ trên vật cứng",
        [
            "người thợ cầm cái [[khoan]] điện",
            "mũi [[khoan]] này đã cùn",
            "chiếc [[khoan]] để trong hộp đồ nghề",
            "anh mượn cái [[khoan]] của hàng xóm",
        ],
    ),
    (
        "s4",
        "khoan",
        Pos.VERB,
        "làm thủng vật cứng bằng cách xoáy mũi nhọn vào",
        [
            "Tôi đang [[khoan]] tường để treo tranh",
            "họ [[khoan]] giếng lấy nước",
            "thợ [[khoan]] một lỗ trên tấm gỗ",
            "đội thăm dò [[khoan]] dầu ngoài biển",
        ],
    ),
    (
        "s5",
        "bàn",
        Pos.NOUN,
        "đồ dùng có mặt phẳng và chân, để bày đồ đạc hay làm việc",
        [
            "đặt quyển sách lên [[bàn]] học",
            "cái [[bàn]] gỗ bốn chân",
            "cả nhà ngồi quanh [[bàn]] ăn cơm",
            "lau mặt [[bàn]] cho sạch",
        ],
    ),
    (
        "s6",
        "bàn",
        Pos.NOUN,
        "lần đưa bóng vào lưới đối phương trong thi đấu",
        [
            "đội nhà thắng hai [[bàn]] trắng",
            "tiền đạo ghi [[bàn]] ở phút cuối",
            "trận đấu không có [[bàn]] nào",
            "cầu thủ ấy đã có mười [[bàn]]",
        ],
    ),
    (
        "s7",
        "bàn",
        Pos.VERB,
        "trao đổi ý kiến với nhau về một việc",
        [
            "hai bên [[bàn]] việc hợp tác",
            "cả lớp [[bàn]] nhau đi thăm thầy",
            "họ [[bàn]] cách làm ăn",
            "cuộc họp [[bàn]] về kế hoạch năm tới",
        ],
    ),
    (
        "s8",
        "lan can",
        Pos.NOUN,
        "hàng chắn ngang hai bên cầu hoặc rìa ban công",
        [
            "nó tựa vào [[lan can]] nhìn xuống sông",
            "sơn lại [[lan can]] cầu thang",
            "[[lan can]] ban công bằng sắt",
        ],
    ),
    (
        "s9",
        "mì chính",
        Pos.NOUN,
        "chất kết tinh có vị ngọt, dùng trong thực phẩm",
        ["nêm một ít [[mì chính]] vào canh"],
    ),
]
UNSEEN_LEMMA = (
    "s10",
    "câu",
    Pos.NOUN,
    "đơn vị lời nói diễn đạt một ý trọn vẹn",
    ["viết một [[câu]] hoàn chỉnh"],
)
UNSEEN_SIBLING = (
    "s11",
    "câu",
    Pos.VERB,
    "bắt cá bằng móc sắt có mắc mồi",
    ["ông ngồi [[câu]] cá bên hồ"],
)


def rows() -> tuple[list[Example], list[InventorySense]]:
    everything = [*SENSES, UNSEEN_LEMMA, UNSEEN_SIBLING]
    examples, senses = [], []
    for synset, lemma, pos, gloss, sentences in everything:
        n = sum(s[1] == lemma for s in everything) - 1
        n_same_pos = sum(s[1] == lemma and s[2] == pos for s in everything) - 1
        made = MadeSense(
            synset, pos, f"{pos.value}.x", lemma, gloss, n, n_same_pos, tuple(sentences)
        )
        for at, marked in enumerate(sentences):
            split = Split.TRAIN
            if lemma == "câu":
                split = Split.TEST_UNSEEN_LEMMA
            elif len(sentences) >= 4 and at == len(sentences) - 1:
                split = Split.TEST_SEEN
            elif len(sentences) >= 4 and at == len(sentences) - 2:
                split = Split.VALIDATION
            examples.append(made.example(marked, split))
        senses.append(made.in_inventory())
    return examples, senses


def write_release(folder: Path) -> Path:
    """Writes the release's Parquet shards into ``folder``."""
    examples, senses = rows()
    for split in Split:
        own = sorted((e for e in examples if e.split is split), key=lambda e: e.context_id)
        path = folder / "data" / "examples" / f"{split.value}-00000-of-00001.parquet"
        write_table(path, Example, own)
    senses.sort(key=lambda s: s.sense_id)
    shard = folder / "data" / "senses" / "senses-00000-of-00001.parquet"
    write_table(shard, InventorySense, senses)
    return folder


def tiny_settings(**changes: object) -> TrainSettings:
    """Settings under which a training takes a second."""
    values: dict[str, object] = {
        "small": SmallEncoderSettings(width=16, layers=1, heads=2, vocabulary=400),
        "gloss_width": 12,
        "segmenter": "units",
        "max_length": 32,
        "heads": 2,
        "head_width": 16,
        "batch_size": 8,
        "epochs": 2,
        "encoder_learning_rate": 1e-3,
        "head_learning_rate": 1e-3,
        "objective": ObjectiveSettings(),
        **changes,
    }
    return TrainSettings(**values)


def save_decoder(folder: Path) -> str:
    """A tiny decoder-only backbone with its tokenizer."""
    import torch
    from transformers import AutoModel, Gemma3TextConfig

    from trainer.model.small import train_tokenizer

    torch.manual_seed(0)
    tokenizer = train_tokenizer([e.sentence for e in rows()[0]], 300)
    tokenizer.save_pretrained(folder)
    AutoModel.from_config(
        Gemma3TextConfig(
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            head_dim=8,
            intermediate_size=32,
            num_key_value_heads=1,
            vocab_size=len(tokenizer),
        )
    ).save_pretrained(folder)
    return str(folder)


def save_encoder(folder: Path, texts: list[str]) -> str:
    """A tiny BERT of width 8 with a tokenizer of those texts."""
    import torch
    from transformers import BertConfig, BertModel

    from trainer.model.small import train_tokenizer

    torch.manual_seed(0)
    tokenizer = train_tokenizer(texts, 300)
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        vocab_size=len(tokenizer),
    )
    BertModel(config).save_pretrained(folder)
    return str(folder)
