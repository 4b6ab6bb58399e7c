"""A weaker form of names, in which a substance's names in five languages meet.

Only differences that the rules of nomenclature call a spelling are folded: accents, the ending of
a language (Methadon, methadone, metadona), the letters that international names write for one
sound (ph and f, th and t, c and k), the order of locants, a space after the name of a substituent.
The letters i and y, s and z, a and o stay apart: there one letter is another substance.
"""

import re
import unicodedata

_ACCENTED = str.maketrans({"ł": "l", "ø": "o", "đ": "d"})

_RUN = re.compile(r"[a-z]{6,}")
_SOUNDS = ((re.compile("ph"), "f"), (re.compile("th"), "t"))
# Only names in -in and -on are written with k in German and Polish by rule.
_HARD_SOUNDS = ((re.compile("c(?![hz])"), "k"), (re.compile("ks"), "x"))
# German and French write fluor, chlor, brom before a consonant, English fluoro, chloro, bromo.
_HALOGENS = re.compile(r"(?P<halogen>fluor|chlor|brom|iod)o(?=[b-df-hj-np-tv-z])")
# German drops the e, Spanish and Polish add or change an a; Latin adds um.
_ENDING = re.compile(
    r"(?:(?P<in>(?:in(?:e|a|um)?|yna))|(?P<on>on(?:e|a|um)?)"
    r"|(?P<stem>en|an|ol|at|id|yl|il|al|am)(?:e|(?<=[lm])um|(?<=[nt])o|(?<=id)a)?)$"
)
# A porphyrin beside the element, an element beside the polymer.
_OTHER_SUBSTANCE_WITH_AN_E = frozenset({"chlorin", "chlorine", "silicon", "silicone"})

_SUBSTITUENTS = (
    "fluoro|fluor|chloro|bromo|iodo|nitro|amino|hydroxy|methoxy|ethoxy|propoxy|isopropoxy|butoxy"
    "|acetoxy|thio|nor|des|iso|pseudo|dihydro|tetrahydro|despropionyl|desmethyl|desethyl"
    "|methyl|ethyl|propyl|isopropyl|butyl|isobutyl|pentyl|hexyl|cyclopropyl|cyclobutyl|cyclopentyl"
    "|cyclohexyl|allyl|benzyl|benzoyl|phenyl|phenethyl|furanyl|acetyl|propionyl|butyryl|isobutyryl"
    "|valeryl|isovaleryl|crotonyl|acryl|acryloyl|hexanoyl|pyrrolidino|piperidino|methylenedioxy"
    "|ethylenedioxy|ethyleneoxy|trifluoromethyl"
)
_LOCANT = r"(?:\d+[a-z]?|n|o|s|alpha|beta|gamma|ortho|meta|para)'*"
# After one of these words a name goes on as if there were no space, unless an ester, an ether, an
# acid or another class follows, where the space says which part is which.
_JOINED = re.compile(
    rf"(?:(?<=^)|(?<=[ \d'(,\]]))(?P<left>(?:(?:{_LOCANT},)*{_LOCANT})?"
    rf"(?:(?:di|tri|bis)?(?:{_SUBSTITUENTS}))+) (?P<right>[a-z]{{4,}})$"
)
_KEEPS_ITS_SPACE = re.compile(
    r"(?:acid|ester|ether|alcohol|ketone|aldehyd|glycol|amin|radical|cation|anion|group|isomer"
    r"|analog|derivat|homolog|metabolit|compound|unspecified|undetermined)|.*(?:ate?|ite?|ide?)$"
)

_RING_POSITION = re.compile(r"(?:(?<=^)|(?<=[ (,]))(?:m-(?=eth[a-z]{4})|[mp](?=[a-z]{6}))")
_HALOGENATED_ORTHO = re.compile(r"(?:(?<=^)|(?<=[ (,]))o(?=(?:fluoro|chloro|bromo|iodo)[a-z]{4})")
_POSITIONS = {"m": "meta", "p": "para"}
_RING_WORDS = ("fluoro", "chloro", "bromo", "iodo", "methyl", "methoxy", "hydroxy", "nitro")

_TWO_N = re.compile(r"(?:(?<=^)|(?<=[^a-z]))(?:n,n|nn )(?=[a-z]{3})")
# Only as many locants as the word counts: 1,4,2-dioxazole is not 1,2,4-dioxazole.
_COUNTED_LOCANTS = re.compile(
    r"(?<![\d\[',-])(?P<locants>\d{1,2},\d{1,2}(?=(?:di|bis)[a-z]|(?:methylene|ethylene)dioxy)"
    r"|\d{1,2},\d{1,2},\d{1,2}(?=tri[a-z])|\d{1,2}(?:,\d{1,2}){3}(?=tetra[a-z]))"
)
_BRACKETS = str.maketrans("[]{}", "()()")

# Prefixes may change places only before a parent whose own name says where they go: with "amino"
# after it, "1-phenyl-2-methyl" and "2-methyl-1-phenyl" are two substances.
_RING_PREFIX = re.compile(
    r"(?P<locants>\d+'*(?:,\d+'*)*)(?:di|tri|tetra)?"
    r"(?:methylenedioxy|fluoro|chloro|bromo|iodo|nitro|hydroxy|methoxy|ethoxy|methyl|ethyl)"
)
_PARENT = re.compile(
    r"(?:(?:meth)?(?:amphetamin|kathinon|cathinon)|phenethylamin|phenylethylamin|tryptamin"
    r"|fentanyl|benzen|phenol|toluen|anilin)[ea]?"
)
_INVERTED = re.compile(
    rf"(?P<stem>[^,;]{{4,}}),(?P<prefix>(?:{_LOCANT},?)+|(?:(?:{_LOCANT})?(?:{_SUBSTITUENTS})))-?"
)
_DOUBLE = re.compile(r"(?P<first>[^()]{3,}) ?\((?P<second>[^()]{2,})\)")

_WORD_OF_A_NAME = re.compile(r"[^\W\d_A-Z]{3}")

_LONGEST_FOLDED = 200


def fold_name(normal: str) -> str:
    """Fold a normal form further, so that its spellings in other languages meet it.

    Applying it twice changes nothing more. A name longer than 200 characters stays as it is.

    >>> fold_name("kokain") == fold_name("cocaine") == fold_name("cocaína")
    True
    >>> fold_name("methylon") == fold_name("methylone"), fold_name("fentanil")
    (True, 'fentanil')
    >>> fold_name("phenyl acetate"), fold_name("phenylacetate")
    ('fenyl acetat', 'fenylacetat')
    """
    if len(normal) > _LONGEST_FOLDED:
        return normal
    folded = _fold_once(normal)
    while (again := _fold_once(folded)) != folded and len(again) <= _LONGEST_FOLDED:
        folded = again
    return folded


def _fold_once(name: str) -> str:
    if not name.isascii():
        parts = unicodedata.normalize("NFKD", name.translate(_ACCENTED))
        name = "".join(letter for letter in parts if not unicodedata.combining(letter))
    name = _TWO_N.sub("nn", name.translate(_BRACKETS))
    name = _RING_POSITION.sub(_write_position, name)
    name = _HALOGENATED_ORTHO.sub("ortho", name)
    name = _JOINED.sub(_join, name)
    name = _COUNTED_LOCANTS.sub(_sort_locants, name)
    name = _sort_prefixes(name)
    return _RUN.sub(_fold_run, name)


def _fold_run(run: re.Match[str]) -> str:
    word = run[0]
    ending = _ENDING.search(word)
    if ending is None or word in _OTHER_SUBSTANCE_WITH_AN_E:
        return word
    kept = "in" if ending["in"] else "on" if ending["on"] else ending["stem"]
    word = word[: ending.start()] + kept
    word = _HALOGENS.sub(lambda found: found["halogen"], word)
    word = word.replace("methylenedioxy", "methylendioxy").replace("ethylenedioxy", "ethylendioxy")
    for sound, letters in _SOUNDS if ending["stem"] else (*_SOUNDS, *_HARD_SOUNDS):
        word = sound.sub(letters, word)
    return word


def _write_position(letter: re.Match[str]) -> str:
    follows = letter.string[letter.end() :]
    is_position = letter[0].endswith("-") or follows.startswith(_RING_WORDS)
    return _POSITIONS[letter[0][0]] if is_position else letter[0]


def _join(words: re.Match[str]) -> str:
    if _KEEPS_ITS_SPACE.match(words["right"]):
        return words[0]
    return words["left"] + words["right"]


def _sort_locants(found: re.Match[str]) -> str:
    return ",".join(sorted(found["locants"].split(","), key=int))


def _sort_prefixes(name: str) -> str:
    """Bring "2,5-dimethoxy-4-bromo…" and "4-bromo-2,5-dimethoxy…" into one order."""
    prefixes: list[str] = []
    at = 0
    while found := _RING_PREFIX.match(name, at):
        prefixes.append(found[0])
        at = found.end()
    if len(prefixes) < 2 or not _PARENT.fullmatch(name, at):
        return name
    prefixes.sort(key=lambda prefix: prefix.lstrip("0123456789,'"))
    return "".join(prefixes) + name[at:]


def find_uninverted(normal: str) -> str | None:
    """Return a name of a list's index the usual way round; None where it is none.

    >>> find_uninverted("fluorofentanyl,para"), find_uninverted("codeine,promethazine")
    ('parafluorofentanyl', None)
    """
    found = _INVERTED.fullmatch(normal)
    return None if found is None else found["prefix"].rstrip(",") + found["stem"].strip()


def find_double(text: str) -> tuple[str, str] | None:
    """Return both names of "one (other)"; None where the text is not built so.

    >>> find_double("6-Acetylcodeine (6-MAC)")
    ('6-Acetylcodeine', '6-MAC')
    """
    found = _DOUBLE.fullmatch(text.strip())
    return None if found is None else (found["first"].strip(), found["second"].strip())


def is_code(text: str) -> bool:
    """Tell whether a name is a code: capitals and figures, and no word.

    >>> is_code("MDMB-4en-PINACA"), is_code("4-ANPP"), is_code("4-Methyl-PHP")
    (True, True, False)
    """
    return _WORD_OF_A_NAME.search(text) is None


def squash_code(normal: str) -> str:
    """Write a code without spaces, so that "AB-CHMINACA" and "ABCHMINACA" meet.

    >>> squash_code("mdmb 4en pinaca"), squash_code("1 11")
    ('mdmb4enpinaca', '1 11')
    """
    return re.sub(r"(?<!\d) | (?!\d)", "", normal)
