"""Who comes in and how errors go out: tokens, limits, one JSON shape for every error."""

import json
from decimal import Decimal
from functools import partial
from typing import Any, Final, cast

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import HttpBearer

from tocsin.errors import (
    DatabaseUnavailableError,
    ErasedError,
    ImportFileError,
    InvalidAlertError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    StaleReportError,
    SubstanceError,
    TocsinError,
    UnscopedReadError,
)
from tocsin.journal.services import record_refusal
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.queries import (
    derive_actor,
    find_former_token_holder,
    find_person_by_token,
)
from tocsin.reports.formats.personal_data import find_personal_text

MOST_BODY_BYTES: Final = 1024 * 1024
"""Largest request body; one report with 100 findings takes about 50 kB."""

MOST_PROBLEMS_TOLD: Final = 20

DESCRIPTION: Final = """
What this node holds, for programs: reports, substances, signals, alerts, packages, tables.

Send a person's token as `Authorization: Bearer …`; a token sees what its person sees on the pages,
for the `purpose` that is named. Every list has `limit` (at most 500) and `offset`, and tells the
`total` and the `next_offset` (null on the last page). Every error is `{"code", "message"}`; codes
never change. Dates are `YYYY-MM-DD`, moments ISO 8601 with offset, places ISO 3166-1 and NUTS,
decimal numbers are texts so that no digit is lost. Consultation is journalled.
"""

STATUS_BY_ERROR: Final[tuple[tuple[type[TocsinError], int], ...]] = (
    (ErasedError, 410),
    (NotFoundError, 404),
    (PermissionRefusedError, 403),
    (UnscopedReadError, 500),
    (RefusedError, 409),
    (StaleReportError, 409),
    (ImportFileError, 422),
    (SubstanceError, 422),
    (InvalidAlertError, 422),
    (DatabaseUnavailableError, 503),
    (TocsinError, 500),
)
"""HTTP status of each branch of the error tree; the first that fits."""


class TokenAuthentication(HttpBearer):
    """Lets in who shows a valid token, as the actor that its person is."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the actor, or None for a token that is unknown, expired or revoked.

        The use of a token that once was valid is journalled as a refusal; an unknown one is not,
        so that nobody without a token can fill the journal. Raises RequestDataTooBig.
        """
        person = find_person_by_token(token)
        if person is None:
            holder = find_former_token_holder(token)
            if holder is not None:
                _journal_refusal(request, derive_actor(holder), "token")
            return None
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY_BYTES:
            raise RequestDataTooBig
        return derive_actor(person)


class StrictParser(Parser):
    """Reads JSON exactly: numbers as they are written, no repeated keys, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json.loads(
            request.body,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_make_object,
        )


class TocsinApi(NinjaAPI):
    """The API of a node; its interactive pages are off, for they would load foreign scripts."""

    def __init__(self) -> None:
        super().__init__(
            title="Tocsin",
            version="1",
            description=DESCRIPTION,
            docs_url=None,
            auth=TokenAuthentication(),
            parser=StrictParser(),
        )
        self.add_exception_handler(TocsinError, partial(_answer_error, self))
        self.add_exception_handler(ValidationError, partial(_answer_bad_request, self))
        self.add_exception_handler(RequestDataTooBig, partial(_answer_too_large, self))
        self.add_exception_handler(AuthenticationError, partial(_answer_unknown, self))
        self.add_exception_handler(HttpError, partial(_answer_unreadable, self))

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        response = super().create_temporal_response(request)
        response["Cache-Control"] = "private, no-store"
        return response

    def refuse(self, request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
        """Return an error in the one shape that errors have here."""
        response = self.create_response(request, {"code": code, "message": message}, status=status)
        response["Cache-Control"] = "private, no-store"
        return response


def get_actor(request: HttpRequest) -> Actor:
    """Return the actor that the request's token stands for."""
    return cast("Actor", getattr(request, "auth", PUBLIC))


def describe_route(request: HttpRequest) -> str:
    """Return the method and the pattern of a request's address, without its values."""
    match = request.resolver_match
    return f"{request.method} /{match.route if match else ''}"[:120]


def _answer_error(api: TocsinApi, request: HttpRequest, error: TocsinError) -> HttpResponse:
    status = next(status for kind, status in STATUS_BY_ERROR if isinstance(error, kind))
    if isinstance(error, RefusedError):
        _journal_refusal(request, get_actor(request), error.code)
    return api.refuse(request, status, error.code, str(error))


def _answer_bad_request(
    api: TocsinApi, request: HttpRequest, error: ValidationError
) -> HttpResponse:
    problems = error.errors[:MOST_PROBLEMS_TOLD]
    is_personal = any(problem["type"] == "personal-data" for problem in error.errors)
    message = "; ".join(f"{_name_field(problem)}: {problem['msg']}" for problem in problems)
    return api.refuse(request, 422, "personal-data" if is_personal else "bad-request", message)


def _answer_too_large(
    api: TocsinApi, request: HttpRequest, _error: RequestDataTooBig
) -> HttpResponse:
    message = f"request: too large; expected at most {MOST_BODY_BYTES} bytes"
    return api.refuse(request, 413, "too-large", message)


def _answer_unknown(
    api: TocsinApi, request: HttpRequest, _error: AuthenticationError
) -> HttpResponse:
    message = "token: missing, unknown, expired or revoked; expected Authorization: Bearer TOKEN"
    response = api.refuse(request, 401, "no-valid-token", message)
    response["WWW-Authenticate"] = "Bearer"
    return response


def _answer_unreadable(api: TocsinApi, request: HttpRequest, error: HttpError) -> HttpResponse:
    message = "request: its body cannot be read; expected JSON with each key once"
    return api.refuse(request, error.status_code, "bad-json", message)


def _journal_refusal(request: HttpRequest, actor: Actor, code: str) -> None:
    record_refusal(
        actor.journal_name,
        action=f"refused.{code}",
        record_type="api",
        record_id=describe_route(request),
    )


def _name_field(problem: dict[str, Any]) -> str:
    """Return where in the request a problem is; a sender's own field name may be personal."""
    place = ".".join(str(part) for part in problem["loc"][1:])[:200] or "request"
    return "(withheld)" if find_personal_text(place) else place


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant}: not a number")


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made
