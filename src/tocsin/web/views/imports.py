"""Importing a file in three steps, match, check and accept; and one import with its progress."""

import tempfile
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.errors import BadHeadingError, ImportFileError, PersonalDataError
from tocsin.journal.services import record_refusal
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import Purpose, TrafficLight
from tocsin.reports.formats.marked import derive_marked_name
from tocsin.reports.models import EvidenceImport, ImportState
from tocsin.reports.queries import get_import, get_profile, list_problems
from tocsin.reports.services import (
    Verdict,
    check_file,
    describe_unknown_names,
    judge_first_rows,
    preview_file,
    receive_file,
    request_stop,
    require_profile_fits,
    write_marked_import,
    write_marked_upload,
)
from tocsin.reports.vocabulary import EventType
from tocsin.web.forms.imports import STEPS, UploadForm
from tocsin.web.lists import Column, render_list
from tocsin.web.requests import get_request_actor
from tocsin.web.uploads import (
    Upload,
    get_upload,
    keep_upload,
    open_received,
    remove_upload,
)

MOST_ROWS_CHECKED = 20_000
ROWS_SHOWN = 50
PROBLEMS_SHOWN = 200
NAMES_SHOWN = 20
RUNNING_STATES = (ImportState.WAITING, ImportState.RUNNING)


@require_http_methods(["GET", "HEAD", "POST"])
def start_import(request: HttpRequest) -> HttpResponse:
    """Take a file in for a look: what it is, how to read it, who may see its rows."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    if request.method != "POST":
        form = UploadForm(actor, initial={"profile": request.GET.get("profile", "")})
        return _render_upload(request, form)
    form = UploadForm(actor, request.POST, request.FILES)
    if form.is_valid():
        try:
            return _look_into(request, actor, form)
        except ImportFileError as error:
            form.add_error("file", str(error))
            if isinstance(error, PersonalDataError):
                record_refusal(
                    actor.journal_name,
                    action=f"refused.{error.code}",
                    record_type="upload",
                    record_id="",
                )
    return _render_upload(request, form, status=422)


def _render_upload(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "steps": STEPS, "templates": EventType.choices}
    return render(request, "web/imports/upload.html", context, status=status)


def _look_into(request: HttpRequest, actor: Actor, form: UploadForm) -> HttpResponseRedirect:
    """Keep the file for the next step, unless it cannot be taken at all."""
    values = form.cleaned_data
    profile = get_profile(actor, values["profile"]) if values["profile"] else None
    with open_received(values["file"]) as path:
        preview = preview_file(path, profile)
        if profile is not None:
            try:
                require_profile_fits(preview, profile)
            except BadHeadingError as error:
                messages.warning(request, gettext("The profile does not fit. ") + str(error))
                profile = None
        upload = keep_upload(
            request,
            path,
            {
                "tlp": values["tlp"],
                "audience": values.get("audience", []),
                "purposes": values["purposes"],
                "profile_text": profile.to_toml() if profile else "",
            },
        )
    return redirect("import-check" if profile else "import-match", upload.token)


@require_safe
def check_import(request: HttpRequest, token: str) -> HttpResponse:
    """Say what would become of each row, before anything is stored."""
    actor = get_request_actor(request)
    upload = get_upload(request, token)
    profile = upload.parse_profile()
    if profile is None:
        return redirect("import-match", token)
    handling = _derive_handling(actor, upload)
    outcome = check_file(actor, upload.path, profile, handling, most_rows=MOST_ROWS_CHECKED)
    shows_all = request.GET.get("rows") == "all"
    headings: tuple[str, ...] = ()
    rows: list[dict[str, Any]] = []
    if shows_all:
        headings = preview_file(upload.path, profile).headings
        judged = judge_first_rows(actor, upload.path, profile, handling, limit=ROWS_SHOWN)
        rows = [
            {"row": row, "cells": list(zip_longest(headings, row.cells, fillvalue=""))}
            for row in judged
        ]
    return render(
        request,
        "web/imports/check.html",
        {
            "steps": STEPS,
            "upload": upload,
            "profile": profile,
            "outcome": outcome,
            "most_rows": MOST_ROWS_CHECKED,
            "problems": outcome.errors[:PROBLEMS_SHOWN],
            "is_cut": len(outcome.errors) > PROBLEMS_SHOWN,
            "unknown_names": describe_unknown_names(outcome, limit=NAMES_SHOWN),
            "names_left": max(0, len(outcome.unknown_names) - NAMES_SHOWN),
            "shows_all": shows_all,
            "headings": headings,
            "rows": rows,
            "page_tlp": upload.tlp,
        },
    )


@require_POST
def accept_import(request: HttpRequest, token: str) -> HttpResponse:
    """Take the file in for good; the worker stores its rows."""
    actor = get_request_actor(request)
    upload = get_upload(request, token)
    profile = upload.parse_profile()
    if profile is None:
        return redirect("import-match", token)
    require_permission(actor, "report.import")
    handling = _derive_handling(actor, upload)
    received = receive_file(
        actor,
        upload.path,
        file_name=upload.file_name,
        profile=profile,
        handling=ensure_handling(
            owner_id=handling.owner_id,
            tlp=handling.tlp,
            audience=handling.audience,
            purposes=handling.purposes,
        ),
    )
    remove_upload(request, upload)
    return redirect("import", received.pk)


@require_POST
def discard_import(request: HttpRequest, token: str) -> HttpResponse:
    """Remove an upload that was not accepted."""
    upload = get_upload(request, token)
    remove_upload(request, upload)
    messages.info(request, gettext("Nothing of %(file)s was kept.") % {"file": upload.file_name})
    return redirect("inbox")


@require_safe
def download_marked_upload(request: HttpRequest, token: str) -> HttpResponseBase:
    """Hand back the sender's own file, its problems marked, before it is accepted."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    upload = get_upload(request, token)
    profile = upload.parse_profile()
    if profile is None:
        return redirect("import-match", token)
    owner_id = _derive_handling(actor, upload).owner_id
    return _hand_out(
        upload.file_name,
        lambda target: write_marked_upload(upload.path, profile, target, owner_id=owner_id),
    )


@require_safe
def show_import(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Show one import: how far it is, what became of its rows, its problems."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    evidence_import = get_import(actor, import_id)
    return render_list(
        request,
        actor,
        "web/imports/detail.html",
        name=f"import-{import_id}-problems",
        rows=list_problems(actor, import_id),
        columns=_list_problem_columns(),
        sort="",
        context=_describe(actor, evidence_import),
    )


@require_safe
def show_import_status(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show the part of an import's page that changes while it runs."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    context = _describe(actor, get_import(actor, import_id))
    response = render(request, "web/imports/status.html", context)
    if not context["is_running"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def stop_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Ask an import to stop after its present batch."""
    request_stop(get_request_actor(request), import_id)
    messages.info(request, gettext("It stops after the present rows. What is stored stays stored."))
    return redirect("import", import_id)


@require_safe
def download_marked_import(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """Hand back the file of an import with its problems marked, to its sender's organisation."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    evidence_import = get_import(actor, import_id)
    return _hand_out(
        evidence_import.file_name, lambda target: write_marked_import(actor, import_id, target)
    )


def _derive_handling(actor: Actor, upload: Upload) -> Handling:
    """Return the handling the rows would get, not stored: looking at a file writes nothing."""
    return Handling(
        owner_id=actor.organisation_id or 0,
        tlp=upload.tlp,
        audience=[] if upload.tlp == TrafficLight.RED else upload.audience,
        purposes=upload.purposes,
    )


def _describe(actor: Actor, evidence_import: EvidenceImport) -> dict[str, object]:
    handling = evidence_import.handling
    is_own = handling.owner_id == actor.organisation_id
    mends = is_own and is_permitted(actor, "report.import")
    problems = list_problems(actor, evidence_import.pk)
    earlier = problems.filter(code=Verdict.EARLIER_VERSION).count()
    if evidence_import.refused or not earlier:
        problem_words = ngettext(
            "%(rows)d row was refused", "%(rows)d rows were refused", evidence_import.refused
        ) % {"rows": evidence_import.refused}
    else:
        problem_words = gettext("Held as an earlier version only")
    return {
        "steps": STEPS,
        "evidence_import": evidence_import,
        "is_running": evidence_import.state in RUNNING_STATES,
        "can_mend": mends,
        "earlier_versions": earlier,
        "problem_words": problem_words,
        "purposes": [str(Purpose(purpose).label) for purpose in handling.purposes],
        "page_tlp": handling.tlp,
    }


def _list_problem_columns() -> list[Column]:
    return [
        Column(gettext("Row"), lambda one: one.row),
        Column(gettext("Column"), lambda one: one.column),
        Column(gettext("Found"), lambda one: one.found),
        Column(gettext("Expected"), lambda one: one.expected),
    ]


def _hand_out(file_name: str, write: Callable[[Path], int]) -> FileResponse:
    """Write a file into a folder of its own and hand it out; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="tocsin-marked-") as folder:
        target = Path(folder) / "marked"
        write(target)
        # An open file can be read to its end after its folder is gone.
        return FileResponse(
            target.open("rb"), as_attachment=True, filename=derive_marked_name(file_name)
        )
