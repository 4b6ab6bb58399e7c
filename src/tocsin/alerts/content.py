"""What a person says in an alert, checked so far that a draft of it can be held."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from tocsin.alerts.formats.document import is_readable
from tocsin.alerts.models import AlertWording, Certainty, Severity, Urgency
from tocsin.errors import InvalidAlertError
from tocsin.organisations.models import Organisation
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, TrafficLight
from tocsin.reports.formats.personal_data import find_person, find_personal_remark
from tocsin.reports.vocabulary import IdentificationLevel

LONGEST_TEXT = 20_000
LONGEST_NOTE = 2_000
LAST_YEAR = 9_000
MOST_LANGUAGES = 40
MOST_RECIPIENTS = 1_000

_LONGEST = {
    "language": 10,
    "headline": 160,
    "area_description": 200,
}
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_REGION = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of an alert in one language (BCP 47)."""

    language: str
    headline: str
    area_description: str
    what_was_seen: str
    hazard: str
    advice_practitioners: str
    advice_public: str


@dataclass(frozen=True, slots=True)
class AlertContent:
    """What an alert says, of which place, how bad, until when, and for whom.

    audience: numbers of the organisations that get it; TLP:CLEAR always goes to everybody.
    lowered_to: a lower level of identification than the evidence bears; empty for what it bears.
    """

    severity: str
    urgency: str
    certainty: str
    country: str
    expires_at: datetime
    wordings: tuple[Wording, ...]
    region: str = ""
    tlp: str = TrafficLight.AMBER.value
    audience: tuple[int, ...] = ()
    lowered_to: str = ""


def require_holdable(content: AlertContent, *, note: str = "") -> None:
    """Do nothing where a draft of this can be held; otherwise raise InvalidAlertError.

    A draft may lack texts; what it has must fit. What a released alert must have besides is checked
    when its release is asked for.
    """
    problem = next(_iter_problems(content, note), None)
    if problem is not None:
        raise InvalidAlertError(f"alert, {problem}")


def _iter_problems(content: AlertContent, note: str) -> Iterator[str]:
    words: tuple[tuple[str, str, list[str]], ...] = (
        ("severity", content.severity, Severity.values),
        ("urgency", content.urgency, Urgency.values),
        ("certainty", content.certainty, Certainty.values),
        ("TLP level", content.tlp, TrafficLight.values),
        ("identification", content.lowered_to, IdentificationLevel.values),
    )
    for name, word, accepted in words:
        if word not in accepted:
            yield f"{name}: found {word[:40]!r}; expected one of {', '.join(accepted)}"
    if content.country and not _COUNTRY.match(content.country):
        yield f"country: found {content.country[:40]!r}; expected two letters of ISO 3166-1"
    if content.region and not _REGION.match(content.region):
        yield f"region: found {content.region[:40]!r}; expected a NUTS code"
    if len(note) > LONGEST_NOTE or not is_readable(note):
        yield f"note: expected at most {LONGEST_NOTE} characters without control characters"
    elif looks_like := find_personal_remark(note):
        yield f"note: looks like {looks_like}; expected nothing about a person"
    yield from _iter_time_problems(content.expires_at)
    yield from _iter_audience_problems(content)
    yield from _iter_wording_problems(content.wordings)


def _iter_time_problems(moment: datetime) -> Iterator[str]:
    if moment.utcoffset() is None:
        yield f"valid until: found {moment.isoformat()}; expected an offset from UTC"
    elif not 1 < moment.year < LAST_YEAR:
        yield f"valid until: found the year {moment.astimezone(UTC).year}; expected one to come"


def _iter_audience_problems(content: AlertContent) -> Iterator[str]:
    named = set(content.audience) - {PUBLIC_AUDIENCE}
    if len(named) > MOST_RECIPIENTS:
        yield f"recipients: found {len(named)}; expected at most {MOST_RECIPIENTS}"
        return
    held = set(Organisation.objects.values_list("pk", flat=True)) if named else set()
    if unknown := sorted(named - held):
        yield f"recipients: found number {unknown[0]}; expected organisations of this node"


def _iter_wording_problems(wordings: tuple[Wording, ...]) -> Iterator[str]:
    if len(wordings) > MOST_LANGUAGES:
        yield f"texts: found {len(wordings)} languages; expected at most {MOST_LANGUAGES}"
    languages = [wording.language.lower() for wording in wordings]
    if len(set(languages)) < len(languages):
        yield "texts: a language stands twice; expected each language once"
    for wording in wordings:
        if not _LANGUAGE.match(wording.language):
            yield f'language: found {wording.language[:40]!r}; expected a tag such as "en"'
        for field in fields(wording):
            text: str = getattr(wording, field.name)
            longest = _LONGEST.get(field.name, LONGEST_TEXT)
            named = getattr(AlertWording._meta.get_field(field.name), "verbose_name", field.name)
            if len(text) > longest:
                yield f"{named}: found {len(text)} characters; expected at most {longest}"
            if not is_readable(text):
                yield f"{named}: found a control character; expected text"
            elif looks_like := find_person(text):
                yield f"{named}: looks like {looks_like}; expected nothing about a person"
