"""A hand-written English WordNet of 20 synsets, and what a model is made to say about it.

Definitions, examples and sentences are written for this test. The database is in the format of
Princeton WordNet. Three definitions do not pass the checks, and some replies have faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from testing.wordnet_database import DatabaseLine, write_database

LINES = (
    DatabaseLine("thing", "noun", "n", 3, ("thing",), "whatever is there to be thought about"),
    DatabaseLine("river", "noun", "n", 17, ("bank",),
                 'sloping land along the side of a river; "we pulled the canoe up on the bank"'),
    DatabaseLine("money", "noun", "n", 14, ("bank",),
                 "a company that looks after money and lends it to people; "
                 '"she paid the cheque into the bank on Friday"'),
    DatabaseLine("season", "noun", "n", 28, ("spring",),
                 'the time of year when plants begin to grow; "the tulips come out in spring"; '
                 '"spring"'),
    DatabaseLine("water", "noun", "n", 17, ("spring",),
                 "a place where water rises out of the ground by itself"),
    DatabaseLine("coil", "noun", "n", 6, ("spring",), "a spring and a spring", (("@", "thing"),)),
    DatabaseLine("leap", "verb", "v", 38, ("spring", "leap"),
                 "move forward or upward with one sudden push of the legs; "
                 '"the cat sprang onto the shelf above the stove"; '
                 '"the salmon leapt and leapt against the foaming water"'),
    DatabaseLine("tool", "noun", "n", 6, ("drill",),
                 "a tool with a pointed end that turns and makes holes; "
                 '"somebody borrowed my electric drill"', (("@", "thing"),)),
    DatabaseLine("bore", "verb", "v", 35, ("drill", "bore"),
                 "make a hole with something pointed that turns; "
                 '"they drilled for oil in the bay"; "beetles have bored into these beams"'),
    DatabaseLine("train", "verb", "v", 32, ("drill",), "drill into the mind"),
    DatabaseLine("glow", "noun", "n", 19, ("light",),
                 'what makes things visible to us; "there was hardly any light in the cellar"'),
    DatabaseLine("weight", "adj", "a", 0, ("light",), "of little weight; easy to lift or carry; "
                 '"even a light suitcase was too much for him"'),
    DatabaseLine("colour", "adj", "a", 0, ("light", "pale"),
                 'close to white and having only a little of a colour; "she wore pale green"'),
    DatabaseLine("stick", "noun", "n", 6, ("match",),
                 "a short thin piece of wood whose tip burns when it is struck",
                 (("@", "thing"),)),
    DatabaseLine("game", "noun", "n", 4, ("match",), "contest"),
    DatabaseLine("agree", "verb", "v", 42, ("match", "correspond"),
                 'be equal or alike in some respect; "the two fingerprints do not match"; '
                 '"your story does not correspond to the facts"'),
    DatabaseLine("animal", "noun", "n", 5, ("bat",),
                 "a small animal that flies at night and hangs upside down by day; "
                 '"bats live under the roof of the church"'),
    DatabaseLine("club", "noun", "n", 6, ("bat",),
                 "a wooden club for hitting the ball in some games", (("@", "thing"),)),
    DatabaseLine("move", "verb", "v", 38, ("run",),
                 'go fast on foot; "children were running all over the playground"'),
    DatabaseLine("manage", "verb", "v", 41, ("run", "operate"),
                 'be in charge of something and keep it going; "her aunt ran a hotel in Wales"'),
)  # fmt: skip
"""In ``thing`` nothing is ambiguous: the lemma has one sense."""

GLOSSES = {
    "coil": (
        "a spring made of wire",
        "a coil of wire that returns to its shape when it is let go",
    ),
    "train": ("teach by making people repeat the same thing over and over",),
    "game": ("a sports event in which two players or teams try to beat each other",),
}
"""What is said of the synsets whose own definitions do not pass, round by round."""

CONTEXTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "thing#thing": ((
        "The first [[thing]] I noticed was the smell of burnt toast.",
        "Honesty is a [[thing]] you cannot buy in any shop.",
        "Put every [[thing]] back where you found it, please.",
        "What is that strange [[thing]] hanging from the ceiling?",
    ),),
    "river#bank": ((
        "A heron stood motionless on the muddy [[bank]], watching for frogs.",
        "After the flood the river had eaten away half of its western [[bank]].",
        "Willows lined both [[banks]] of the stream as far as the mill.",
    ),),
    "money#bank": ((
        "The [[bank]] refused to lend them anything without a second signature.",
        "Three [[banks]] in our town have closed their counters since last year.",
        "He keeps his savings in a [[bank]] that pays hardly any interest.",
    ),),
    "season#spring": ((
        "Every [[spring]] the farmers let their sheep out onto the hills.",
        "The lake is still frozen, although [[spring]] officially began two weeks ago.",
        "Apple trees planted in autumn will blossom the following [[spring]].",
    ),),
    "water#spring": ((
        "The walkers filled their bottles at a cold [[spring]] near the summit.",
        "Hot [[springs]] along the fault keep the valley free of snow.",
        "Nobody knows how deep the water comes from that feeds this [[spring]].",
        "Pilgrims used to wash their eyes in the [[spring]] behind the chapel.",
    ),),
    "coil#spring": ((
        "One [[spring]] in the old mattress had come through the cloth.",
        "The clock stopped because its main [[spring]] was broken.",
        "Stronger [[springs]] were fitted to the rear axle of the van.",
        "Press the button and a small [[spring]] pushes the battery out.",
    ),),
    "leap#spring": ((
        "The guard [[sprang]] to his feet as soon as the door opened.",
        "A frightened deer may [[spring]] over a fence two metres high.",
        "Without a word she [[sprang]] up and ran down the stairs.",
    ),),
    "leap#leap": ((
        "Dolphins were [[leaping]] beside the boat all the way to the island.",
        "He [[leaped]] across the ditch and landed in a bed of nettles.",
        "Goats can [[leap]] from ledge to ledge where no path exists.",
        "My brother would [[leap]] off the garage roof to impress the girls.",
    ),),
    "tool#drill": ((
        "The battery of the [[drill]] lasts for about forty holes.",
        "Dentists used to work with noisy [[drills]] driven by a pedal.",
        "Hold the [[drill]] straight, or the bit will break in the brick.",
    ),),
    "bore#drill": (
        (
            "The plumber [[drilled]] through the tiles without cracking a single one.",
            "She held up the [[driller]] and smiled at the people below.",
            "Before you put up the shelf, [[drill]] two holes in the wall.",
        ),
        ("Engineers are [[drilling]] a tunnel for cables under the harbour.",),
    ),
    "bore#bore": ((
        "It took the machine a year to [[bore]] through the mountain.",
        "Woodworms had [[bored]] tiny tunnels into the legs of the piano.",
        "The wells were [[bored]] by hand, one metre after another.",
    ),),
    "train#drill": (
        (
            "The sergeant [[drilled]] the recruits on the square until sunset. They were tired.",
            "Our teacher [[drilled]] us in irregular verbs every Monday morning.",
            "The crew was drilled for months in what to do if a fire broke out.",
            "Pianists [[drill]] the same four bars for hours before a concert.",
        ),
        (
            "The sergeant [[drilled]] the recruits on the square until the sun went down.",
            "The crew was [[drilled]] for months in what to do if fire broke out.",
        ),
    ),
    "glow#light": ((
        "A thin ray of [[light]] fell through the keyhole onto the carpet.",
        "Plants on the windowsill bend towards the [[light]] as they grow.",
        "By the [[light]] of the full moon we could read the map.",
    ),),
    "weight#light": ((
        "The new bicycle is so [[light]] that a child can carry it upstairs.",
        "Pack only [[light]] things, because you will have to walk a long way.",
        "Aluminium is [[lighter]] than steel, which is why planes are made of it.",
    ),),
    "colour#light": ((
        "They painted the nursery a [[light]] blue with white borders.",
        "Her hair is much [[lighter]] in summer than in the darker months.",
        "On a [[light]] background the black letters are easy to read.",
        "The cloth should be dyed in [[light]] shades of yellow and pink.",
    ),),
    "colour#pale": ((
        "A [[pale]] pink rose was pinned to the collar of her jacket.",
        "The wallpaper had faded from red to a very [[pale]] orange.",
        "He bought shirts in [[pale]] colours that would go with any tie.",
    ),),
    "stick#match": ((
        "He struck a [[match]] and held it to the dry leaves.",
        "Keep the [[matches]] out of reach of the children, said the label.",
        "The wind blew out one [[match]] after another before the stove caught.",
        "There was a single damp [[match]] left in the box.",
    ),),
    "game#match": ((
        "The final [[match]] of the season was cancelled because of fog.",
        "Thousands of fans travelled to Milan to watch the [[match]].",
        "She lost the first set but won the [[match]] in the end.",
        "Our village has not won a cricket [[match]] since the war.",
    ),),
    "agree#match": ((
        "The curtains do not [[match]] the colour of the sofa at all.",
        "His signature [[matched]] the one that the clerk had on file.",
        "Check that the number on the box [[matches]] the number on the bill.",
    ),),
    "agree#correspond": ((
        "The results [[correspond]] closely with those of earlier experiments.",
        "Each dot on the map [[corresponds]] to one thousand inhabitants.",
        "What the witness said [[corresponded]] in every detail to the report.",
    ),),
    "animal#bat": ((
        "At dusk a [[bat]] darted out of the barn to hunt for moths.",
        "Some [[bats]] find their way in the dark by listening for echoes.",
        "A baby [[bat]] clings to its mother while she sleeps in the cave.",
    ),),
    "club#bat": ((
        "He gripped the [[bat]] with both hands and waited for the pitch.",
        "The captain broke her [[bat]] in the very first innings.",
        "Good cricket [[bats]] are made of willow and need regular oiling.",
        "The ball hit the edge of his [[bat]] and flew to the fielder.",
    ),),
    "move#run": ((
        "We had to [[run]] to catch the last train to Brighton.",
        "The thief [[ran]] across the bridge with the purse in his hand.",
        "A dog that [[runs]] after cars will get hurt one day.",
    ),),
    "manage#run": ((
        "Two sisters have [[run]] this bakery since their father retired.",
        "It costs a fortune to [[run]] a school with so few pupils.",
        "He thinks that he could [[run]] the country better than the government.",
    ),),
    "manage#operate": ((
        "The company [[operates]] a chain of petrol stations along the coast.",
        "For years the family had [[operated]] a ferry between the islands.",
        "You need a licence to [[operate]] a private ambulance service here.",
        "They [[operate]] their farm without any machines at all.",
    ),),
}  # fmt: skip
"""By synset and lemma, round by round."""

MISTAKEN = {
    "Put every [[thing]] back where you found it, please.": None,
    "On a [[light]] background the black letters are easy to read.": "weight#light",
}
"""Sentences of which the judge chooses another sense, or none, than the one that was meant."""


def sense_ids(offsets: Mapping[str, str]) -> dict[str, str]:
    """The id of every sense by synset and lemma: ``coil#spring``."""
    letters = {line.name: line.kind for line in LINES}
    return {
        f"{line.name}#{lemma}": f"pwn-{offsets[line.name]}-{letters[line.name]}#{lemma}"
        for line in LINES
        for lemma in line.words
    }


def write_demo(folder: Path) -> dict[str, str]:
    """Writes the database and the recorded replies; returns the ids of the senses by name."""
    ids = sense_ids(write_database(folder / "wordnet", LINES))
    (folder / "replies").mkdir()
    for name, lines in (
        ("glosses", _glosses(ids)),
        ("contexts", _contexts(ids)),
        ("verdicts", _verdicts(ids)),
    ):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / "replies" / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return ids


def _recorded(item: str, round_: int, reply: object) -> dict[str, object]:
    return {"item": item, "round": round_, "turn": 1, "text": json.dumps(reply)}


def _glosses(ids: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """Also the definitions that nobody asks for: the judge's choice is found by them."""
    for line in LINES:
        synset = ids[f"{line.name}#{line.words[0]}"].partition("#")[0]
        own = line.gloss.partition('; "')[0]
        for number, gloss in enumerate(GLOSSES.get(line.name, (own,)), 1):
            entry = {"number": 1, "gloss": gloss, "same_as": 0}
            yield _recorded(synset, number, {"glosses": [entry]})


def _contexts(ids: Mapping[str, str]) -> Iterator[dict[str, object]]:
    for sense, rounds in CONTEXTS.items():
        for number, sentences in enumerate(rounds, 1):
            yield _recorded(ids[sense], number, {"contexts": sentences})


def _verdicts(ids: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """What the judge says of every sentence with its target marked, also the source's."""
    marked = [
        (sense, sentence)
        for sense, rounds in CONTEXTS.items()
        for sentences in rounds
        for sentence in sentences
        if "[[" in sentence
    ]
    for sense, sentence in [*marked, *KEPT]:
        before, _, rest = sentence.partition("[[")
        target, _, after = rest.partition("]]")
        meant = MISTAKEN.get(sentence, sense)
        yield {
            "sentence": before + target + after,
            "start": len(before),
            "end": len(before) + len(target),
            "chosen": ids[meant] if meant else None,
        }


KEPT = (
    ("river#bank", "we pulled the canoe up on the [[bank]]"),
    ("money#bank", "she paid the cheque into the [[bank]] on Friday"),
    ("season#spring", "the tulips come out in [[spring]]"),
    ("leap#spring", "the cat [[sprang]] onto the shelf above the stove"),
    ("tool#drill", "somebody borrowed my electric [[drill]]"),
    ("bore#drill", "they [[drilled]] for oil in the bay"),
    ("bore#bore", "beetles have [[bored]] into these beams"),
    ("glow#light", "there was hardly any [[light]] in the cellar"),
    ("weight#light", "even a [[light]] suitcase was too much for him"),
    ("colour#pale", "she wore [[pale]] green"),
    ("agree#match", "the two fingerprints do not [[match]]"),
    ("agree#correspond", "your story does not [[correspond]] to the facts"),
    ("animal#bat", "[[bats]] live under the roof of the church"),
    ("move#run", "children were [[running]] all over the playground"),
    ("manage#run", "her aunt [[ran]] a hotel in Wales"),
)
"""The source's own examples that pass: not "spring", nor the one with "leapt" twice."""
