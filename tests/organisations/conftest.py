"""Three organisations, each with a person."""

from dataclasses import dataclass

import pytest

from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation, Person
from tocsin.organisations.queries import derive_actor
from tocsin.organisations.services import SETUP, record_organisation, record_person
from tocsin.organisations.vocabulary import Role


@dataclass(frozen=True)
class Network:
    """own runs the node; partner and third share with it. One analyst in each, by its key."""

    organisations: dict[str, Organisation]
    people: dict[str, Person]

    def actor(self, key: str) -> Actor:
        return derive_actor(self.people[key])


@pytest.fixture
def network(db: None) -> Network:
    organisations = {
        key: record_organisation(SETUP, key=key, name=key.title(), is_own=key == "own")
        for key in ("own", "partner", "third")
    }
    people = {
        key: record_person(
            SETUP,
            username=f"analyst-{key}",
            organisation=organisation,
            roles=[Role.ANALYST],
            password=None,
        )
        for key, organisation in organisations.items()
    }
    return Network(organisations, people)
