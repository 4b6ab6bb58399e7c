from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Count, Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.organisations.conftest import Network
from tocsin.errors import UnscopedReadError
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.models import GuardedRecord, Handling, Organisation
from tocsin.organisations.queries import get_node_actor
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, Purpose, TrafficLight
from tocsin.reports.models import EvidenceImport, Finding, Report, WrittenName
from tocsin.reports.queries import (
    get_report,
    list_reports,
    list_unresolved_names,
    list_written_names,
)

GUARDED: list[Any] = sorted(
    (model for model in apps.get_models() if issubclass(model, GuardedRecord)),
    key=lambda model: str(model._meta.label),
)


def may_see(handling: Handling, actor: Actor, purpose: str) -> bool:
    """The rule in the words of its sentence, one after the other."""
    if actor.organisation_id is not None and handling.owner_id == actor.organisation_id:
        return True
    if handling.tlp == "CLEAR" and PUBLIC_AUDIENCE in handling.audience:
        return True
    if actor.organisation_id is None or purpose not in handling.purposes:
        return False
    if handling.tlp == "RED":
        return actor.person_id in handling.people
    return actor.organisation_id in handling.audience or PUBLIC_AUDIENCE in handling.audience


def hold(handling: Handling, name: str = "something") -> Report:
    """Hold one report with one finding under a handling."""
    report: Report = Report.objects.create(
        handling=handling,
        owner=handling.owner,
        key=f"row:{handling.pk}:{name}",
        event_type="seizure",
        event_on=date(2026, 3, 2),
        country="AT",
        content_digest=bytes(32),
        accepted_at=datetime(2026, 3, 3, tzinfo=UTC),
        reported_by="somebody",
    )
    written, _made = WrittenName.objects.get_or_create(owner=handling.owner, text=name)
    Finding.objects.create(report=report, written_name=written, matrix="seized")
    return report


READERS = ["own", "partner", "third", "node", "public"]
ALL = set(READERS)
OWN = {"own", "node"}


@pytest.mark.parametrize(
    ("tlp", "audience", "seen_by"),
    [
        *[
            pytest.param(level, [], OWN, id=f"{level}, empty audience")
            for level in TrafficLight.values
        ],
        pytest.param("CLEAR", ["partner"], OWN | {"partner"}, id="CLEAR to a partner"),
        pytest.param("GREEN", ["partner"], OWN | {"partner"}, id="GREEN to a partner"),
        pytest.param("AMBER", ["partner"], OWN | {"partner"}, id="AMBER to a partner"),
        pytest.param("AMBER+STRICT", ["partner"], OWN | {"partner"}, id="STRICT to a partner"),
        pytest.param("RED", ["partner"], OWN, id="RED to an organisation is to nobody"),
        pytest.param("CLEAR", ["everybody"], ALL, id="CLEAR to everybody"),
        pytest.param("GREEN", ["everybody"], ALL - {"public"}, id="GREEN to everybody"),
        pytest.param("AMBER", ["everybody"], ALL - {"public"}, id="AMBER to everybody"),
        pytest.param("RED", ["everybody"], OWN, id="RED to everybody is to nobody"),
    ],
)
def test_record_is_seen_by_exactly_these(
    network: Network, tlp: str, audience: list[str], seen_by: set[str]
) -> None:
    numbers = {key: one.pk for key, one in network.organisations.items()} | {"everybody": 0}
    hold(
        ensure_handling(
            owner_id=numbers["own"], tlp=tlp, audience=[numbers[key] for key in audience]
        )
    )

    assert {name for name in READERS if sees(network, name, "early-warning")} == seen_by


def sees(network: Network, name: str, purpose: str) -> bool:
    actors = {"node": get_node_actor(), "public": PUBLIC}
    actor = actors.get(name) or network.actor(name)
    return Report.objects.visible_to(actor, purpose=purpose).exists()


@pytest.mark.parametrize("purpose", Purpose.values)
def test_purpose_must_be_among_those_permitted(network: Network, purpose: str) -> None:
    own, partner = (network.organisations[key].pk for key in ("own", "partner"))
    hold(
        ensure_handling(
            owner_id=own,
            tlp="AMBER",
            audience=[partner],
            purposes=["early-warning", "research"],
        )
    )

    assert sees(network, "own", purpose)
    assert sees(network, "partner", purpose) == (purpose in {"early-warning", "research"})


def test_red_passes_to_the_named_person_and_to_no_colleague(network: Network) -> None:
    own, partner = (network.organisations[key] for key in ("own", "partner"))
    named = network.people["partner"]
    colleague = Actor(
        name="colleague",
        organisation_id=partner.pk,
        organisation_key=partner.key,
        person_id=named.pk + 1_000,
    )
    hold(ensure_handling(owner_id=own.pk, tlp="RED", audience=[partner.pk], people=[named.pk]))

    assert sees(network, "partner", "early-warning")
    assert not sees(network, "partner", "research")
    assert not Report.objects.visible_to(colleague, purpose="early-warning").exists()


@pytest.mark.parametrize("level", [level for level in TrafficLight.values if level != "RED"])
def test_naming_a_person_opens_no_other_level(network: Network, level: str) -> None:
    hold(
        ensure_handling(
            owner_id=network.organisations["own"].pk,
            tlp=level,
            people=[network.people["partner"].pk],
        )
    )

    assert not sees(network, "partner", "early-warning")


def test_equal_rules_share_one_handling(network: Network) -> None:
    own, partner, third = (one.pk for one in network.organisations.values())

    first = ensure_handling(owner_id=own, tlp="AMBER", audience=[third, partner, third])
    second = ensure_handling(owner_id=own, tlp="AMBER", audience=[partner, third])

    assert (first.pk, first.audience) == (second.pk, sorted([partner, third]))


HANDLINGS = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.sampled_from(["own", "partner", "third"]),
            "tlp": st.sampled_from(TrafficLight.values),
            "audience": st.lists(
                st.sampled_from(["own", "partner", "third", "everybody"]), max_size=3
            ),
            "people": st.lists(st.sampled_from(["own", "partner", "third"]), max_size=2),
            "purposes": st.lists(st.sampled_from(Purpose.values), max_size=4),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rules=HANDLINGS, name=st.sampled_from(READERS), purpose=st.sampled_from(Purpose.values))
def test_actor_without_the_right_sees_no_row_through_any_query(
    network: Network, rules: list[dict[str, Any]], name: str, purpose: str
) -> None:
    actors = {"node": get_node_actor(), "public": PUBLIC}
    actor = actors.get(name) or network.actor(name)
    numbers = {key: one.pk for key, one in network.organisations.items()} | {"everybody": 0}
    with transaction.atomic():
        handlings = {
            ensure_handling(
                owner_id=numbers[rule["owner"]],
                tlp=rule["tlp"],
                audience=[numbers[key] for key in rule["audience"]],
                people=[network.people[key].pk for key in rule["people"]],
                purposes=rule["purposes"],
            )
            for rule in rules
        }
        held = [hold(handling, f"thing {handling.pk}") for handling in handlings]
        expected = {report.pk for report in held if may_see(report.handling, actor, purpose)}
        names = {f"thing {report.handling_id}" for report in held if report.pk in expected}

        visible = Report.objects.visible_to(actor, purpose=purpose)
        assert {report.pk for report in visible} == expected
        assert visible.count() == len(expected)
        assert visible.aggregate(total=Count("pk")) == {"total": len(expected)}
        found = Finding.objects.visible_to(actor, purpose=purpose)
        assert set(found.values_list("report_id", flat=True)) == expected
        searched = list_reports(actor, purpose=purpose, search="thing")
        assert {report.pk for report in searched} == expected
        assert {one.text for one in list_written_names(actor, purpose=purpose)} == names
        assert {one.text for one in list_unresolved_names(actor, purpose=purpose)} == names
        for report in held:
            if report.pk in expected:
                assert get_report(actor, report.pk, purpose=purpose).pk == report.pk
        transaction.set_rollback(True)


READ_PATHS = {
    "all": lambda manager: manager.all(),
    "get_queryset": lambda manager: manager.get_queryset(),
    "get": lambda manager: manager.get(pk=1),
    "filter": lambda manager: manager.filter(pk=1),
    "exclude": lambda manager: manager.exclude(pk=1),
    "first": lambda manager: manager.first(),
    "last": lambda manager: manager.last(),
    "latest": lambda manager: manager.latest("pk"),
    "count": lambda manager: manager.count(),
    "exists": lambda manager: manager.exists(),
    "contains": lambda manager: manager.contains(manager.model(pk=1)),
    "aggregate": lambda manager: manager.aggregate(Count("pk")),
    "annotate": lambda manager: manager.annotate(total=Count("pk")),
    "values": lambda manager: manager.values("pk"),
    "values_list": lambda manager: manager.values_list("pk"),
    "iterator": lambda manager: manager.iterator(),
    "in_bulk": lambda manager: manager.in_bulk([1]),
    "only": lambda manager: manager.only("pk"),
    "select_related": lambda manager: manager.select_related(),
    "select_for_update": lambda manager: manager.select_for_update(),
    "prefetch_related": lambda manager: manager.prefetch_related(),
    "order_by": lambda manager: manager.order_by("pk"),
    "union": lambda manager: manager.union(),
    "raw": lambda manager: manager.raw("SELECT 1"),
    "using": lambda manager: manager.using("default"),
    "db_manager": lambda manager: manager.db_manager("default").all(),
    "none": lambda manager: manager.none(),
    "get_or_create": lambda manager: manager.get_or_create(pk=1),
    "update_or_create": lambda manager: manager.update_or_create(pk=1),
    "update": lambda manager: manager.update(pk=1),
    "bulk_update": lambda manager: manager.bulk_update([], ["pk"]),
}


def test_guarded_models_are_those_that_hold_what_is_shared() -> None:
    assert [model._meta.label for model in GUARDED] == [
        "alerts.AlertVersion",
        "alerts.AlertWording",
        "notifications.Package",
        "notifications.PackageSource",
        "quality.MeasuredMonth",
        "reports.EvidenceImport",
        "reports.Finding",
        "reports.ImportProblem",
        "reports.Report",
        "signals.Signal",
        "signals.WeeklyCount",
        "tables.StatisticalTable",
        "tables.TableBasis",
    ]


@pytest.mark.parametrize("path", READ_PATHS)
@pytest.mark.parametrize("model", GUARDED, ids=lambda model: str(model._meta.label))
def test_default_manager_raises_on_every_read(model: Any, path: str) -> None:
    for manager in (model.objects, model._default_manager):
        with pytest.raises(UnscopedReadError, match=f"{model.__name__}: read without an actor"):
            READ_PATHS[path](manager)


def list_related_managers() -> list[tuple[type[Model], str]]:
    return [
        (model, str(relation.get_accessor_name()))
        for model in apps.get_models()
        for relation in model._meta.related_objects
        if isinstance(relation.related_model, type)
        and issubclass(relation.related_model, GuardedRecord)
        and (relation.one_to_many or relation.many_to_many)
        and not relation.hidden
    ]


@pytest.mark.parametrize(
    ("model", "accessor"),
    list_related_managers(),
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_related_managers_raise_too(model: type[Model], accessor: str) -> None:
    manager = getattr(model(pk=1), accessor)

    for path in ("all", "count", "first", "values", "exists", "iterator", "aggregate"):
        with pytest.raises(UnscopedReadError):
            READ_PATHS[path](manager)


def test_there_are_related_managers_to_look_at() -> None:
    assert (Report, "findings") in list_related_managers()
    assert (EvidenceImport, "problems") in list_related_managers()


def test_organisation_has_no_way_back_to_what_it_owns() -> None:
    relations = {
        str(relation.get_accessor_name()) for relation in Organisation._meta.related_objects
    }

    assert not [
        name
        for name in relations
        if any(name.startswith(model._meta.model_name) for model in GUARDED)
    ]
