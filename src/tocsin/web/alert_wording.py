"""Rules of wording for alerts, as hints to the author: they stop nothing.

Source: the section "Writing an alert" of the design guide, after CDC's CERC and the BC and
Victorian evaluations of drug alerts.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tocsin.alerts.formats.document import AlertText

LONGEST_SENTENCE_WORDS = 15
MOST_PUBLIC_WORDS = 80

_EVERYWHERE = (
    (r"\b(abuser?s?|addicts?|junkies?|misusers?)\b", "person"),
    (r"[€$£]\s?\d|\b\d+([.,]\d+)?\s?(€|\$|£|eur(os?)?|usd|dollars?|pounds)\b|\bprices?\b", "price"),
    (r"\b(telegram|darknet|dark web|web ?shop|vendor|dealer)s?\b", "shop"),
    (r"\b(synthesi[sz]\w*|precursors?|reagents?)\b", "making"),
)
_IN_PUBLIC = (
    (r"\b\d+\s?(times|×|x)\s+(stronger|more potent|as strong|as potent)", "strength"),
    (r"\b(stronger|more potent) than\b", "strength"),
    (r"\bsafe(ly)?\b", "safe"),
    (r"\b(il)?legal(ly)?\b", "legal"),
    (r"\b\d+([.,]\d+)?\s?(mg|µg|ug|mcg|milligrams?|micrograms?|g)\b", "amount"),
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"\w[\w'’-]*")


@dataclass(frozen=True, slots=True)
class Hint:
    """What stands where, and why to look at it again."""

    field: str
    found: str
    reason: str


def count_words(text: str) -> int:
    """Return the number of words.

    >>> count_words("Don't use alone. Carry naloxone.")
    5
    """
    return len(_WORD.findall(text))


def list_hints(text: AlertText) -> list[Hint]:
    """Return what in a text goes against the rules of wording, in the order of the fields.

    Word lists are English and looked for in English texts only; prices, amounts and the length of
    sentences in every language. Public text is the headline, the hazard and the advice to the
    public.
    """
    fields = (
        (_("Headline"), text.headline, True),
        (_("What was seen"), text.what_was_seen, False),
        (_("Hazard"), text.hazard, True),
        (_("Advice to the public"), text.advice_public, True),
        (_("Advice to practitioners"), text.advice_practitioners, False),
    )
    hints = []
    for name, value, is_public in fields:
        hints += _list_words(name, value, _EVERYWHERE)
        if is_public:
            hints += _list_words(name, value, _IN_PUBLIC)
            hints += _list_long_sentences(name, value)
    words = sum(count_words(value) for _name, value, is_public in fields if is_public)
    if words > MOST_PUBLIC_WORDS:
        reason = _("public text of at most %(most)d words is read to its end")
        hints.append(
            Hint(
                _("Public text"),
                _("%(words)d words") % {"words": words},
                reason % {"most": MOST_PUBLIC_WORDS},
            )
        )
    return hints


def _list_words(field: str, value: str, rules: tuple[tuple[str, str], ...]) -> list[Hint]:
    return [
        Hint(field, found.group(0), _reason(rule))
        for pattern, rule in rules
        for found in [re.search(pattern, value, re.IGNORECASE)]
        if found is not None
    ]


def _list_long_sentences(field: str, value: str) -> list[Hint]:
    longest = max(_SENTENCE_END.split(value), key=count_words, default="")
    words = count_words(longest)
    if words <= LONGEST_SENTENCE_WORDS:
        return []
    reason = _("a sentence of %(words)d words; at most %(most)d are easily read")
    begin = " ".join(longest.split()[:4]) + " …"
    return [Hint(field, begin, reason % {"words": words, "most": LONGEST_SENTENCE_WORDS})]


def _reason(rule: str) -> str:
    return {
        "person": _("labels people; say what they do or need"),
        "price": _("no prices: they read as an offer"),
        "shop": _("never where to buy"),
        "making": _("never how it is made"),
        "strength": _("extreme strength attracts some; say what can happen instead"),
        "safe": _("nothing is certain to be safe; say what lowers the risk"),
        "legal": _("says nothing about the danger; leave the law out"),
        "amount": _("no amounts, unless quoted from a health authority's advice"),
    }[rule]
