"""The paper's backbones: their tokenizers, word by word as on the whole sentence; their presets.

Their vocabularies are learned here from the tiny release, as no hub is asked; the classes are those
that their checkpoints name: PhoBERT's fastBPE, and the sentence pieces of XLM-R and ViDeBERTa.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_release import VI, rows
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    AutoModel,
    DebertaV2Config,
    DebertaV2Tokenizer,
    PhobertTokenizer,
    PreTrainedTokenizerBase,
    RobertaConfig,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
)

from trainer.data import WsdData
from trainer.inference import Disambiguator
from trainer.saved.model_folder import SavedModel
from trainer.settings import TrainSettings
from trainer.text.inputs import InputMaker, MarkedSentence
from trainer.text.pieces import Pieces
from trainer.text.words import words_of
from trainer.training.run import train_model

SENTENCES = [example.sentence for example in rows()[0]]
PUNCTUATED = [
    "Ông cụ hỏi: “Xe đạp của cháu (chiếc màu đỏ) đâu rồi?”",
    "Tôi mua 2,5 kg đường, muối... rồi về!",
    "xe bon bon trên đường nhựa",
]


def sentence_pieces(special: list[str], unknown: str) -> list[tuple[str, float]]:
    """A Unigram vocabulary with scores, special tokens first."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    learned = trainers.UnigramTrainer(
        vocab_size=400, special_tokens=special, unk_token=unknown, show_progress=False
    )
    tokenizer.train_from_iterator([*SENTENCES, *PUNCTUATED], learned)
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    return [(piece, float(score)) for piece, score in vocabulary]


def xlm_roberta(_: Path) -> PreTrainedTokenizerBase:
    vocabulary = sentence_pieces(["<s>", "<pad>", "</s>", "<unk>"], "<unk>")
    return XLMRobertaTokenizer(vocab=[*vocabulary, ("<mask>", 0.0)])


def videberta(_: Path) -> PreTrainedTokenizerBase:
    return DebertaV2Tokenizer(vocab=sentence_pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "[UNK]"))


def phobert(folder: Path) -> PreTrainedTokenizerBase:
    """fastBPE codes and a vocabulary in fairseq's notation, learned over joined words."""
    joined = [
        " ".join(word.replace(" ", "_") for word in VI.segmentation.segment(text))
        for text in [*SENTENCES, *PUNCTUATED]
    ]
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    learned = trainers.BpeTrainer(vocab_size=500, end_of_word_suffix="</w>", show_progress=False)
    tokenizer.train_from_iterator(joined, learned)
    model = json.loads(tokenizer.to_str())["model"]
    codes = [f"{left} {right} 1" for left, right in model["merges"]]
    pieces = [
        piece.removesuffix("</w>") if piece.endswith("</w>") else f"{piece}@@"
        for piece in model["vocab"]
    ]
    (folder / "bpe.codes").write_text("\n".join(codes) + "\n", "utf-8")
    (folder / "vocab.txt").write_text("".join(f"{piece} 1\n" for piece in pieces), "utf-8")
    return PhobertTokenizer(str(folder / "vocab.txt"), str(folder / "bpe.codes"))


TOKENIZERS = {"phobert": phobert, "xlm-roberta": xlm_roberta, "videberta": videberta}


@pytest.fixture(scope="module", params=sorted(TOKENIZERS))
def pieces(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pieces:
    folder = tmp_path_factory.mktemp(request.param)
    return Pieces(TOKENIZERS[request.param](folder), joined=request.param == "phobert")


def whole(pieces: Pieces, text: str) -> list[int]:
    """The sentence as its backbone was pretrained on it."""
    if pieces.joined:
        text = " ".join(
            word.text.replace(" ", "_") for word in words_of(text, VI.segmentation.segment)
        )
    return list(pieces.tokenizer(text, add_special_tokens=False)["input_ids"])


@pytest.mark.parametrize("text", [*SENTENCES[:8], *PUNCTUATED])
def test_the_words_pieces_are_those_of_the_whole_sentence(pieces: Pieces, text: str) -> None:
    unknown = pieces.tokenizer.unk_token_id
    found = pieces.of_words(words_of(text, VI.segmentation.segment))
    assert pieces.tokenizer.convert_ids_to_tokens(found) == (
        pieces.tokenizer.convert_ids_to_tokens(whole(pieces, text))
    )
    assert found.count(unknown) < len(found) / 4


def test_the_target_is_placed_between_the_special_pieces(pieces: Pieces) -> None:
    inputs = InputMaker(pieces, VI.segmentation.segment, 64)
    sentence = PUNCTUATED[1]
    start = sentence.index("đường")
    tokenized = inputs.tokenize(MarkedSentence(sentence, start, start + len("đường")))
    tokenizer = pieces.tokenizer
    first, last = tokenized.ids[0], tokenized.ids[-1]
    assert {first, last} == {tokenizer.cls_token_id, tokenizer.sep_token_id}
    own = tokenizer.convert_ids_to_tokens(list(tokenized.ids[tokenized.start : tokenized.end]))
    assert "".join(own).replace("@@", "").lstrip("▁") == "đường"


PRESETS = {
    "phobert": "phobert-base",
    "xlm-roberta": "xlm-roberta-base",
    "videberta": "videberta-base",
}
TINY = {
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 32,
    "max_position_embeddings": 140,
}


@pytest.mark.parametrize("kind", sorted(TOKENIZERS))
def test_a_preset_trains_and_its_folder_opens(kind: str, data: WsdData, tmp_path: Path) -> None:
    """The preset with a tiny backbone of its kind in place of the hub's."""
    (tmp_path / "made").mkdir()
    tokenizer = TOKENIZERS[kind](tmp_path / "made")
    shape = {**TINY, "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    config = {
        "phobert": RobertaConfig(**shape),
        "xlm-roberta": XLMRobertaConfig(**shape),
        "videberta": DebertaV2Config(**shape, relative_attention=True, pos_att_type=["p2c"]),
    }[kind]
    backbone = tmp_path / "backbone"
    AutoModel.from_config(config).save_pretrained(backbone)
    tokenizer.save_pretrained(backbone)
    settings = TrainSettings(
        preset=f"{kind}-base",
        backbone=str(backbone),
        gloss_encoder="tfidf",
        gloss_width=16,
        max_length=64,
        batch_size=16,
        chunk_size=4,
        epochs=1,
    )
    done = train_model(data, settings, tmp_path / "run", lambda _: None)
    ranker = SavedModel.open(done.folder).ranker
    answer = Disambiguator(ranker).disambiguate("Tôi đang [[khoan]] tường, chờ nhé!")
    assert {sense.sense_id for sense in answer.senses} == {"s3#khoan", "s4#khoan"}
    assert ranker.inputs.pieces.joined is (kind == "phobert")
