"""What changed between two versions of an alert, for the person who stands behind the newer one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tocsin.alerts.identification import describe_identification
from tocsin.alerts.models import AlertVersion
from tocsin.web.forms.alerts import WordingForm

_PIECE = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that was kept, added or removed."""

    kind: Literal["kept", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs, with the pieces of both its texts."""

    label: str
    pieces: list[Piece]


def list_changes(
    before: AlertVersion | None,
    after: AlertVersion,
    *,
    recipients: Mapping[int, str],
) -> list[Change]:
    """Return the fields that differ, in the order of the form; empty where nothing was before.

    recipients: names of the organisations by their numbers.
    """
    if before is None:
        return []
    older, newer = _list_fields(before, recipients), _list_fields(after, recipients)
    labels = dict.fromkeys([*older, *newer])
    return [
        Change(label, compare_texts(older.get(label, ""), newer.get(label, "")))
        for label in labels
        if older.get(label, "") != newer.get(label, "")
    ]


def compare_texts(before: str, after: str) -> list[Piece]:
    """Return the later text in pieces, word by word, with what was taken out.

    >>> [(one.kind, one.text) for one in compare_texts("two tablets", "three tablets")]
    [('removed', 'two'), ('added', 'three'), ('kept', ' tablets')]
    """
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    pieces = []
    for step, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            pieces.append(Piece("kept", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(new[j1:j2])))
    return pieces


def _list_fields(version: AlertVersion, recipients: Mapping[int, str]) -> dict[str, str]:
    fields = {
        _("Severity"): version.get_severity_display(),
        _("Urgency"): version.get_urgency_display(),
        _("Certainty"): version.get_certainty_display(),
        _("How surely it was identified"): describe_identification(
            version.identification_level, is_isomer_open=version.is_isomer_open
        ),
        _("Country"): version.country,
        _("NUTS region"): version.region,
        _("Valid until"): date_format(version.expires_at, "j M Y H:i"),
        _("TLP level"): version.get_tlp_display(),
        _("Recipients"): ", ".join(sorted(recipients.get(one, "?") for one in version.audience)),
    }
    for wording in version.wordings.all():
        for name, field in WordingForm.base_fields.items():
            if name != "language":
                fields[f"{field.label} ({wording.language})"] = getattr(wording, name)
    return fields
