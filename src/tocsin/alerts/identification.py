"""How surely the substance of an alert was identified: what findings bear, and the words for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.reports.vocabulary import IdentificationLevel
from tocsin.science.identification import SCHYMANSKI, SWGDRUG_MET, SWGDRUG_NOT_MET

SUREST_FIRST = (SCHYMANSKI[0], SWGDRUG_MET, *SCHYMANSKI[1:], SWGDRUG_NOT_MET)
"""Levels of both scales in one order, to choose which of several findings an alert speaks of. The
scales are not made to be compared: that the SWGDRUG minimum stands below a confirmation by
reference standard and above a match with a library is a reading of ours."""

_ISOMER_OPEN = SUREST_FIRST.index("schymanski-3")
"""Nothing with an isomer left open is surer than this, whatever its scale."""

_SCALES = (frozenset(SCHYMANSKI), frozenset({SWGDRUG_MET, SWGDRUG_NOT_MET}))


@dataclass(frozen=True, slots=True)
class Bearing:
    """So many findings of one level; it is empty where nothing says how they were identified."""

    level: str
    is_isomer_open: bool
    findings: int

    def bears(self, level: str) -> bool:
        """Tell whether these findings bear a level: one of their own scale, and no surer."""
        is_one_scale = any({self.level, level} <= scale for scale in _SCALES)
        return is_one_scale and SUREST_FIRST.index(self.level) <= SUREST_FIRST.index(level)


@dataclass(frozen=True, slots=True)
class WeighedEvidence:
    """What the findings behind an alert bear together."""

    bearings: tuple[Bearing, ...] = ()

    @property
    def level(self) -> str:
        """The level of the best-supported finding; empty where none has one.

        Of levels that are as sure, since an isomer is open, the one that says less.
        """
        stated = [one for one in self.bearings if one.level]
        return max((one.level for one in _keep_surest(stated)), key=SUREST_FIRST.index, default="")

    @property
    def findings(self) -> int:
        """How many findings were weighed."""
        return sum(one.findings for one in self.bearings)

    def count_bearing(self, level: str) -> int:
        """Count the findings that bear a level."""
        return sum(one.findings for one in self.bearings if one.bears(level))

    def is_isomer_open(self, level: str) -> bool:
        """Tell whether the surest findings that bear a level leave the isomer open."""
        return any(
            one.is_isomer_open
            for one in _keep_surest([one for one in self.bearings if one.bears(level)])
        )

    def bears(self, level: str, *, is_isomer_open: bool = True) -> bool:
        """Tell whether an alert may say this level, and with False, that no isomer is open."""
        if not level:
            return True
        return self.count_bearing(level) > 0 and (is_isomer_open or not self.is_isomer_open(level))

    def describe(self, level: str) -> str:
        """Say a level that the findings bear, in the words of its scale."""
        return describe_identification(level, is_isomer_open=self.is_isomer_open(level))

    def list_lower(self) -> list[str]:
        """List the levels below the best-supported one that the findings bear, surest first."""
        if not self.level:
            return []
        below = SUREST_FIRST[SUREST_FIRST.index(self.level) + 1 :]
        return [level for level in below if self.bears(level)]


def _keep_surest(bearings: Iterable[Bearing]) -> list[Bearing]:
    held = list(bearings)
    surest = min((_derive_rank(one) for one in held), default=0)
    return [one for one in held if _derive_rank(one) == surest]


def _derive_rank(bearing: Bearing) -> int:
    rank = SUREST_FIRST.index(bearing.level)
    return max(rank, _ISOMER_OPEN) if bearing.is_isomer_open else rank


def describe_identification(level: str, *, is_isomer_open: bool) -> str:
    """Say a level to practitioners, in the words of its scale.

    >>> describe_identification("schymanski-2a", is_isomer_open=False)
    'Schymanski level 2a: library spectrum match'
    """
    if not level:
        return _("How surely it was identified is not stated")
    words = str(IdentificationLevel(level).label)
    said = f"Schymanski {words}" if level in SCHYMANSKI else words
    return f"{said}; {_('the isomer is not determined')}" if is_isomer_open else said


def describe_basis(bearing: int, weighed: int) -> str:
    """Say on how many findings a level stands, for those who write and release.

    >>> describe_basis(2, 5), describe_basis(0, 0)
    ('level borne by 2 of 5 findings', 'no finding to weigh')
    """
    if not weighed:
        return _("no finding to weigh")
    return ngettext(
        "level borne by %(bearing)d of %(weighed)d finding",
        "level borne by %(bearing)d of %(weighed)d findings",
        weighed,
    ) % {"bearing": bearing, "weighed": weighed}


def describe_to_public(level: str, *, is_isomer_open: bool) -> str:
    """Say a level in plain words.

    >>> describe_to_public("swgdrug-not-met", is_isomer_open=True)
    'Indicated by tests that are not enough to be certain. The exact isomer is not determined.'
    """
    words = {
        "schymanski-1": _("Confirmed in a laboratory against a reference standard."),
        SWGDRUG_MET: _(
            "Identified in a laboratory by tests that meet the minimum for seized drugs."
        ),
        "schymanski-2a": _("Identified by a library match; not confirmed."),
        "schymanski-2b": _("Identified by its mass spectrum; not confirmed."),
        "schymanski-3": _("Probably this substance; similar ones are possible."),
        "schymanski-4": _("Only the formula is known; other substances have the same."),
        "schymanski-5": _("Only the mass is known; other substances have the same."),
        SWGDRUG_NOT_MET: _("Indicated by tests that are not enough to be certain."),
        "": _("How surely it was identified is not stated."),
    }[level]
    return f"{words} {_('The exact isomer is not determined.')}" if is_isomer_open else words
