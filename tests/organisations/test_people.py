import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core import serializers
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.organisations.conftest import Network
from tocsin.errors import (
    ConfigurationError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    TocsinError,
)
from tocsin.journal.models import JournalEntry
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.models import ApiToken, Organisation, Person
from tocsin.organisations.permissions import (
    ROLES_BY_PERMISSION,
    is_permitted,
    require_permission,
)
from tocsin.organisations.queries import (
    derive_actor,
    find_person_by_token,
    get_actor,
    get_node_actor,
    get_own_organisation,
    list_audience_names,
)
from tocsin.organisations.services import (
    SETUP,
    change_own_organisation,
    change_person,
    ensure_handling,
    issue_token,
    record_organisation,
    record_person,
    revoke_token,
)
from tocsin.organisations.vocabulary import Role, derive_strictest

# One line a role, in the words of the issue: who may do what.
PERMITTED = {
    "reader": {"evidence.read"},
    "reporter": {
        "evidence.read",
        "evidence.export",
        "report.import",
        "report.correct",
        "report.retract",
    },
    "analyst": {
        "evidence.read",
        "evidence.export",
        "report.import",
        "report.correct",
        "report.retract",
        "name.decide",
        "substance.add",
        "substance.curate",
        "signal.triage",
        "detection.set",
        "alert.draft",
        "package.make",
        "table.make",
    },
    "releaser": {
        "evidence.read",
        "evidence.export",
        "alert.draft",
        "alert.release",
        "alert.cancel",
        "package.make",
        "table.make",
        "package.release",
        "package.withdraw",
        "table.release",
    },
    "administrator": {"evidence.read", "journal.read", "people.manage", "retention.manage"},
}


@pytest.fixture
def administrator(network: Network) -> Actor:
    return derive_actor(
        record_person(
            SETUP,
            username="ada",
            organisation=network.organisations["own"],
            roles=[Role.ADMINISTRATOR],
            password="a long enough password",
        )
    )


def find_last_entry() -> JournalEntry:
    entry = JournalEntry.objects.order_by("-sequence").first()
    assert entry is not None
    return entry


@pytest.mark.parametrize("role", Role.values)
def test_role_has_exactly_these_permissions(role: str) -> None:
    actor = Actor("x", 1, "x", 1, frozenset({role}))

    assert {name for name in ROLES_BY_PERMISSION if is_permitted(actor, name)} == PERMITTED[role]


def test_roles_add_up_and_no_role_permits_nothing() -> None:
    both = Actor("x", 1, "x", 1, frozenset({"reader", "releaser"}))
    none = Actor("x", 1, "x", 1)

    assert {name for name in ROLES_BY_PERMISSION if is_permitted(both, name)} == (
        PERMITTED["reader"] | PERMITTED["releaser"]
    )
    assert [name for name in ROLES_BY_PERMISSION if is_permitted(none, name)] == []
    assert [name for name in ROLES_BY_PERMISSION if is_permitted(PUBLIC, name)] == []


def test_permission_that_does_not_exist_is_nobodys() -> None:
    everything = Actor("x", 1, "x", 1, frozenset(Role.values))

    assert not is_permitted(everything, "evidence.delete")
    with pytest.raises(PermissionRefusedError, match="expected one of: nobody"):
        require_permission(everything, "evidence.delete")


def test_refusal_names_what_is_held_and_what_is_needed() -> None:
    reader = Actor("x", 1, "x", 1, frozenset({"reader"}))

    with pytest.raises(
        PermissionRefusedError,
        match=r"^alert\.release: your roles are reader; expected one of: releaser$",
    ):
        require_permission(reader, "alert.release")


def test_node_has_no_roles_and_sees_as_its_organisation(network: Network) -> None:
    own = network.organisations["own"]

    assert get_node_actor() == Actor("node", own.pk, "own", None, frozenset())
    assert get_own_organisation() == own


def test_one_organisation_runs_the_node(network: Network) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        record_organisation(SETUP, key="other", name="Other", is_own=True)


def test_node_without_an_organisation_says_how_to_get_one(db: None) -> None:
    with pytest.raises(ConfigurationError, match="tocsin init"):
        get_own_organisation()


def test_organisation_is_brought_up_to_date_by_its_key(network: Network) -> None:
    changed = record_organisation(SETUP, key="partner", name="Renamed", country="DE")

    assert Organisation.objects.get(key="partner") == changed == network.organisations["partner"]
    last = find_last_entry()
    assert (last.action, last.details) == (
        "organisation.changed",
        {"name": "Renamed", "kind": "other", "country": "DE", "own": False},
    )


def test_password_is_held_as_an_argon2_hash_and_stands_nowhere_else(
    administrator: Actor,
) -> None:
    held = Person.objects.get(username="ada")

    assert identify_hasher(held.password).algorithm == "argon2"
    assert held.check_password("a long enough password")
    assert "password" not in str(find_last_entry().details)


@pytest.mark.parametrize("role", ["reader", "reporter", "analyst", "releaser"])
def test_only_administrators_manage_people(network: Network, role: str) -> None:
    actor = Actor("x", network.organisations["own"].pk, "own", 1, frozenset({role}))

    with pytest.raises(PermissionRefusedError):
        record_person(
            actor,
            username="eve",
            organisation=network.organisations["own"],
            roles=[Role.ADMINISTRATOR],
            password=None,
        )
    with pytest.raises(PermissionRefusedError):
        change_person(actor, username="analyst-own", roles=[], is_active=False)
    assert not Person.objects.filter(username="eve").exists()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        pytest.param({"username": "analyst-own"}, ConfigurationError, id="name taken"),
        pytest.param({"roles": ["root"]}, ConfigurationError, id="unknown role"),
        pytest.param(
            {"roles": ["administrator"], "organisation": "partner"},
            RefusedError,
            id="a partner's person as administrator",
        ),
    ],
)
def test_account_is_refused(
    network: Network, administrator: Actor, values: dict[str, Any], error: type[TocsinError]
) -> None:
    wanted = {"username": "ben", "roles": ["reader"], "organisation": "own"} | values
    wanted["organisation"] = network.organisations[wanted["organisation"]]
    before = Person.objects.count()

    with pytest.raises(error):
        record_person(administrator, password=None, **wanted)

    assert Person.objects.count() == before


def test_change_of_roles_is_journalled_with_before_and_after(
    network: Network, administrator: Actor
) -> None:
    change_person(
        administrator, username="analyst-own", roles=["releaser", "analyst"], is_active=True
    )

    last = find_last_entry()
    assert (last.person, last.action, last.record_id, last.details) == (
        "ada",
        "person.changed",
        "analyst-own",
        {
            "before": {"roles": ["analyst"], "active": True},
            "after": {"roles": ["analyst", "releaser"], "active": True},
        },
    )


def test_person_who_is_not_there_cannot_be_changed(administrator: Actor) -> None:
    with pytest.raises(NotFoundError):
        change_person(administrator, username="nobody", roles=[], is_active=True)


def test_partners_person_is_made_no_administrator(network: Network, administrator: Actor) -> None:
    with pytest.raises(RefusedError):
        change_person(
            administrator, username="analyst-partner", roles=["administrator"], is_active=True
        )


@pytest.mark.parametrize(
    ("roles", "is_active"),
    [
        pytest.param(["reader"], True, id="taking the role away"),
        pytest.param(["administrator"], False, id="closing the account"),
        pytest.param([], False, id="both"),
    ],
)
def test_administrator_cannot_lock_themselves_out(
    administrator: Actor, roles: list[str], is_active: bool
) -> None:
    with pytest.raises(PermissionRefusedError):
        change_person(administrator, username="ada", roles=roles, is_active=is_active)

    held = Person.objects.get(username="ada")
    assert (held.roles, held.is_active) == (["administrator"], True)


def test_administrator_may_change_their_other_roles(administrator: Actor) -> None:
    changed = change_person(
        administrator, username="ada", roles=["administrator", "reader"], is_active=True
    )

    assert changed.roles == ["administrator", "reader"]


def test_closed_account_and_closed_organisation_act_no_longer(network: Network) -> None:
    assert get_actor("analyst-partner") == network.actor("partner")

    Organisation.objects.filter(key="partner").update(is_active=False)
    Person.objects.filter(username="analyst-third").update(is_active=False)

    for name in ("analyst-partner", "analyst-third", "nobody"):
        with pytest.raises(NotFoundError):
            get_actor(name)


def test_token_is_held_as_its_digest_only(network: Network) -> None:
    token = issue_token(network.actor("own"), label="nightly job")

    held = ApiToken.objects.get()
    assert held.digest == hashlib.sha256(token.encode()).hexdigest()
    written = serializers.serialize("json", [held, *JournalEntry.objects.all()])
    assert token not in written
    assert token.removeprefix("tocsin_")[:20] not in written
    assert find_person_by_token(token) == network.people["own"]


def test_two_tokens_differ_and_have_enough_chance_in_them(network: Network) -> None:
    first, second = (issue_token(network.actor("own"), label="x") for _ in range(2))

    # 32 random bytes are 43 signs of base64.
    assert first != second
    assert len(first.removeprefix("tocsin_")) == 43


def test_token_ends_when_it_is_revoked_or_its_time_is_over(network: Network) -> None:
    actor = network.actor("own")
    token = issue_token(actor, label="x", valid_days=1)
    held = ApiToken.objects.get()
    assert timedelta(hours=23) < held.expires_at - timezone.now() <= timedelta(days=1)

    revoke_token(actor, held.pk)
    first_end = ApiToken.objects.get().revoked_at
    revoke_token(actor, held.pk)

    assert find_person_by_token(token) is None
    assert ApiToken.objects.get().revoked_at == first_end
    assert JournalEntry.objects.filter(action="token.revoked").count() == 1


def test_token_of_somebody_else_cannot_be_revoked(network: Network) -> None:
    token = issue_token(network.actor("own"), label="x")

    with pytest.raises(NotFoundError):
        revoke_token(network.actor("partner"), ApiToken.objects.get().pk)
    assert find_person_by_token(token) == network.people["own"]


@pytest.mark.parametrize("actor", [PUBLIC, SETUP], ids=["public", "setup"])
def test_only_persons_have_tokens(db: None, actor: Actor) -> None:
    with pytest.raises(PermissionRefusedError):
        issue_token(actor, label="x")
    with pytest.raises(PermissionRefusedError):
        revoke_token(actor, 1)


@pytest.mark.parametrize(
    "values", [{"tlp": "WHITE"}, {"tlp": "AMBER", "purposes": ["fun"]}], ids=["level", "purpose"]
)
def test_handling_takes_known_words_only(network: Network, values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="expected one of"):
        ensure_handling(owner_id=network.organisations["own"].pk, **values)


def test_audience_is_named_everybody_first(network: Network) -> None:
    numbers = [network.organisations[key].pk for key in ("third", "partner")]

    assert list_audience_names([*numbers, 0]) == ["everybody", "Partner", "Third"]


@pytest.mark.parametrize(
    ("levels", "strictest"),
    [
        pytest.param([], "RED", id="none is the strictest"),
        pytest.param(["CLEAR"], "CLEAR", id="one"),
        pytest.param(["GREEN", "AMBER+STRICT", "AMBER"], "AMBER+STRICT", id="strict amber"),
        pytest.param(["RED", "CLEAR"], "RED", id="red"),
    ],
)
def test_strictest_level_wins(levels: list[str], strictest: str) -> None:
    assert derive_strictest(levels) == strictest


def test_the_own_organisation_is_renamed_in_place_and_journalled(network: Network) -> None:
    own = get_own_organisation()
    before = {"key": own.key, "name": own.name, "country": own.country, "kind": own.kind}

    change_own_organisation(SETUP, key="new-key", name="New name", country="MT")

    changed = get_own_organisation()
    assert (changed.pk, changed.key, changed.name) == (own.pk, "new-key", "New name")
    entry = JournalEntry.objects.order_by("-sequence")[0]
    assert (entry.action, entry.record_id) == ("organisation.changed", "new-key")
    assert entry.details == {
        "before": before,
        "after": {"key": "new-key", "name": "New name", "country": "MT", "kind": own.kind},
    }


def test_the_own_organisation_takes_no_key_of_another(network: Network) -> None:
    other = record_organisation(SETUP, key="other", name="Other")
    with pytest.raises(ConfigurationError, match="organisation 'other': exists already"):
        change_own_organisation(SETUP, key=other.key, name="X", country="")
