"""What every read has in common: the right, the purpose, the page, the journal."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja.errors import ValidationError

from tocsin.api.door import describe_route, get_actor
from tocsin.api.schemas.words import PageParameters, Parameters
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission

Row = TypeVar("Row", bound=Model)


def open_reading(request: HttpRequest, parameters: Parameters) -> Actor:
    """Return who reads; PermissionRefusedError without the right to read evidence.

    Raises ValidationError for a query parameter that the route does not have: a misspelled filter
    must not answer with everything.
    """
    actor = get_actor(request)
    require_permission(actor, "evidence.read")
    known = type(parameters).model_fields
    for name in request.GET:
        if name not in known:
            raise make_bad_request("query", name, f"unknown; expected one of: {', '.join(known)}")
    return actor


def take_page(
    rows: QuerySet[Row], parameters: PageParameters, describe: Callable[[Row], Any]
) -> dict[str, Any]:
    """Return one page of rows with the total, in the shape every list has."""
    total = rows.count()
    end = parameters.offset + parameters.limit
    return {
        "total": total,
        "limit": parameters.limit,
        "offset": parameters.offset,
        "next_offset": end if end < total else None,
        "items": [describe(row) for row in rows[parameters.offset : end]],
    }


@transaction.atomic
def journal_reading(
    request: HttpRequest, parameters: Parameters, *, rows: int, record_id: str = ""
) -> None:
    """Journal one consultation: which route, how many rows, for which purpose, of which record."""
    details: dict[str, Any] = {"rows": rows, "purpose": parameters.purpose}
    if record_id:
        details["record"] = record_id
    record(
        actor=get_actor(request).journal_name,
        action="api.read",
        record_type="api",
        record_id=describe_route(request),
        details=details,
    )


def make_bad_request(*place_and_message: str) -> ValidationError:
    """Return the error of a request's field: where it stands, then what was expected."""
    *place, message = place_and_message
    return ValidationError([{"type": "bad-request", "loc": place, "msg": message}])


def require_no_parameters(request: HttpRequest) -> None:
    """Raise ValidationError where a writing route was given a query parameter."""
    for name in request.GET:
        raise make_bad_request("query", name, "unknown; expected none")
