"""The words in a name that state a form of the substance: its salt, its water, its racemate."""

import re

RACEMATE = "racemate"

# Words that name the counter-ion or the water of a form, never an ester: acetate, phosphate,
# nitrate, benzoate and succinate are left out because they name esters as often as salts.
_SALTS = {
    "hydrochloride": "hydrochloride?|hydrochlorure|hcl|chlorhydrate|clorhidrato|cloridrato"
    "|chlorowodorek",
    "hydrobromide": "hydrobromide?|hbr|bromhydrate|bromhidrato|bromowodorek",
    "tartrate": "tartrate?|tartrato|winian",
    "fumarate": "fumarate?|fumarato|fumaran",
    "maleate": "maleate?|maleato|maleinian",
    "citrate": "citrate?|citrato|zitrat|cytrynian",
    "mesylate": "mesylate?|mesilate?|mesilato",
    "besylate": "besylate?|besilate?",
    "oxalate": "oxalate?|oxalato|szczawian",
}
_METALS = {"sodium": "sodium|natrium", "potassium": "potassium|kalium", "calcium": "calcium"}
_SULFATE = "sul(?:f|ph)ate?|sulfato|siarczan"
_COUNTED = r"(?:mono|di|hemi|sesqui|tri)?"
_CANONICAL = [
    *((re.compile(f"{_COUNTED}(?:{words})"), salt) for salt, words in _SALTS.items()),
    *((re.compile(words), f"{metal} salt") for metal, words in _METALS.items()),
    (re.compile(f"(?:hemi|hydrogen ?)?(?:{_SULFATE})"), "sulfate"),
    (re.compile("(?:(?:free|freie) ?)?base"), "base"),
]
ACID_SALTS = frozenset({*_SALTS, "sulfate"})
"""Salts of an acid, which only a base can form."""

_HALIDES = "|".join(_SALTS[salt] for salt in ("hydrochloride", "hydrobromide"))
_OTHERS = "|".join(words for salt, words in _SALTS.items() if not salt.startswith("hydro"))
_WORDS_AT_THE_END = (
    rf"(?:mono|di)?(?:{_HALIDES})|(?:hydrogen ?|bi)?(?:{_OTHERS})|(?:(?:free|freie) ?)?base"
    rf"|{'|'.join(_METALS.values())}|(?:hemi|mono|sesqui|di|tri)hydrate?"
)
# "Morphine sulfate" is a salt, "morphine-3-sulfate" an ester: only after a word.
_AT_THE_END = re.compile(
    rf"(?<=[^ -])[ -](?:\((?:as )?(?P<bracketed>{_WORDS_AT_THE_END})\)|(?P<plain>{_WORDS_AT_THE_END}))$"
    rf"|(?<=[a-z]{{3}})[ -](?P<sulfate>(?:hemi|hydrogen ?)?(?:{_SULFATE}))$"
)
# German writes a salt as one word; after -in only, because "phenylsulfat" is an ester.
_IN_ONE_WORD = re.compile(
    r"(?<=[a-z]{4})(?P<halide>(?:mono|di)?hydro(?:chlorid|bromid)e?)$"
    r"|(?<=[a-z]{4}in)(?P<other>sul(?:f|ph)at|(?:bi)?tartrat|citrat|fumarat|maleat|base)$"
)
_LONGEST_AT_THE_END = 40
# "Chlorhydrate de cocaïne", "chlorowodorek kokainy": the Romance "of" and the Polish genitive.
_ROMANCE_START = re.compile(
    rf"(?P<salt>(?:di)?(?:{'|'.join(_SALTS.values())}|{_SULFATE})) (?:de |di |d')(?=[^ ]{{3}})"
)
_POLISH_START = re.compile(
    r"(?P<salt>chlorowodorek|bromowodorek|siarczan|winian|cytrynian|fumaran|maleinian|szczawian) "
    r"(?=[^ ]{3})"
)
_POLISH_GENITIVE = re.compile(r"(?P<feminine>(?<=in|yn|on)y)$|(?<=[lmn])u$")
_LONGEST_AT_THE_START = 30

# What stands before the salt word here is no base: "magnesium sulfate", "dimethyl sulfate".
_NEVER_A_BASE = re.compile(
    r"(?:[a-z]+ium|hydrogen|iron|ferr(?:ous|ic)|copper|cupric|zinc|silver|lead|mercur(?:y|ic|ous)"
    r"|nickel|cobalt|manganese|alumin(?:i?um)|(?:di|tri)?(?:methyl|ethyl|propyl|butyl)|lauryl"
    r"|dodecyl|laureth|chondroitin|heparan|dermatan|keratan|dextran|(?:o?estr|prasteron)one"
    r"|kalium|natrium)"
)
_LAST_WORD = re.compile(r"[^ -]*$")

_RACEMIC_START = re.compile(
    r"(?:\((?:plusminus|dl|rac|r,?s|\d+r,?s)\)|±|\+/-)[ -]?"
    r"|(?:dl|rac|racemic|racemisch(?:es|e)?|racemiczn[ay]|racemique) (?=[a-z])"
    r"|d,l(?=[a-z]{4})|d,l |dl(?=\()"
)
_RACEMIC_END = re.compile(
    r" ?\((?:rac|racemic|racemate?|dl|plusminus|±)\)$"
    r"|[ ,](?:racemic|racemate?|racemique|racemica|racemico|racemisch)$"
)
_LONGEST_RACEMIC = 20


def take_form(text: str) -> tuple[str, str] | None:
    """Take the words of one salt, base or hydrate off a name; None where there are none.

    text: in small letters with plain hyphens and single spaces. Returns the name without them
    and their English word.

    >>> take_form("cocaine hcl"), take_form("magnesium sulfate"), take_form("phenyl acetate")
    (('cocaine', 'hydrochloride'), None, None)
    >>> take_form("chlorowodorek kokainy")
    ('kokaina', 'hydrochloride')
    """
    return _take_from_the_end(text) or _take_from_the_start(text)


def _take_from_the_end(text: str) -> tuple[str, str] | None:
    start = max(0, len(text) - _LONGEST_AT_THE_END)
    found = _AT_THE_END.search(text, start) or _IN_ONE_WORD.search(text, start)
    if found is None:
        return None
    rest = text[: found.start()]
    word = _LAST_WORD.search(rest)
    if word and _NEVER_A_BASE.fullmatch(word[0]):
        return None
    return rest, _name_form(next(filter(None, found.groups())))


def _take_from_the_start(text: str) -> tuple[str, str] | None:
    head = text[:_LONGEST_AT_THE_START]
    if (found := _ROMANCE_START.match(head)) is not None:
        rest = text[found.end() :]
    elif (found := _POLISH_START.match(head)) is not None:
        rest = _POLISH_GENITIVE.sub(
            lambda ending: "a" if ending["feminine"] else "", text[found.end() :]
        )
    else:
        return None
    if _NEVER_A_BASE.fullmatch(rest):
        return None
    return rest, _name_form(found["salt"])


def _name_form(words: str) -> str:
    if words.endswith(("hydrat", "hydrate")) and not words.startswith(("chlor", "brom")):
        return words.removesuffix("e") + "e"
    bare = words.removeprefix("hydrogen").removeprefix("bi").strip()
    return next((form for pattern, form in _CANONICAL if pattern.fullmatch(bare)), "salt")


def find_racemic(name: str) -> str | None:
    """Return a name in normal form without the mark of a racemate; None where it has none.

    >>> find_racemic("(plusminus)amphetamine"), find_racemic("dl amphetamine")
    ('amphetamine', 'amphetamine')
    >>> find_racemic("amphetamine") is None
    True
    """
    if start := _RACEMIC_START.match(name[:_LONGEST_RACEMIC]):
        rest = name[start.end() :]
    elif end := _RACEMIC_END.search(name, max(0, len(name) - _LONGEST_RACEMIC)):
        rest = name[: end.start()]
    else:
        return None
    return rest.strip(" -,") or None
