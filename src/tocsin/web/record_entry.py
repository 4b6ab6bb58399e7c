"""Taking a step with the forms of a report: a file, a further finding, one less, or all checked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime

from tocsin.errors import RefusedError
from tocsin.organisations.actors import Actor
from tocsin.reports.queries import list_own_spectra
from tocsin.reports.record import get_field
from tocsin.reports.services import KnownDraft, keep_spectrum
from tocsin.web.forms.record import MOST_FINDINGS, FormError, ReportEntry, TypedReport
from tocsin.web.forms.record_fields import Typed
from tocsin.web.requests import journal_refusal
from tocsin.web.uploads import open_received

STEP_NAME = "step"


class Step(StrEnum):
    """What a button of the forms does; ``remove`` is followed by the number of the finding."""

    STORE = "store"
    ADD = "add"
    REMOVE = "remove"
    ATTACH = "attach"
    KEEP = "keep"


def take_step(
    request: HttpRequest, actor: Actor, event_type: str, *, reference: str | None = None
) -> tuple[ReportEntry, Step]:
    """Return the forms after the step that a browser asked for, and which step it was.

    Files that were sent are kept at once and named by their finding. After STORE the forms hold
    what was sent and are to be checked. After the others they hold it as it was typed, unchecked.
    """
    given, problems = _attach_files(request, actor)
    entry = ReportEntry.from_post(event_type, given, reference=reference)
    word, _dash, number = given.get(STEP_NAME, "").partition("-")
    step = Step(word) if word in list(Step) else Step.STORE
    if step is Step.ADD:
        entry = _add(entry)
    elif step is Step.REMOVE:
        entry = _remove(entry, number)
    elif step is not Step.STORE:
        entry = ReportEntry(event_type, entry.read_typed(), reference=reference)
    entry.further_errors += problems
    name_spectra(entry, actor)
    return entry, step


def name_spectra(entry: ReportEntry, actor: Actor) -> None:
    """Show the files of spectra that the forms name by their names, where they are kept here."""
    digests = [digest for finding in entry.findings for digest in finding.list_spectra()]
    if digests:
        entry.name_spectra({one.digest: one.file_name for one in list_own_spectra(actor, digests)})


def read_handling(request: HttpRequest) -> dict[str, Any]:
    """Return what stands in the controls of the handling, right or wrong."""
    lists = {name: request.POST.getlist(name) for name in ("audience", "purposes")}
    return {"tlp": request.POST.get("tlp", ""), **lists}


def find_known_draft(request: HttpRequest) -> KnownDraft | None:
    """Find the draft that the forms were opened from or kept as, as they know it."""
    number = request.POST.get("draft", "")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    changed_at = parse_datetime(request.POST.get("draft_changed_at", ""))
    return KnownDraft(int(number), changed_at or datetime.min.replace(tzinfo=UTC))


def _attach_files(request: HttpRequest, actor: Actor) -> tuple[QueryDict, list[FormError]]:
    """Keep the files that came with the forms; return what was sent, and what was not kept."""
    given = request.POST.copy()
    problems = []
    for name, files in request.FILES.lists():
        prefix, _dash, field = name.rpartition("-")
        if field != "files":
            continue
        for received in files:
            try:
                with open_received(received) as path:
                    held = keep_spectrum(actor, path, file_name=received.name or "")
            except RefusedError as error:
                journal_refusal(request, actor, error)
                problems.append(FormError(str(error), f"#id_{name}"))
            else:
                given.appendlist(f"{prefix}-spectra", held.digest)
    return given, problems


def _add(entry: ReportEntry) -> ReportEntry:
    typed = entry.read_typed()
    findings = [*typed.findings, _repeat_material(typed.findings[-1])][:MOST_FINDINGS]
    return _show(entry, replace(typed, findings=findings), focus=len(findings) - 1)


def _repeat_material(finding: Mapping[str, Typed]) -> dict[str, Typed]:
    """What a further substance has in common with the one before: it is of the same material."""
    return {key: value for key, value in finding.items() if get_field(key).is_shared}


def _remove(entry: ReportEntry, number: str) -> ReportEntry:
    typed = entry.read_typed()
    kept = [one for place, one in enumerate(typed.findings) if str(place) != number]
    return _show(entry, replace(typed, findings=kept), focus=max(len(kept) - 1, 0))


def _show(entry: ReportEntry, typed: TypedReport, *, focus: int) -> ReportEntry:
    shown = ReportEntry(entry.event_type, typed, reference=entry.reference)
    shown.findings[focus].fields["substance"].widget.attrs["autofocus"] = True
    return shown
