"""A small network with people, and doors into its pages: shared by the tests of all pages."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation, Person
from tocsin.organisations.queries import derive_actor
from tocsin.organisations.services import (
    SETUP,
    ensure_handling,
    record_organisation,
    record_person,
)
from tocsin.organisations.vocabulary import Role, TrafficLight
from tocsin.pipeline import run_detection
from tocsin.reports.models import EvidenceImport
from tocsin.reports.queries import get_import, get_profile
from tocsin.reports.services import receive_file, run_import


@dataclass(frozen=True)
class Network:
    """The node's own organisation and a partner, each with people named by their role."""

    own: Organisation
    partner: Organisation
    people: dict[str, Person]

    def person(self, name: str) -> Person:
        return self.people[name]

    def actor(self, name: str) -> Actor:
        return derive_actor(self.people[name])


def make_network() -> Network:
    own = record_organisation(SETUP, key="focal-point", name="Focal Point", is_own=True)
    partner = record_organisation(SETUP, key="customs", name="Customs Office")
    people = {
        role.value: record_person(
            SETUP, username=role.value, organisation=own, roles=[role], password=None
        )
        for role in Role
    }
    people["partner-analyst"] = record_person(
        SETUP,
        username="partner-analyst",
        organisation=partner,
        roles=[Role.ANALYST, Role.REPORTER],
        password=None,
    )
    return Network(own, partner, people)


@pytest.fixture(scope="module")
def module_network(module_db: Callable[[], AbstractContextManager[None]]) -> Network:
    with module_db():
        return make_network()


@pytest.fixture
def network(module_network: Network, db: None) -> Network:
    """People: analyst, releaser, reporter, reader, administrator; partner-analyst elsewhere."""
    return deepcopy(module_network)


@pytest.fixture
def enter(network: Network) -> Callable[[str], Client]:
    """Return a function that gives a browser in which the named person is logged in."""

    def log_in(name: str) -> Client:
        client = Client()
        client.force_login(network.person(name))
        return client

    return log_in


@pytest.fixture
def take_in(network: Network, tmp_path: Path) -> Callable[..., EvidenceImport]:
    """Return a function that imports the text of a CSV and lets detection run over it.

    Rows are shared with nobody but the sender's own organisation unless an audience is given.
    """

    def send(
        text: str,
        *,
        sender: str = "analyst",
        profile: str = "generic",
        file_name: str = "rows.csv",
        tlp: str = TrafficLight.AMBER,
        audience: tuple[int, ...] = (),
    ) -> EvidenceImport:
        path = tmp_path / file_name
        path.write_text(text, encoding="utf-8")
        actor = network.actor(sender)
        handling = ensure_handling(
            owner_id=network.person(sender).organisation_id, tlp=tlp, audience=audience
        )
        received = receive_file(
            actor, path, file_name=file_name, profile=get_profile(actor, profile), handling=handling
        )
        run_import(actor, received.pk)
        run_detection()
        return get_import(actor, received.pk)

    return send


@pytest.fixture
def count_queries(db: None) -> Callable[[Client, str], int]:
    """Return a function that reads a page twice and says how many queries the second time took."""

    def read(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
        assert response.status_code == 200
        return len(captured)

    return read
