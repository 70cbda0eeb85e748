"""What passes and what fails in English, rule by rule, around *drill* (to make holes)."""

from __future__ import annotations

from languages.examples import Examples, Lemmas, NoiseExample, RuleExample
from schemas.records import Pos


def _lemma(passing: str, failing: str) -> NoiseExample:
    return NoiseExample(((passing,),), ((failing,),))


_DRILL: Lemmas = ("drill", "bore")

EXAMPLES = Examples(
    lemma="drill",
    pos=Pos.VERB,
    gloss="make a hole in something hard with a pointed tool that turns",
    context="The worker is [[drilling]] a few small holes in the concrete wall.",
    words=("drill", "drill press", "concrete"),
    siblings=("train by repeating",),
    of_gloss={
        "empty": RuleExample(" “.” "),
        "control_characters": RuleExample(
            "make a hole in something hard\x00 with a pointed tool that turns",
            "make a hole in something\u00a0hard\u200b with a pointed tool that turns",
        ),
        "several_lines": RuleExample(
            "make a hole in something hard\nwith a pointed tool that turns",
            "make a hole in something hard with a pointed tool that turns\n",
        ),
        "leftover_markup": RuleExample(
            "make a hole in something hard with a **pointed tool** that turns",
            "make a hole in something hard with a pointed tool (of steel) that turns",
        ),
        "length": RuleExample("make holes"),
        "other_language": RuleExample(
            "faire un trou dans un mur avec un outil pointu",
            "make a hole in something hard with a Forstner bit that turns",
        ),
        "foreign_script": RuleExample(
            "make a 孔 in something hard with a pointed tool that turns",
            "give off α or β rays while the nucleus of an atom breaks up",
        ),
        "circular": RuleExample(
            "use a machine to drill a deep hole in something hard",
            "use a machine to sow seeds in rows, as a farmer does with a drilling machine",
        ),
        "sibling_lemma": RuleExample("train by repeating"),
        "formula_opening": RuleExample("the act of making a hole with a pointed tool that turns"),
        "meta_talk": RuleExample(
            "Definition: make a hole in something hard with a pointed tool that turns"
        ),
        "equal_gloss": RuleExample(
            "Make a hole, in something hard, with a pointed tool that turns.",
            "cut an opening into the surface of wood with a sharp blade",
        ),
        "near_equal_gloss": RuleExample(
            "make a hole in something firm with a pointed tool that turns",
            "make somebody learn a thing by doing it again and again",
        ),
    },
    of_context={
        "control_characters": RuleExample(
            "The worker is [[drilling]] a few holes\x07 in the concrete wall.",
            "The worker is\u200b [[drilling]]\u00a0a few holes in the concrete wall.",
        ),
        "several_lines": RuleExample(
            "The worker is [[drilling]] a few holes\nin the concrete wall.",
            "The worker is [[drilling]] a few holes in the concrete wall.\n",
        ),
        "leftover_markup": RuleExample(
            "The **worker** is [[drilling]] a few small holes in the wall.",
            "“Let me [[drill]] the last two holes first!” she said.",
        ),
        "target_missing": RuleExample("The worker is drilling a few small holes in the wall."),
        "target_marked_twice": RuleExample(
            "They [[drill]] and [[drill]] while the neighbours complain.",
            "They drill and [[drill]] while the neighbours complain.",
        ),
        "target_altered": RuleExample(
            "The worker held the [[driller]] against the concrete wall.",
            "[[Drilled]] holes are cleaner than those made with a hammer.",
        ),
        "target_in_longer_word": RuleExample(
            "The [[drill]] press stood in a corner of the workshop."
        ),
        "length": RuleExample("Just [[drill]] it."),
        "several_sentences": RuleExample(
            "The worker [[drilled]] all morning. The whole street was full of noise.",
            "“Hurry up!” Dr. A. Smith called, and they [[drilled]] another 3.5 metres.",
        ),
        "other_language": RuleExample(
            "Le travailleur est en train de [[drill]] un trou dans le mur.",
            "Baker Hughes [[drilled]] wells in Louisiana, Texas and Nghệ An.",
        ),
        "foreign_script": RuleExample(
            "The worker is [[drilling]] a few small holes in the 墙.",
            "The α bit made by Müller [[drills]] through granite with ease.",
        ),
        "copied_gloss": RuleExample(
            "To [[drill]] is to make a hole in something hard with a pointed tool that turns."
        ),
        "meta_talk": RuleExample(
            "Sentence 1: The worker is [[drilling]] a few small holes in the wall.",
            "The sentence was hard: they had to [[drill]] wells in the desert.",
        ),
        "duplicate": RuleExample(
            "the worker is [[drilling]] a few small holes in the concrete wall",
            "The crew [[drilled]] into a stream deep under the village.",
        ),
        "near_duplicate": RuleExample(
            "The worker is [[drilling]] a few large holes in the concrete wall.",
            "In the concrete wall there are holes that somebody [[drilled]] for pictures.",
        ),
        "overused_word": RuleExample(
            "They [[drilled]] through the concrete of the old bridge.",
            "The dentist [[drilled]] deep into my aching tooth.",
        ),
    },
    of_lemma={
        "stray_character": _lemma("poker", "po\u200bker"),
        "empty_lemma": NoiseExample((("drill", "drill bit"),), (("drill", " "),)),
        "template_residue": _lemma("template", "Template: new word"),
        "foreign_script": _lemma("alpha ray", "α ray"),
        "foreign_letter": _lemma("café", "đồng"),
        "stray_punctuation": _lemma("rock 'n' roll", "(of) drills"),
        "no_letter": _lemma("vitamin B12", "1/100"),
        "over_long": _lemma(
            "drill press", "a machine with a motor that is used for drilling holes"
        ),
        "repeated_lemma": NoiseExample((("cafe", "coffee shop"),), (("cafe", "Café"),)),
        "no_lemma_left": NoiseExample((("Saturn",),), (("=",),)),
        "indistinct_synset": NoiseExample((_DRILL, ("drill",)), (_DRILL, ("bore", "Drill"))),
    },
)
