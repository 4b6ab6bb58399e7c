"""Matching the columns of a file: the profile a person makes on a preview of the first rows."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tocsin.errors import BadProfileError
from tocsin.organisations.permissions import require_permission
from tocsin.reports.services import preview_file, save_profile
from tocsin.web.forms.imports import STEPS
from tocsin.web.forms.matching import MatchForm
from tocsin.web.requests import get_request_actor
from tocsin.web.uploads import change_upload, get_upload


@require_http_methods(["GET", "HEAD", "POST"])
def match_columns(request: HttpRequest, token: str) -> HttpResponse:
    """Let a person say what each column of an upload means, and keep that as a profile if named."""
    actor = get_request_actor(request)
    require_permission(actor, "report.import")
    upload = get_upload(request, token)
    preview = preview_file(upload.path)
    form = MatchForm(preview, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.profile is not None:
        text = form.profile.to_toml()
        try:
            if form.cleaned_data["name"]:
                save_profile(actor, name=form.profile.name, text=text)
            change_upload(request, replace(upload, profile_text=text))
            return redirect("import-check", token)
        except BadProfileError as error:
            form.add_error("name", str(error))
    context = {
        "steps": STEPS,
        "form": form,
        "upload": upload,
        "preview": preview,
        "page_tlp": upload.tlp,
    }
    status = 422 if form.is_bound else 200
    return render(request, "web/profiles/match.html", context, status=status)
