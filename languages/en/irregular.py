"""Irregular forms of English words: the word, then its forms, a line of them a letter or two."""

from __future__ import annotations

_VERBS = """
abide abode, arise arose arisen, awake awoke awoken, be am is are was were been, bear bore borne
born, beat beaten, become became, befall befell befallen, beget begot begat begotten, begin began
begun, behold beheld, bend bent, bereave bereft, beseech besought, bet, bid bade bidden, bide
bode, bind bound, bite bit bitten, bleed bled, blow blew blown, break broke broken, breed bred,
bring brought, build built, burn burnt, buy bought, can could, catch caught, choose chose chosen,
cleave cleft clove cloven, cling clung, clothe clad, come came, creep crept, deal dealt, dig dug,
dive dove, do did does done, draw drew drawn, dream dreamt, drink drank drunk drunken, drive drove
driven, dwell dwelt, eat ate eaten, fall fell fallen, feed fed, feel felt, fight fought, find
found, flee fled, fling flung, fly flew flown, forbid forbade forbad forbidden, forget forgot
forgotten, forsake forsook forsaken, freeze froze frozen, get got gotten, gild gilt, gird girt,
give gave given, go went gone goes, grind ground, grow grew grown, hang hung, have has had, hear
heard, heave hove, hew hewn, hide hid hidden, hold held, keep kept, kneel knelt, know knew known,
lay laid, lead led, lean leant, leap leapt, learn learnt, leave left, lend lent, lie lay lain,
light lit, lose lost, make made, may might, mean meant, meet met, mow mown, pay paid, plead pled,
prove proven, quit, rend rent, ride rode ridden, ring rang rung, rise rose risen, rive riven, run
ran, saw sawn, say said says, see saw seen, seek sought, sell sold, send sent, sew sewn, shake
shook shaken, shall should, shave shaven, shear shorn, shine shone, shoe shod, shoot shot, show
shown, shrink shrank shrunk shrunken, sing sang sung, sink sank sunk sunken, sit sat, slay slew
slain, sleep slept, slide slid, sling slung, slink slunk, smell smelt, smite smote smitten, sow
sown, speak spoke spoken, speed sped, spell spelt, spend spent, spill spilt, spin spun span, spit
spat, spoil spoilt, spring sprang sprung, stand stood, steal stole stolen, stick stuck, sting
stung, stink stank stunk, strew strewn, stride strode stridden, strike struck stricken, string
strung, strive strove striven, swear swore sworn, sweep swept, swell swollen, swim swam swum,
swing swung, take took taken, teach taught, tear tore torn, tell told, think thought, thrive
throve thriven, throw threw thrown, tread trod trodden, wake woke woken, wear wore worn, weave
wove woven, weep wept, will would, win won, wind wound, wring wrung, write wrote written, stave
stove, work wrought
"""
_NOUNS = """
beef beeves, beau beaux, brother brethren, calf calves, chateau chateaux, child children, corpus
corpora, cow kine, die dice, dwarf dwarves, foot feet, genus genera, goose geese, half halves,
hoof hooves, knife knives, leaf leaves, life lives, loaf loaves, louse lice, mouse mice, opus
opera, ox oxen, penny pence, person people, schema schemata, self selves, shelf shelves, stigma
stigmata, stoma stomata, thief thieves, tooth teeth, wife wives, wolf wolves, woman women, cherub
cherubim, seraph seraphim, kibbutz kibbutzim, passerby passersby, viscus viscera, index indices,
vertex vertices
"""
_ADJECTIVES = """
bad worse worst, badly worse worst, far farther farthest further furthest, good better best, ill
worse worst, late latter last, little less least, many more most, much more most, old elder
eldest, well better best, near next
"""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows = (row.split() for row in text.split(","))
    return {word: tuple(forms) for word, *forms in rows}


VERBS = _table(_VERBS)
NOUNS = _table(_NOUNS)
ADJECTIVES = _table(_ADJECTIVES)
