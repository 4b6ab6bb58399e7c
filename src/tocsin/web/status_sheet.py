"""The legal status sheet as a PDF: one page where it fits, tagged, with what is unverified marked."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.errors import BadStructureError
from tocsin.reports.formats.typesetting import compile_pdf
from tocsin.science.structures import draw_structure_svg
from tocsin.web.legal_status import ShownDate, Status
from tocsin.web.legal_view import LegalView

TEMPLATE = Path(__file__).parent / "sheets" / "status_sheet.typ"
LONGEST_REASON = 160


def write_status_sheet(
    legal: LegalView,
    *,
    title: str,
    smiles: str,
    facts: list[tuple[str, str]],
    is_unreviewed: bool,
    sender: str,
) -> bytes:
    """Lay the answers out on paper as PDF/UA-1; the machine's fonts are not used.

    facts: label and text of what is known of the structure.
    """
    data = _derive_data(legal, title, smiles, facts, sender, is_unreviewed=is_unreviewed)
    return compile_pdf(
        TEMPLATE,
        data,
        standards=("ua-1",),
        # The day only, so that the same answers give the same bytes.
        made_at=datetime.combine(legal.day.today, time(), UTC),
    )


def _derive_data(
    legal: LegalView,
    title: str,
    smiles: str,
    facts: list[tuple[str, str]],
    sender: str,
    *,
    is_unreviewed: bool,
) -> dict[str, Any]:
    day = date_format(legal.day.on, "j M Y")
    drawn_up = date_format(legal.day.today, "j M Y")
    warnings = [*legal.notes]
    if is_unreviewed:
        warnings.append(_("The structure is unreviewed, and so is every answer that rests on it."))
    return {
        "language": (get_language() or "en").split("-")[0],
        "kind": _("Legal status sheet"),
        "title": title,
        "sender": sender,
        "day": _("Status on %(day)s") % {"day": day},
        "facts": [{"label": label, "text": text} for label, text in facts if text],
        "warnings": warnings,
        "headings": [
            _("Instrument"),
            _("Answer"),
            _("Clause and citation"),
            _("Known since"),
        ],
        "found": [_derive_row(status, notes) for status, notes in legal.numbered],
        "parts": _derive_parts(legal),
        "foot": f"{sender} · Tocsin · {_('drawn up on %(day)s') % {'day': drawn_up}}",
        "drawing_words": _("Structure of %(name)s") % {"name": title},
        "drawing": _draw(smiles, title),
    }


def _derive_row(status: Status, notes: list[int]) -> list[list[str]]:
    instrument = [status.instrument.title, f"{status.jurisdiction} · {status.instrument.key}"]
    answer = [status.words]
    if status.kind != "controlled" and status.reason:
        answer.append(_shorten(status.reason))
    clause = [status.clause]
    if status.citation is not None:
        consolidated = date_format(status.citation.consolidated_on, "j M Y")
        words = _("consolidated %(day)s") % {"day": consolidated}
        clause.append(f"{status.citation.publication}; {words}")
    for exemption in status.exemptions:
        word = _("only when:") if exemption.only_when else _("not when:")
        clause.append(f"{word} {exemption.text}")
    since = [date_format(status.since, "j M Y") if status.since else "–"]
    if notes:
        numbers = ", ".join(map(str, notes))
        since.append(_("unverified, see %(numbers)s") % {"numbers": numbers})
    return [instrument, answer, [line for line in clause if line], since]


def _derive_parts(legal: LegalView) -> list[dict[str, Any]]:
    unfound = [
        f"{one.instrument.title} ({one.jurisdiction})" + (f": {one.words}" if one.words else "")
        for one in legal.unfound
    ]
    unloaded = [
        f"{one.instrument.title} ({one.jurisdiction}): {one.words}" for one in legal.unloaded
    ]
    dates = [
        f"{one.instrument.key}: {'; '.join(map(_tell_date, one.dates))}" for one in legal.dated
    ]
    notes = [f"{number}. {note}" for number, note in enumerate(legal.footnotes, 1)]
    told = [f"{one.instrument.key}: {' '.join(one.instrument.notes)}" for one in legal.told_loaded]
    advice = _(
        "Recognition of rules loaded, not legal advice. That something is not found says nothing of "
        "rules that are not loaded."
    )
    parts = [
        (_("Not found"), unfound),
        (_("No text loaded for this day"), unloaded),
        (_("Statutory dates"), dates),
        (_("Unverified"), notes),
        (_("What is loaded"), told),
        (_("What this sheet is"), [advice]),
    ]
    return [{"heading": heading, "lines": lines} for heading, lines in parts if lines]


def _tell_date(shown: ShownDate) -> str:
    days = [
        date_format(day, "j M Y") for day in dict.fromkeys((shown.step.began_on, shown.step.on))
    ]
    parts = [f"{shown.words} {'–'.join(days)}".strip(), shown.left]
    if not shown.step.verified:
        parts.append(_("unverified"))
    return ", ".join(part for part in parts if part)


def _draw(smiles: str, title: str) -> str:
    try:
        return draw_structure_svg(smiles, width=320, height=240, title=title) if smiles else ""
    except BadStructureError:
        return ""


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1].rstrip() + "…"
