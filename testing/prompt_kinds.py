"""What prompts are asked with and answered by, of every kind, and one synset to ask about."""

from __future__ import annotations

from prompts.replies import (
    ContextsReply,
    CounterpartReply,
    EquivalentsReply,
    GlossesReply,
    GroupedContextsReply,
    JudgeReply,
    RephraseReply,
    ReplyModel,
    VerifyReply,
)
from prompts.tasks import (
    ContextsGroupTask,
    ContextsTask,
    CounterpartTask,
    EquivalentsTask,
    GlossesTask,
    JudgeTask,
    OtherSynset,
    RephraseTask,
    SynsetToDefine,
    Task,
    VerifyTask,
)
from schemas.records import Pos

TASKS: dict[str, type[Task]] = {
    "equivalents": EquivalentsTask,
    "counterpart": CounterpartTask,
    "contexts": ContextsTask,
    "contexts_group": ContextsGroupTask,
    "glosses": GlossesTask,
    "verify": VerifyTask,
    "judge": JudgeTask,
    "paraphrase": RephraseTask,
    "translate": RephraseTask,
}
"""By the name of the template."""
REPLIES: list[type[ReplyModel]] = [
    EquivalentsReply,
    CounterpartReply,
    GlossesReply,
    VerifyReply,
    ContextsReply,
    GroupedContextsReply,
    JudgeReply,
    RephraseReply,
]

STONE = SynsetToDefine(
    1,
    ("đá", "cục đá"),
    Pos.NOUN,
    "noun.object",
    "a lump of hard mineral",
    "en",
    ("khoáng vật",),
    ("ném đá",),
    ("“viên đá”: định nghĩa dùng chính từ “đá”",),
)
KICK = OtherSynset(2, ("đá", "sút"), Pos.VERB, "verb.contact", "to kick")
STONE_SENTENCES = ContextsTask(
    "đá", Pos.NOUN, "noun.object", "vật rắn", ("dùng chân hất",), 3, ("câu quá ngắn",), ("A.",)
)
STONE_JUDGED = JudgeTask("đá", ("Nó [[đá]] bóng.", "Cục [[đá]] to."), ("vật rắn", "dùng chân hất"))
