"""The inbox: which files came, what became of their rows, and who is late."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.reports.models import EvidenceImport, ImportState
from tocsin.reports.queries import IMPORT_ORDERS, list_drafts, list_imports
from tocsin.web.context import derive_source_state, get_frame
from tocsin.web.lists import Column, get_search, get_sort, make_choice_filter, render_list
from tocsin.web.requests import get_request_actor


@require_safe
def show_inbox(request: HttpRequest) -> HttpResponseBase:
    """List the imports the reader may see, those that need mending first, and the sources."""
    actor = get_request_actor(request)
    require_permission(actor, "evidence.read")
    sort = get_sort(request, IMPORT_ORDERS, default="-needs_mending")
    state = make_choice_filter(request, "state", gettext("State"), ImportState.choices)
    today = timezone.localdate()
    sources = get_frame(request, actor).sources
    can_import = is_permitted(actor, "report.import")
    return render_list(
        request,
        actor,
        "web/inbox/list.html",
        name="imports",
        rows=list_imports(actor, search=get_search(request), state=state.value, order=sort),
        columns=_list_columns(),
        sort=sort,
        filters=[state],
        context={
            "can_import": can_import,
            "drafts": list(list_drafts(actor)) if can_import else [],
            "sources": [(source, derive_source_state(source, today=today)) for source in sources],
        },
    )


def _list_columns() -> list[Column]:
    return [
        Column(gettext("File"), lambda one: one.file_name, "file_name"),
        Column(gettext("State"), lambda one: str(ImportState(one.state).label), "state"),
        Column(gettext("Rows"), lambda one: one.rows_done, figures=True),
        Column(gettext("Accepted"), lambda one: one.accepted, figures=True),
        Column(gettext("Already held"), lambda one: one.duplicates, figures=True),
        Column(gettext("Refused"), lambda one: one.refused, "refused", figures=True),
        Column(gettext("Unknown name"), lambda one: one.unresolved, figures=True),
        Column(gettext("Sent by"), _describe_sender),
        Column(gettext("Sent"), lambda one: one.created_at, "created_at"),
    ]


def _describe_sender(evidence_import: EvidenceImport) -> str:
    return f"{evidence_import.created_by} · {evidence_import.handling.owner.name}"
