"""Reports: what was seen, one report with all it is known by, its correction and retraction."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.errors import NotFoundError, RefusedError, StaleReportError
from tocsin.notifications.queries import is_usable, list_packages_of_report
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import list_audience_names
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Report
from tocsin.reports.queries import (
    REPORT_ORDERS,
    derive_evidence,
    get_report,
    list_reports,
    list_spectra,
    list_versions,
)
from tocsin.reports.services import correct_report, retract_report
from tocsin.reports.vocabulary import EventType, Matrix
from tocsin.signals.evidence_queries import keep_area
from tocsin.substances.queries import list_substances, resolve_text
from tocsin.web.forms.record import (
    MOST_FINDINGS,
    ReportEntry,
    Slip,
    describe_slips,
    list_left_out,
)
from tocsin.web.forms.reports import ReasonForm
from tocsin.web.lists import (
    EXPORT_PERMISSION,
    Column,
    Filter,
    find_day,
    get_search,
    get_sort,
    make_choice_filter,
    make_day_filter,
    render_list,
)
from tocsin.web.record_entry import Step, name_spectra, take_step
from tocsin.web.report_view import (
    compare_expected,
    describe_event_sections,
    describe_findings,
    describe_name,
)
from tocsin.web.requests import get_request_actor, journal_refusal


@require_safe
def show_reports(request: HttpRequest) -> HttpResponseBase:
    """List the current reports that the reader may see."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    sort = get_sort(request, REPORT_ORDERS, default="-event_on")
    event_type = make_choice_filter(
        request, "event_type", gettext("Type of event"), EventType.choices
    )
    matrix = make_choice_filter(request, "matrix", gettext("Matrix"), Matrix.choices)
    country = Filter("country", gettext("Country"), _get_word(request, "country").upper())
    area = Filter("area", gettext("Area"), _get_word(request, "area"))
    substance = Filter("substance", gettext("Substance"), _get_word(request, "substance"))
    since = make_day_filter(request, "since", gettext("From"))
    until = make_day_filter(request, "until", gettext("To"))
    reports = list_reports(
        actor,
        search=get_search(request),
        substance_key=_find_substance_key(substance.value),
        event_type=event_type.value,
        country=country.value,
        matrix=matrix.value,
        since=find_day(since.value),
        until=find_day(until.value),
        order=sort,
    )
    return render_list(
        request,
        actor,
        "web/reports/list.html",
        name="reports",
        rows=keep_area(reports, area.value),
        columns=_list_columns(),
        sort=sort,
        filters=[event_type, substance, country, area, matrix, since, until],
        context={
            "can_enter": is_permitted(actor, "report.import"),
            "can_export_own": is_permitted(actor, EXPORT_PERMISSION),
        },
    )


@require_safe
def show_report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Show one version of a report: findings, handling, provenance, and its other versions."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    report = get_report(actor, report_id)
    evidence = derive_evidence(report)
    versions = list(list_versions(actor, report))
    is_own = report.owner_id == actor.organisation_id
    may_change = is_own and report.is_current and not report.is_retracted
    context = {
        "report": report,
        "sections": describe_event_sections(evidence),
        "findings": describe_findings(report, evidence, list_spectra(report)),
        "expected": compare_expected(report, evidence),
        "slips": [words for _misfit, words in describe_slips(evidence)] if may_change else [],
        "versions": versions,
        "current": next((one for one in versions if one.is_current), None),
        "is_own": is_own,
        "content_digest": bytes(report.content_digest).hex(),
        "audience": list_audience_names(report.handling.audience),
        "purposes": [str(Purpose(purpose).label) for purpose in report.handling.purposes],
        "can_correct": may_change and is_permitted(actor, "report.correct"),
        "can_retract": may_change and is_permitted(actor, "report.retract"),
        "can_notify": is_permitted(actor, "package.make") and is_usable(actor, report),
        "packages": list_packages_of_report(actor, report),
        "page_tlp": report.handling.tlp,
    }
    return render(request, "web/reports/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, report_id: int) -> HttpResponse:
    """Correct a report of one's own organisation: a new version that names the one it replaces.

    event_type in the address: asks for the fields of another type of event.
    """
    actor = get_request_actor(request)
    require_permission(actor, "report.correct")
    report = _get_own_report(actor, report_id)
    evidence = derive_evidence(report)
    wanted = request.GET.get("event_type", "")
    event_type = wanted if wanted in EventType.values else report.event_type
    step, given = Step.ADD, None
    if request.method == "POST":
        entry, step = take_step(request, actor, event_type, reference=report.reference)
        given = request.POST
    else:
        entry = ReportEntry.from_report(event_type, evidence)
        name_spectra(entry, actor)
    form = ReasonForm(given, initial={"version": report.version})
    slips: list[Slip] = []
    if step is Step.STORE and not (entry.has_errors() | (not form.is_valid())):
        slips = entry.list_slips(evidence)
        if all(slip.is_confirmed for slip in slips):
            changed = _store_correction(request, actor, report, entry, form)
            if changed is not None:
                return redirect("reports-report", changed.pk)
    elif step is not Step.STORE:
        form = ReasonForm(initial={"version": report.version, **_list_reasons(request)})
    context = {
        "report": report,
        "entry": entry,
        "form": form,
        "errors": entry.list_errors() if step is Step.STORE else entry.further_errors,
        "slips": slips,
        "event_type": event_type,
        "event_types": EventType.choices,
        "left_out": list_left_out(evidence, event_type),
        "is_too_long": len(evidence.findings) > MOST_FINDINGS,
        "most_findings": MOST_FINDINGS,
        "page_tlp": report.handling.tlp,
    }
    status = 422 if step is Step.STORE else 200
    return render(request, "web/reports/correct.html", context, status=status)


def _store_correction(
    request: HttpRequest, actor: Actor, report: Report, entry: ReportEntry, form: ReasonForm
) -> Report | None:
    """Store what the forms say as the next version; None where it is refused, said in the form."""
    try:
        changed = correct_report(
            actor,
            report.pk,
            entry.derive_report(),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
    except StaleReportError as error:
        form.add_error(None, str(error))
        return None
    except RefusedError as error:
        journal_refusal(request, actor, error)
        form.add_error(None, str(error))
        return None
    messages.success(request, gettext("The correction is stored as a new version."))
    return changed


def _list_reasons(request: HttpRequest) -> dict[str, str]:
    """What was written as the reason before a step that stores nothing."""
    return {key: request.POST[key] for key in ("reason", "version") if key in request.POST}


@require_http_methods(["GET", "HEAD", "POST"])
def retract(request: HttpRequest, report_id: int) -> HttpResponse:
    """Say that a report of one's own organisation does not hold, and why."""
    actor = get_request_actor(request)
    require_permission(actor, "report.retract")
    report = _get_own_report(actor, report_id)
    given = request.POST if request.method == "POST" else None
    form = ReasonForm(given, initial={"version": report.version})
    if given is not None and form.is_valid():
        try:
            retracted = retract_report(
                actor,
                report_id,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
            )
        except StaleReportError as error:
            form.add_error(None, str(error))
        except RefusedError as error:
            journal_refusal(request, actor, error)
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("The report is retracted. It counts no longer."))
            return redirect("reports-report", retracted.pk)
    context = {"report": report, "form": form, "page_tlp": report.handling.tlp}
    return render(request, "web/reports/retract.html", context, status=422 if given else 200)


def _list_columns() -> list[Column]:
    return [
        Column(gettext("Date"), lambda one: one.event_on, "event_on"),
        Column(gettext("Event"), lambda one: str(one.get_event_type_display()), "event_type"),
        Column(gettext("Place"), _describe_place, "country"),
        Column(gettext("Findings"), _describe_findings),
        Column(gettext("Reference"), lambda one: one.reference),
        Column(gettext("Owner"), lambda one: one.handling.owner.name),
        Column(gettext("TLP"), lambda one: one.handling.tlp),
        Column(gettext("Accepted"), lambda one: one.accepted_at, "accepted_at"),
    ]


def _describe_place(report: Report) -> str:
    return f"{report.country} {report.area}".strip()


def _describe_findings(report: Report) -> str:
    found = [finding.written_name for finding in report.findings.all()]
    return "; ".join(describe_name(one) if one.substance else f"{one.text} ?" for one in found)


def _get_word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:120]


def _find_substance_key(text: str) -> str:
    """Return the key a filter's text means; one that means none stays, and matches nothing."""
    if not text or list_substances().filter(key=text).exists():
        return text
    substance = resolve_text(text).substance
    return substance.key if substance is not None else text


def _get_own_report(actor: Actor, report_id: int) -> Report:
    """Return a report that this organisation may change; others' are as if they were absent."""
    report = get_report(actor, report_id)
    if report.owner_id != actor.organisation_id:
        raise NotFoundError(f"report {report_id}: not found among your organisation's reports")
    return report
