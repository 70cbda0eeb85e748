"""What annotators of English read: questions, instructions, worked examples, messages.

The examples are written for this sheet.
"""

from __future__ import annotations

from languages.audit import AuditTexts, ColumnTexts, GuideTexts, QuestionTexts, WorkedExample

_WELCOME = (
    "Thank you for helping. Each row of the sheet “Questions” has a sentence with one word in "
    "bold. Just read it and choose the answer that your feeling for English tells you; you need "
    "to know nothing about computers or linguistics."
)

_STEPS = (
    "Fill in only the cells with a yellow background. Click on a cell and choose from its list "
    "(shortcut: Alt + ↓), or type the answer; capital or small letters are both fine.",
    "If you are in doubt, choose “Not sure” and say why in “Remarks”: that is a useful answer "
    "too. Please do not guess.",
    "The answers of a row turn green when it is finished; orange is an answer that is missing, "
    "pink one that is not in the list.",
    "You can save and send the file before you have done all of it, carry on later, and send the "
    "whole file again. The top line of the sheet “Questions” says how many rows you have finished.",
    "Write whatever you like in the column “Remarks”: spelling mistakes, a more natural wording, "
    "why you were in doubt.",
    "Please do not change the white columns, even where you see a spelling mistake; put it into "
    "“Remarks” instead. Filtering rows and widening columns is fine. To sort the rows in Excel, "
    "unprotect the sheet first (Review → Unprotect Sheet; there is no password).",
)

_ANNOTATOR_STEPS = (
    "Judge each row by itself. If you meet a sentence like one you have done before, answer as "
    "you did then, without looking it up.",
    "If others read sentences too, please do not discuss your answers with them until all of you "
    "have finished.",
)

_UNSURE = dict.fromkeys(("not sure", "?", "unsure"), "unsure")

_REASONS = {
    "fluent": {
        "grammar": "ungrammatical",
        "unnatural": "nobody would say that",
        "incomplete": "something is missing",
        "nonsense": "makes no sense",
        "dialect": "perhaps dialect or dated",
        "context": "only clear with more text",
        "unknown_word": "has a word I do not know",
    },
    "usage": {
        "other_sense": "another sense of the word",
        "part": "only a part of another word",
        "name": "a name",
        "context": "the sentence says too little",
        "between": "between this sense and another",
        "unclear_gloss": "the definition is not clear",
        "unknown_word": "I do not know the word",
    },
    "gloss": {
        "other_sense": "about another meaning",
        "unreadable": "cannot be understood",
        "group": "the words do not mean the same",
        "circular": "only repeats the word",
        "unclear_gloss": "the definition is not clear",
        "unknown_word": "has a word I do not know",
    },
    "sense": {
        "missing": "this sense is not in the list",
        "part": "only a part of another word",
        "name": "a name",
        "context": "the sentence says too little",
        "between": "two senses fit equally well",
        "alike": "the senses are hard to tell apart",
        "unknown_word": "I do not know the word",
    },
}

_QUESTIONS = {
    "fluent": QuestionTexts(
        "1. Natural sentence?",
        {"yes": "Yes", "no": "No", "unsure": "Not sure: sentence"},
        (
            "Yes: a native speaker could say or write this; formal, slightly dated or casual "
            "sentences are fine, and so is a phrase that is natural as a part of a sentence.",
            "No: it is awkward, ungrammatical or incomplete, or you understand it but nobody "
            "would put it like that.",
        ),
        {"y": "yes", "n": "no"},
        _REASONS["fluent"],
        _UNSURE,
    ),
    "usage": QuestionTexts(
        "2. Word used in this sense?",
        {"yes": "This sense", "other": "Other sense", "unsure": "Not sure: sense"},
        (
            "Compare what the word in bold means in the sentence with the definition in the row.",
            "This sense: in this sentence the word in bold means just that.",
            "Other sense: it means something else, or is only a part of another word (“dog” in "
            "“hot dog”).",
        ),
        {"other": "other", "this": "yes"},
        _REASONS["usage"],
        {"right": "yes"} | _UNSURE,
    ),
    "gloss": QuestionTexts(
        "3. Definition right for the words?",
        {
            "yes": "Right definition",
            "partly": "Partly right",
            "no": "Wrong definition",
            "unsure": "Not sure: definition",
        },
        (
            "Now leave the sentence aside and compare the definition with what the words of the "
            "group have in common. Of a single word it must fit one of its senses.",
            "Right definition: it states that meaning, and all of it.",
            "Partly right: it is about the right thing, but something is missing, wrong or too "
            "much.",
            "Wrong definition: it is about another meaning, or cannot be understood.",
        ),
        {
            "partly": "partly",
            "w": "no",
            "wrong": "no",
            "r": "yes",
        },
        _REASONS["gloss"],
        {"right": "yes"} | _UNSURE,
    ),
    "sense": QuestionTexts(
        "Which sense?",
        {"none": "None of them", "unsure": "Not sure"},
        (
            "Read the sentence and choose the number of the sense that the word in bold has there.",
            "If two senses fit, choose the better one; if they fit equally well, choose “Not "
            "sure”.",
            "None of them: the word in bold has a sense that is not in the list, or is only a "
            "part of another word (“dog” in “hot dog”).",
            "The order of the senses is random and means nothing.",
        ),
        {"none": "none", "0": "none"} | _UNSURE,
        _REASONS["sense"],
    ),
    "same": QuestionTexts(
        "Same meaning?",
        {"yes": "Same", "no": "Different", "unsure": "Not sure"},
        (
            "Compare the meaning of the word in bold with that of the word in [[ ]] in the other "
            "sentence; the sentences may be about different things.",
            "Same: each word, used as in its sentence, can stand for the other.",
            "Different: one of the words has another meaning here.",
        ),
        dict.fromkeys(("yes", "y", "1"), "yes") | dict.fromkeys(("no", "n", "0"), "no") | _UNSURE,
        {
            "other_sense": "another sense of the word",
            "part": "only a part of another word",
            "context": "the sentence tells too little",
            "between": "near, but not the same",
            "unknown_word": "a word I do not know",
        },
    ),
}

_HOLES = "make a hole in something hard with a pointed tool that turns"

_REVIEW_EXAMPLES = (
    WorkedExample(
        "She [[drilled]] two small holes in the wall to hang the shelf.",
        (_HOLES, "drill, bore"),
        ("Yes", "This sense", "Right definition"),
        "A good sentence; “drilled” means making holes; the definition is right.",
    ),
    WorkedExample(
        "The sergeant [[drilled]] the new recruits on the parade ground all morning.",
        (_HOLES, "drill, bore"),
        ("Yes", "Other sense", "Right definition"),
        "Here “drilled” means training by repetition. The definition still fits the words.",
    ),
    WorkedExample(
        "He performed to [[eat]] one apple into the inside of his mouth.",
        ("put food into the mouth, chew it and swallow it", "eat"),
        ("No", "This sense", "Right definition"),
        "You understand it, but a native speaker would just say “He ate an apple.”",
    ),
    WorkedExample(
        "My mother put a white [[rose]] on the table.",
        ("a flower that is red and smells sweet", "rose"),
        ("Yes", "This sense", "Partly right"),
        "It is the flower, but not every rose is red.",
    ),
    WorkedExample(
        "A heron stood on the [[bank]] and watched the water.",
        ("the land along the side of a river", "bank, depository financial institution"),
        ("Yes", "This sense", "Wrong definition"),
        "The sentence fits the definition, but the group of words is about money.",
    ),
    WorkedExample(
        "They went to the [[bank]] again yesterday.",
        ("the land along the side of a river", "bank, riverside"),
        ("Yes", "Not sure: sense", "Right definition"),
        "The sentence does not tell whether it was the river or the place for money.",
    ),
)

_BLIND_SHOWN = (
    "1. (verb) train by making somebody repeat the same thing\n"
    f"2. (verb) {_HOLES}\n"
    "3. (noun) a tool for making holes"
)

_BLIND_EXAMPLES = (
    WorkedExample(
        "The sergeant [[drilled]] the new recruits on the parade ground all morning.",
        (_BLIND_SHOWN,),
        ("1",),
        "Recruits are trained.",
    ),
    WorkedExample(
        "Could I borrow your [[drill]] over the weekend?",
        (_BLIND_SHOWN,),
        ("3",),
        "What is borrowed is the tool: a noun.",
    ),
    WorkedExample(
        "The farmer bought a second-hand seed [[drill]] at the auction.",
        (_BLIND_SHOWN,),
        ("None of them",),
        "A seed drill sows seeds; “drill” is only a part of its name.",
    ),
    WorkedExample(
        "They [[drilled]] for weeks and still found no water.",
        (_BLIND_SHOWN,),
        ("2",),
        "Whoever looks for water makes a hole in the ground.",
    ),
    WorkedExample(
        "We [[drilled]] all afternoon.",
        (_BLIND_SHOWN,),
        ("Not sure",),
        "It may have been soldiers or carpenters: senses 1 and 2 fit equally well.",
    ),
)

_PAIR_EXAMPLES = (
    WorkedExample(
        "She [[drilled]] two small holes in the wall to hang the shelf.",
        ("don't [[drill]] anywhere near the water pipe",),
        ("Same",),
        "Both make holes.",
    ),
    WorkedExample(
        "She [[drilled]] two small holes in the wall to hang the shelf.",
        ("the sergeant [[drilled]] the recruits every morning",),
        ("Different",),
        "Recruits are trained.",
    ),
    WorkedExample(
        "He put his savings into the [[bank]] on the corner.",
        ("they sat on the [[bank]] and watched the boats",),
        ("Different",),
        "One is for money, the other is the side of a river.",
    ),
    WorkedExample(
        "A sparrow [[perched]] on the branch outside the window.",
        ("a crow [[perched]] on the fence",),
        ("Same",),
        "What kind of bird it is does not matter.",
    ),
    WorkedExample(
        "The old man was [[marking]] by the light of a lamp.",
        ("she [[marked]] the essays all night",),
        ("Not sure",),
        "Nobody knows what the old man marked.",
    ),
)

_ADJUDICATION_STEPS = (
    "In these rows the annotators gave different answers. Please answer all questions of a row "
    "yourself first, in the yellow cells.",
    "Once a row is answered, the column “Opinions” shows what each of them said, without names, in "
    "an order that is random in each row. You may change your answer; the one that stands there in "
    "the end counts, and you need not follow the majority.",
)

_GUIDE = GuideTexts(
    titles={"annotator": "Judging sentences", "adjudication": "Settling different answers"},
    welcome=_WELCOME,
    steps_heading="How to do it",
    steps={
        "annotator": (_STEPS[0], *_ANNOTATOR_STEPS, *_STEPS[1:]),
        "adjudication": (*_ADJUDICATION_STEPS, *_STEPS),
    },
    duration="This file has {rows} rows and takes about {minutes} minutes, not all at once.",
    answers_heading="What the answers mean",
    reasons="Reasons that you can copy into “Remarks”: {reasons}.",
    examples_heading="Examples",
    example_headers={
        "review": ("Sentence", "Definition", "Words", "1", "2", "3", "Why"),
        "blind": ("Sentence", "Senses", "Which sense?", "Why"),
        "pairs": ("Sentence", "Other sentence", "Same meaning?", "Why"),
    },
    examples={"review": _REVIEW_EXAMPLES, "blind": _BLIND_EXAMPLES, "pairs": _PAIR_EXAMPLES},
)

AUDIT = AuditTexts(
    guide_sheet="Instructions",
    rows_sheet="Questions",
    columns=ColumnTexts(
        key="Row key",
        sentence="Sentence (word in bold)",
        lemma="Word",
        pos="Part of speech",
        gloss="Definition",
        synonyms="Words with this meaning",
        choices="Senses",
        more_choices="Senses (continued {number})",
        english="Other sentence (word in [[ ]])",
        opinions="Opinions",
        remark="Remarks",
    ),
    questions=_QUESTIONS,
    guide=_GUIDE,
    progress="{done} of {rows} rows finished",
    page="Page",
    not_listed="Not in the list",
    advice="Please choose {answers}.",
    or_="or",
    sense_number="the number of a sense",
    no_answer="(empty)",
    no_gloss="no definition yet; words: {lemmas}",
    plain_letters={},
)
