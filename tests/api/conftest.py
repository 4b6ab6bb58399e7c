"""A small network with tokens, and evidence to ask the API for."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
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
from tocsin.organisations.models import Organisation, Person
from tocsin.organisations.queries import derive_actor
from tocsin.organisations.services import (
    SETUP,
    ensure_handling,
    issue_token,
    record_organisation,
    record_person,
)
from tocsin.organisations.vocabulary import Role
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.services import record_report

EVIDENCE = EvidenceReport(
    reference="L-1",
    event_type="seizure",
    event_on=date(2026, 3, 2),
    country="AT",
    region="AT13",
    source="Federal laboratory",
    findings=(
        EvidenceFinding(
            substance_text="carfentanil",
            matrix="seized",
            amount=Decimal("12.5"),
            unit="g",
            purity_percent=Decimal("1.2"),
            technique="GC-MS",
            identification_level="schymanski-1",
        ),
        EvidenceFinding(substance_text="unheard-of thing", matrix="seized"),
    ),
)

BODY: dict[str, Any] = {
    "reference": "L-1",
    "event_type": "seizure",
    "event_on": "2026-03-02",
    "country": "AT",
    "region": "AT13",
    "source": "Federal laboratory",
    "findings": [
        {
            "substance": "carfentanil",
            "amount": "12.5",
            "unit": "g",
            "purity_percent": 1.2,
            "technique": "GC-MS",
            "identification_level": "schymanski-1",
        },
        {"substance": " unheard-of  thing "},
    ],
}


@dataclass(frozen=True)
class Node:
    """The node's own organisation and a partner, people named by their role, and their tokens."""

    own: Organisation
    partner: Organisation
    people: dict[str, Person]
    tokens: dict[str, str]

    def actor(self, name: str) -> Actor:
        return derive_actor(self.people[name])

    def report(
        self,
        name: str = "reporter",
        *,
        tlp: str = "AMBER",
        to: tuple[int, ...] = (),
        **changes: Any,
    ) -> Report:
        """Store a report of the named person's organisation for the given audience."""
        actor = self.actor(name)
        assert actor.organisation_id is not None
        handling = ensure_handling(owner_id=actor.organisation_id, tlp=tlp, audience=to)
        return record_report(actor, handling, replace(EVIDENCE, **changes))

    def draft(
        self, *, tlp: str = "AMBER", to: tuple[int, ...] = (), by: str = "analyst"
    ) -> AlertVersion:
        """Draft an alert on carfentanil as the named person."""
        return draft_alert(
            self.actor(by),
            AlertContent(
                severity="Severe",
                urgency="Immediate",
                certainty="Observed",
                country="AT",
                region="AT13",
                expires_at=datetime.now(tz=timezone.get_current_timezone()) + timedelta(days=30),
                tlp=tlp,
                audience=to,
                wordings=(
                    Wording(
                        language="en",
                        headline="Carfentanil in powder",
                        area_description="Vienna",
                        what_was_seen="Carfentanil in one seizure.",
                        hazard="Very small amounts stop breathing.",
                        advice_practitioners="Naloxone may have to be given more than once.",
                        advice_public="Call emergency services.",
                    ),
                ),
            ),
            substance_key="carfentanil",
        )

    def release(
        self,
        *,
        tlp: str = "AMBER",
        to: tuple[int, ...] = (),
        by: str = "analyst",
        releaser: str = "releaser",
    ) -> AlertVersion:
        """Draft an alert as one person and release it as another."""
        version = self.draft(tlp=tlp, to=to, by=by)
        ask_release(self.actor(by), version.pk)
        return release_alert(self.actor(releaser), version.pk)

    def detect(self) -> None:
        """Let the pipeline look at what is held."""
        run_detection()


@dataclass(frozen=True)
class Caller:
    """A program with one person's token, or with none."""

    token: str

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(f"/api/v1{path}", query, headers=self._headers())

    def post(self, path: str, body: Any) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        return Client().post(
            f"/api/v1{path}", text, content_type="application/json", headers=self._headers()
        )


def open_node(*, everybody: Sequence[Role] = ()) -> Node:
    """Make the people: one for each role, nobody (no role), partner-analyst; all with tokens.

    everybody: where given, each of the organisations own, partner and third has a person
    "…-everything" with these roles and a "…-releaser".
    """
    own = record_organisation(
        SETUP, key="focal-point", name="Focal Point", country="AT", is_own=True
    )
    partner = record_organisation(SETUP, key="customs", name="Customs Office")
    wanted: dict[str, tuple[Organisation, Sequence[Role]]] = {
        role.value: (own, [role]) for role in Role
    }
    wanted["nobody"] = (own, [])
    wanted["partner-analyst"] = (partner, [Role.ANALYST, Role.REPORTER])
    if everybody:
        third = record_organisation(SETUP, key="third", name="Third Office", country="SK")
        for name, organisation in (("own", own), ("partner", partner), ("third", third)):
            wanted[f"{name}-everything"] = (organisation, everybody)
            wanted[f"{name}-releaser"] = (organisation, [Role.RELEASER])
    people = {
        name: record_person(
            SETUP, username=name, organisation=organisation, roles=roles, password=None
        )
        for name, (organisation, roles) in wanted.items()
    }
    tokens = {
        name: issue_token(derive_actor(person), label="test") for name, person in people.items()
    }
    return Node(own, partner, people, tokens)


@pytest.fixture(scope="module")
def module_node(module_db: Callable[[], AbstractContextManager[None]]) -> Node:
    with module_db():
        return open_node()


@pytest.fixture
def node(module_node: Node, db: None) -> Node:
    """People: one for each role, nobody (no role), partner-analyst elsewhere; all with tokens."""
    return deepcopy(module_node)


@pytest.fixture
def call(node: Node) -> Callable[[str], Caller]:
    """Return a function that gives the named person's program; an empty name has no token."""
    return lambda name: Caller(node.tokens[name] if name else "")
