"""What every list of the web has: pages of rows, sorted columns, and the same rows as a file."""

import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.reports.formats.export import Cell, write_csv, write_xlsx

ROWS_ON_A_PAGE = 50
LONGEST_SEARCH_CHARACTERS = 200
EXPORT_PERMISSION = "evidence.export"
WRITERS = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list: its heading, its value in an export, and what it sorts by.

    sort: the name in the list's orders, empty where it cannot be sorted.
    """

    label: str
    value: Callable[[Any], Cell]
    sort: str = ""
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list, kept in the address: a choice, or a field to write in.

    value: as it stands in the address, empty for no filter. options: pairs of value and words,
    the first of them "all" with an empty value; none for a field of type ``kind``.
    """

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    kind: str = "text"


def make_choice_filter(
    request: HttpRequest, name: str, label: str, choices: Iterable[tuple[str, Any]]
) -> Filter:
    """Return a filter with "all" and the given choices; any other value of the address is ignored.

    choices: pairs of value and words, such as ``EventType.choices``.
    """
    options = (("", gettext("all")), *((value, str(words)) for value, words in choices if value))
    wanted = request.GET.get(name, "")
    return Filter(name, label, wanted if wanted in dict(options) else "", options)


def make_day_filter(request: HttpRequest, name: str, label: str) -> Filter:
    """Return a filter for a day; a value of the address that is no day is ignored."""
    wanted = request.GET.get(name, "")
    return Filter(name, label, wanted if find_day(wanted) else "", kind="date")


def find_day(text: str) -> date | None:
    """Return the day that a text in ISO 8601 names, or None.

    >>> find_day("2026-11-21"), find_day("21 Nov")
    (datetime.date(2026, 11, 21), None)
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def render_list(
    request: HttpRequest,
    actor: Actor,
    template: str,
    *,
    name: str,
    rows: QuerySet[Any] | Sequence[Any],
    columns: Sequence[Column],
    sort: str,
    filters: Sequence[Filter] = (),
    context: dict[str, Any] | None = None,
    rows_on_a_page: int = ROWS_ON_A_PAGE,
    describe_page: Callable[[list[Any]], dict[str, Any]] | None = None,
    permission: str = EXPORT_PERMISSION,
) -> HttpResponseBase:
    """Show one page of a list, or hand out all its rows as a file where ``format`` asks for it.

    The rows are already those the actor may see, searched, filtered and sorted. The template gets
    ``page``, ``columns``, ``sort``, ``search`` (the text searched for), ``filters``,
    ``is_filtered``, ``clear_url``, ``can_export`` and the given context, for the components
    ``list_tools``, ``list_head``, ``list_foot`` and ``list_none``. describe_page: gives more
    context from the rows of the page that is shown. permission: what an export needs. An export is
    journalled.
    """
    wanted = request.GET.get("format", "")
    if wanted in WRITERS:
        return export_list(
            actor, wanted, name=name, rows=rows, columns=columns, permission=permission
        )
    page = Paginator(rows, rows_on_a_page).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    search = get_search(request)
    values = {
        "page": page,
        "columns": columns,
        "sort": sort,
        "search": search,
        "filters": filters,
        "is_filtered": bool(search or any(one.value for one in filters)),
        "clear_url": request.path,
        "can_export": is_permitted(actor, permission),
        **(context or {}),
        **(describe_page(page.object_list) if describe_page is not None else {}),
    }
    return render(request, template, values)


def export_list(
    actor: Actor,
    form: str,
    *,
    name: str,
    rows: QuerySet[Any] | Sequence[Any],
    columns: Sequence[Column],
    permission: str = EXPORT_PERMISSION,
) -> FileResponse:
    """Hand out rows as a CSV or XLSX file, written row by row; journals who took how many.

    permission: what the actor needs for it; lists of the administration ask for another one than
    lists of evidence. Raises PermissionRefusedError without it.
    """
    require_permission(actor, permission)
    write, content_type = WRITERS[form]
    stream = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    ordered = rows.iterator(chunk_size=2_000) if isinstance(rows, QuerySet) else rows
    count = write(
        ([column.value(row) for column in columns] for row in ordered),
        [str(column.label) for column in columns],
        stream,
    )
    stream.seek(0)
    with transaction.atomic():
        record(
            actor=actor.journal_name,
            action="list.exported",
            record_type="list",
            record_id=name,
            details={"rows": count, "format": form},
        )
    file_name = f"tocsin-{name}-{timezone.localdate():%Y-%m-%d}.{form}"
    return FileResponse(stream, as_attachment=True, filename=file_name, content_type=content_type)


def get_search(request: HttpRequest) -> str:
    """Return the text searched for, as the database can take it."""
    return request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH_CHARACTERS]


def get_sort(request: HttpRequest, orders: Collection[str], *, default: str) -> str:
    """Return the order asked for, or its reverse where the list has only that, or the default.

    So the mark of the sorted column always tells the order the rows are in.
    """
    wanted = request.GET.get("sort", "")
    reverse = wanted.removeprefix("-") if wanted.startswith("-") else f"-{wanted}"
    return next((order for order in (wanted, reverse) if order in orders), default)
