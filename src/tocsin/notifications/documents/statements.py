"""What people add to a package that no field of the record holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from tocsin.errors import InvalidPackageError
from tocsin.notifications.vocabulary import PackageKind
from tocsin.reports.formats.personal_data import find_personal_remark
from tocsin.reports.formats.typesetting import make_readable
from tocsin.reports.record.kinds import Words

MOST_CHARACTERS = 2_000
MANUFACTURE_REFERENCE = "manufacture_reference"
LEGAL_STATEMENTS = ("international_status", "national_restrictions")
"""What stands beneath what the rules of law loaded say."""

_REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9./_-]{0,39}\Z")
_EARLY_WARNING = frozenset({PackageKind.FIRST_DETECTION.value, PackageKind.EVENT.value})
_DRUG_ALERT = frozenset({PackageKind.DRUG_ALERT.value})


@dataclass(frozen=True, slots=True)
class Statement:
    """One text that a person may add: its key, in which kinds of package, and what it is about."""

    key: str
    kinds: frozenset[str]
    label: Words
    help: Words


STATEMENTS: tuple[Statement, ...] = (
    Statement(
        "pharmacology",
        _EARLY_WARNING,
        _("pharmacology and toxicology"),
        _("What is known of its effects and its harms, with the source."),
    ),
    Statement(
        "criminal_groups",
        _EARLY_WARNING,
        _("involvement of criminal groups"),
        _("In its trafficking or distribution, as far as it may be told here."),
    ),
    Statement(
        "medicinal_use",
        _EARLY_WARNING,
        _("use as a medicine"),
        _("Human or veterinary, authorised or applied for."),
    ),
    Statement(
        "other_use",
        _EARLY_WARNING,
        _("commercial, industrial or scientific use"),
        _("With its extent, where it is known."),
    ),
    Statement(
        "national_restrictions",
        _EARLY_WARNING,
        _("national restrictions"),
        _("What the rules loaded do not say: the act and its date."),
    ),
    Statement(
        "international_status",
        _EARLY_WARNING,
        _("status at the United Nations"),
        _("What the rules loaded do not say, such as a review by the World Health Organization."),
    ),
    Statement(
        MANUFACTURE_REFERENCE,
        _EARLY_WARNING,
        _("reference number of what is held on manufacture"),
        _("The number alone, as the Agency or Europol gave it. Never the content itself."),
    ),
    Statement(
        "risks_social",
        _DRUG_ALERT,
        _("social, safety and security risks"),
        _("What follows for others than the persons who used it."),
    ),
    Statement(
        "measures_health",
        _DRUG_ALERT,
        _("health measures implemented or intended"),
        _("At national level: warnings, naloxone, training, and from when."),
    ),
    Statement(
        "measures_other",
        _DRUG_ALERT,
        _("measures other than health measures"),
        _("Of police, customs, prisons or others."),
    ),
    Statement(
        "other",
        _DRUG_ALERT,
        _("other information"),
        _("Whatever else bears on the risk."),
    ),
)


def list_statements(kind: str) -> tuple[Statement, ...]:
    """List what may be added to a kind of package, in the order of its headings."""
    return tuple(one for one in STATEMENTS if kind in one.kinds)


def check_statements(kind: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the statements as they are held: trimmed, without empty ones.

    Raises InvalidPackageError for a key the kind does not have, a text that is too long, unreadable
    or looks like personal data, and for a reference to manufacture that is more than a number.
    """
    known = {one.key for one in list_statements(kind)}
    held = {}
    for key, value in values.items():
        text = value.strip()
        if key not in known:
            raise _refuse(str(key)[:40], "unknown", f"one of {', '.join(sorted(known))}")
        if len(text) > MOST_CHARACTERS:
            raise _refuse(key, f"{len(text)} characters", f"at most {MOST_CHARACTERS}")
        if make_readable(text) != text:
            raise _refuse(key, "a control character", "text")
        if personal := find_personal_remark(text):
            raise _refuse(key, personal, "nothing about a person")
        if key == MANUFACTURE_REFERENCE and text and not _REFERENCE.match(text):
            raise _refuse(key, "more than a reference", "a number such as EDOC-1234567, 40 signs")
        if text:
            held[key] = text
    return held


def _refuse(key: str, found: str, expected: str) -> InvalidPackageError:
    return InvalidPackageError(f"statement {key}: found {found}; expected {expected}")
