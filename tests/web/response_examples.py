"""Rows, alerts and short ways to read pages, for the tests of the pages about what evidence means."""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tocsin.alerts.models import AlertVersion
from tocsin.alerts.services import (
    AlertContent,
    Wording,
    ask_release,
    draft_alert,
    release_alert,
)
from tocsin.organisations.actors import Actor
from tocsin.signals.models import Signal
from tocsin.signals.queries import list_signals
from tocsin.signals.services import triage_signal

HEADINGS = "reference,event_type,event_on,country,local_area,substance\n"
SECRET_ADVICE = "Carry naloxone and never use alone."


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def write_row(
    reference: str, on: date, substance: str, *, country: str = "AT", area: str = "Wien"
) -> str:
    return f"{reference},seizure,{on.isoformat()},{country},{area},{substance}\n"


def read(client: Client, path: str, *, status: int = 200) -> str:
    """The text of a page or a file."""
    response = client.get(path)
    assert response.status_code == status, path
    return response.getvalue().decode("utf-8-sig")


def count_queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        read(client, path)
    return len(captured)


def get_first(actor: Actor, substance: str) -> Signal:
    """The signal of the first detection of a substance."""
    return list_signals(actor, search=substance, kind="first-detection").get()


def confirm(actor: Actor, signal: Signal) -> None:
    triage_signal(actor, signal.pk, to_state="verifying")
    triage_signal(actor, signal.pk, to_state="confirmed", reason="A second laboratory found it.")


def make_content(**changes: Any) -> AlertContent:
    values: dict[str, Any] = {
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "country": "AT",
        "region": "AT13",
        "expires_at": timezone.now() + timedelta(days=20),
        "tlp": "CLEAR",
        "wordings": (
            Wording(
                language="en",
                headline="Nitazene in tablets sold as oxycodone",
                area_description="Wien",
                what_was_seen="Protonitazene in 3 of 3 tablets.",
                hazard="It can stop your breathing.",
                advice_practitioners="Repeated naloxone may be needed.",
                advice_public=SECRET_ADVICE,
            ),
        ),
    }
    return AlertContent(**(values | changes))


def draft(actor: Actor, **changes: Any) -> AlertVersion:
    return draft_alert(actor, make_content(**changes), substance_key="protonitazene")


def release(author: Actor, releaser: Actor, **changes: Any) -> str:
    """Draft, ask for and give the release of an alert; return its identifier."""
    version = draft(author, **changes)
    ask_release(author, version.pk)
    return release_alert(releaser, version.pk).alert.identifier
