"""What people do with packages: make, say, release, replace, withdraw, discard."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.errors import InvalidPackageError, NotFoundError, RefusedError
from tocsin.notifications.models import Package
from tocsin.notifications.queries import (
    MOST_SOURCES,
    get_package,
    list_alike,
    list_reports_of_signal,
)
from tocsin.notifications.services import (
    discard_package,
    make_package,
    release_package,
    renew_draft,
    replace_package,
    withdraw_package,
)
from tocsin.notifications.vocabulary import PackageKind, PackageState
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.reports.models import Report
from tocsin.reports.queries import get_report
from tocsin.signals.queries import get_signal
from tocsin.web.forms.packages import (
    MakeForm,
    ReleaseForm,
    StatementsForm,
    WhyForm,
    name_report,
)
from tocsin.web.requests import get_request_actor, journal_refusal
from tocsin.web.views.packages import describe_package


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Draft a package of the reports, or of the signal, that the address names.

    ``?signal=N`` or ``?report=N&report=M``, and ``&kind=edas`` for the kind that is offered first.
    """
    actor = get_request_actor(request)
    require_permission(actor, "package.make")
    reports = _list_named_reports(request, actor)
    taken = {one.pk for one in reports}
    alike = [one for one in list_alike(actor, reports[0]) if one.pk not in taken]
    form = MakeForm(
        request.POST or None,
        reports=reports,
        alike=alike,
        kind=request.GET.get("kind", ""),
        substance_id=_find_substance_id(request, actor),
    )
    if request.method == "POST" and form.is_valid():
        chosen = [one.pk for one in reports] + form.cleaned_data.get("also", [])
        made = _try(
            request,
            actor,
            form,
            lambda: make_package(
                actor, form.cleaned_data["kind"], chosen, place=form.cleaned_data["place"]
            ),
        )
        if made is not None:
            messages.success(request, _("The draft is made. Somebody else must release it."))
            return redirect("packages-package", made.pk)
    context = {
        "form": form,
        "reports": [(one.pk, name_report(one)) for one in reports],
        "page_tlp": reports[0].handling.tlp,
    }
    return _render_form(request, "web/packages/make.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, package_id: int) -> HttpResponse:
    """Add to a draft what no field of the record holds."""
    actor = get_request_actor(request)
    require_permission(actor, "package.make")
    package = _get_own(actor, package_id, PackageState.DRAFT)
    given = request.POST if request.method == "POST" else None
    form = StatementsForm(given, kind=package.kind, initial=package.statements)
    if given is not None and form.is_valid():
        said = _try(
            request,
            actor,
            form,
            lambda: renew_draft(actor, package_id, statements=form.cleaned_data),
        )
        if said is not None:
            return redirect("packages-package", package_id)
    context = {"form": form, **describe_package(actor, package)}
    return _render_form(request, "web/packages/statements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, package_id: int) -> HttpResponse:
    """Show a second person what they would stand behind; release it when they do."""
    actor = get_request_actor(request)
    require_permission(actor, "package.release")
    package = _get_own(actor, package_id, PackageState.DRAFT)
    given = request.POST if request.method == "POST" else None
    form = ReleaseForm(given, actor=actor)
    if given is not None and form.is_valid():
        audience = form.cleaned_data.get("audience", [])
        released = _try(
            request, actor, form, lambda: release_package(actor, package_id, audience=audience)
        )
        if released is not None:
            messages.success(request, _("The package is released."))
            return redirect("packages-package", package_id)
    context = {
        "form": form,
        "is_author": actor.person_id in {package.made_by_id, *package.worked_on_by},
        **describe_package(actor, package),
    }
    return _render_form(request, "web/packages/release.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: HttpRequest, package_id: int) -> HttpResponse:
    """Draft a corrected package from what is held now, saying why."""
    actor = get_request_actor(request)
    require_permission(actor, "package.make")
    return _ask_why(request, actor, package_id, "web/packages/replace.html", replace_package)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, package_id: int) -> HttpResponse:
    """Take a released package back, saying why."""
    actor = get_request_actor(request)
    require_permission(actor, "package.withdraw")
    return _ask_why(request, actor, package_id, "web/packages/withdraw.html", withdraw_package)


@require_POST
def renew(request: HttpRequest, package_id: int) -> HttpResponse:
    """Make a draft anew from what is held now."""
    renew_draft(get_request_actor(request), package_id)
    messages.success(request, _("The draft is made anew from what is held now."))
    return redirect("packages-package", package_id)


@require_POST
def discard(request: HttpRequest, package_id: int) -> HttpResponse:
    """Put a draft away."""
    discard_package(get_request_actor(request), package_id)
    return redirect("packages-package", package_id)


def _ask_why(
    request: HttpRequest,
    actor: Actor,
    package_id: int,
    template: str,
    step: Callable[..., Package],
) -> HttpResponse:
    package = _get_own(actor, package_id, PackageState.RELEASED)
    given = request.POST if request.method == "POST" else None
    form = WhyForm(given)
    if given is not None and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = _try(request, actor, form, lambda: step(actor, package_id, reason=reason))
        if done is not None:
            return redirect("packages-package", done.pk)
    return _render_form(request, template, {"form": form, **describe_package(actor, package)})


def _try(
    request: HttpRequest, actor: Actor, form: forms.Form, step: Callable[[], Package]
) -> Package | None:
    """Take a step; None where it was refused, which the form then says and the journal keeps."""
    try:
        return step()
    except InvalidPackageError as error:
        form.add_error(None, str(error))
    except RefusedError as error:
        journal_refusal(request, actor, error)
        form.add_error(None, str(error))
    return None


def _render_form(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)


def _list_named_reports(request: HttpRequest, actor: Actor) -> list[Report]:
    """Return the reports that the address names, by their numbers or by a signal's."""
    signal_id, numbers = _find_signal_id(request), request.GET.getlist("report")
    if signal_id is not None:
        is_first = request.GET.get("kind") == PackageKind.FIRST_DETECTION
        reports = list_reports_of_signal(actor, signal_id, only_first=is_first)
    else:
        wanted = [int(number[:18]) for number in numbers[:MOST_SOURCES] if number.isdecimal()]
        reports = [get_report(actor, number) for number in dict.fromkeys(wanted)]
    if not reports:
        raise NotFoundError("package: no report to make it of; expected reports or a signal")
    return reports


def _find_substance_id(request: HttpRequest, actor: Actor) -> int | None:
    """Return the substance of the signal that the address names, or None where it names none."""
    signal_id = _find_signal_id(request)
    return None if signal_id is None else get_signal(actor, signal_id).substance_id


def _find_signal_id(request: HttpRequest) -> int | None:
    number = request.GET.get("signal", "")
    return int(number[:18]) if number.isdecimal() else None


def _get_own(actor: Actor, package_id: int, state: str) -> Package:
    """Return a package of the actor's organisation that is in a state; others are absent."""
    package = get_package(actor, package_id)
    if package.owner_id != actor.organisation_id or package.state != state:
        raise NotFoundError(f"package {package_id}: not found among your organisation's {state}")
    return package
