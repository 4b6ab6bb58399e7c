"""The level that an alert says, from its evidence: derived, lowered by a person, never raised."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.alerts.test_services import ENGLISH, make_content, reread
from tests.reports.world import World, make_world
from tocsin.alerts.formats.atom import AtomFeed, write_atom
from tocsin.alerts.formats.cap import parse_cap
from tocsin.alerts.formats.json_document import derive_json
from tocsin.alerts.models import AlertVersion
from tocsin.alerts.queries import (
    find_cap,
    find_fallen_level,
    get_document,
    list_public_documents,
    weigh_evidence,
)
from tocsin.alerts.services import (
    AlertContent,
    ask_release,
    cancel_alert,
    draft_alert,
    draft_update,
    edit_draft,
    release_alert,
)
from tocsin.errors import InvalidAlertError
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.services import ensure_handling
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import Report
from tocsin.reports.record.values import make_details
from tocsin.reports.services import correct_report, record_report, retract_report
from tocsin.signals.models import Signal
from tocsin.substances.queries import get_substance

Find = Callable[..., Report]

CONFIRMED = {"mass_evidence": "reference-standard", "reference_material": "yes"}
LIBRARY = {"mass_evidence": "library"}
OPEN_ISOMER = {"mass_evidence": "library", "isomer_determined": "no"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def make_report(
    reference: str,
    *,
    level: str = "",
    country: str = "IE",
    matrix: str = "seized",
    event_type: str = "seizure",
    **evidence: Any,
) -> EvidenceReport:
    finding = EvidenceFinding(
        "xylazine", matrix, identification_level=level, details=make_details(evidence)
    )
    return EvidenceReport(event_type, date(2026, 3, 2), country, (finding,), reference=reference)


@pytest.fixture
def find(world: World) -> Find:
    """Record a finding of xylazine, and return its report."""

    def record(reference: str, *, handling: Handling | None = None, **values: Any) -> Report:
        by: Actor = world.reporter
        return record_report(by, handling or world.handling, make_report(reference, **values))

    return record


def hold_signal(world: World) -> Signal:
    """A confirmed signal of seized xylazine in Ireland in the week of the findings."""
    signal: Signal
    signal, _is_new = Signal.objects.for_writing().get_or_create(
        handling=world.handling,
        kind="first-in-country",
        substance=get_substance("xylazine"),
        matrix="seized",
        country="IE",
        on=date(2026, 3, 2),
        last_on=date(2026, 3, 2),
        evidence_count=1,
        method="first-detection",
        method_version="1",
        state="confirmed",
    )
    return signal


def draft(world: World, **changes: Any) -> AlertVersion:
    return draft_alert(world.analyst, make_content(**changes), signal_id=hold_signal(world).pk)


def say(version: AlertVersion) -> tuple[str, str, bool, int, int]:
    return (
        version.identification_level,
        version.lowered_to,
        version.is_isomer_open,
        version.findings_bearing,
        version.findings_weighed,
    )


def test_only_findings_behind_the_signal_that_stand_and_are_visible_count(
    world: World, find: Find
) -> None:
    find("A-1", level="schymanski-1", **LIBRARY)
    find("A-2")
    find("A-3", matrix="collected", event_type="collected-sample", **CONFIRMED)
    find("A-4", country="FR", **CONFIRMED)
    find("A-5", detection="not-detected", **CONFIRMED)
    wrong = find("A-6", **CONFIRMED)
    retract_report(world.analyst, wrong.pk, version=1, reason="Samples exchanged.")
    outside = ensure_handling(owner_id=world.partner.pk, tlp="AMBER")
    partner_reporter = replace(world.partner_analyst, roles=frozenset({"reporter"}))
    record_report(partner_reporter, outside, make_report("P-1", **CONFIRMED))

    version = draft(world)

    assert say(version) == ("schymanski-2a", "", False, 1, 2)


def test_without_a_signal_what_was_found_in_the_country_counts(world: World, find: Find) -> None:
    find("A-1", matrix="collected", event_type="collected-sample", **LIBRARY)
    find("A-2", country="FR", **CONFIRMED)

    in_ireland = draft_alert(world.analyst, make_content(), substance_key="xylazine")
    assert say(in_ireland) == ("schymanski-2a", "", False, 1, 1)
    edited = edit_draft(world.analyst, in_ireland.pk, make_content(country="FR", region=""))
    assert say(edited) == ("schymanski-1", "", False, 1, 1)


def test_techniques_alone_are_weighed_by_the_minimum_for_seized_drugs(
    world: World, find: Find
) -> None:
    find("A-1", techniques=("mass-spectrometry", "gas-chromatography"))
    find("A-2", techniques=("colour-test",))

    weighed = weigh_evidence(world.analyst, get_substance("xylazine"), signal=None, country="IE")

    assert (weighed.level, weighed.list_lower()) == ("swgdrug-met", ["swgdrug-not-met"])


def test_person_may_lower_and_never_raise(world: World, find: Find) -> None:
    find("A-1", **LIBRARY)
    with pytest.raises(InvalidAlertError, match=r"level 1: .* bears “Schymanski level 2a: "):
        draft(world, lowered_to="schymanski-1")
    with pytest.raises(InvalidAlertError, match="identification: found 'sure'"):
        draft(world, lowered_to="sure")
    version = draft(world, lowered_to="schymanski-4")
    assert say(version) == ("schymanski-4", "schymanski-4", False, 1, 1)
    edit_draft(world.analyst, version.pk, make_content())
    assert say(reread(version)) == ("schymanski-2a", "", False, 1, 1)


def test_retraction_lowers_what_is_asked_for_and_stops_what_waits(world: World, find: Find) -> None:
    find("A-1", **OPEN_ISOMER)
    confirmed = find("A-2", **CONFIRMED)
    version = draft(world)
    ask_release(world.analyst, version.pk)
    assert say(reread(version)) == ("schymanski-1", "", False, 1, 2)
    assert find_fallen_level(world.releaser, reread(version)) is None

    retract_report(world.analyst, confirmed.pk, version=1, reason="Samples exchanged.")

    with pytest.raises(InvalidAlertError, match="the isomer is not determined” by now"):
        release_alert(world.releaser, version.pk)
    assert reread(version).state == "waiting"
    ask_release(world.analyst, version.pk)
    sent = release_alert(world.releaser, version.pk)
    assert say(sent) == ("schymanski-3", "", True, 1, 1)


def test_isomer_that_turns_out_open_stops_a_release_of_the_same_level(
    world: World, find: Find
) -> None:
    report = find("A-1", mass_evidence="candidates")
    version = draft(world)
    ask_release(world.analyst, version.pk)
    correct_report(
        world.analyst,
        report.pk,
        make_report("A-1", mass_evidence="candidates", isomer_determined="no"),
        version=1,
        reason="The isomer is open.",
    )

    with pytest.raises(InvalidAlertError, match="level 3"):
        release_alert(world.releaser, version.pk)


def test_level_that_was_chosen_and_is_borne_no_more_stops_the_request(
    world: World, find: Find
) -> None:
    find("A-1", mass_evidence="mass")
    report = find("A-2", **LIBRARY)
    version = draft(world, lowered_to="schymanski-3")
    retract_report(world.analyst, report.pk, version=1, reason="Samples exchanged.")

    with pytest.raises(InvalidAlertError, match="bears “Schymanski level 5: exact mass”"):
        ask_release(world.analyst, version.pk)


def test_better_evidence_never_raises_what_waits_and_is_weighed_in_an_update(
    world: World, find: Find
) -> None:
    find("A-1", **LIBRARY)
    version = draft(world)
    ask_release(world.analyst, version.pk)
    find("A-2", **CONFIRMED)

    sent = release_alert(world.releaser, version.pk)

    assert say(sent) == ("schymanski-2a", "", False, 1, 1)
    update = draft_update(world.analyst, sent.alert.identifier)
    assert say(update) == ("schymanski-1", "", False, 1, 2)
    assert say(reread(sent)) == ("schymanski-2a", "", False, 1, 1)


@pytest.mark.parametrize(
    ("becomes", "said"),
    [
        pytest.param(CONFIRMED, ("schymanski-3", "schymanski-3", False, 1, 1), id="kept"),
        pytest.param({"mass_evidence": "mass"}, ("schymanski-5", "", False, 1, 1), id="dropped"),
    ],
)
def test_update_keeps_a_lower_level_as_far_as_it_is_borne(
    world: World, find: Find, becomes: dict[str, str], said: tuple[Any, ...]
) -> None:
    report = find("A-1", **LIBRARY)
    version = draft(world, lowered_to="schymanski-3")
    ask_release(world.analyst, version.pk)
    sent = release_alert(world.releaser, version.pk)
    correct_report(
        world.analyst, report.pk, make_report("A-1", **becomes), version=1, reason="Measured anew."
    )

    assert say(draft_update(world.analyst, sent.alert.identifier)) == said


def release_with(world: World, **changes: Any) -> AlertVersion:
    version = draft(world, **changes)
    ask_release(world.analyst, version.pk)
    return release_alert(world.releaser, version.pk)


def test_every_form_says_it_in_words_and_a_cancellation_no_more(world: World, find: Find) -> None:
    find("A-1", **OPEN_ISOMER)
    sent = release_with(world)
    identifier = sent.alert.identifier
    plain = (
        "Probably this substance; similar ones are possible. The exact isomer is not determined."
    )

    document = derive_json(get_document(PUBLIC, identifier))
    assert document["identification"] == {"level": "schymanski-3", "isomer_open": True}
    assert (
        document["texts"][0]["identification"],
        document["texts"][0]["identification_public"],
    ) == (
        "Schymanski level 3: tentative candidates; the isomer is not determined",
        plain,
    )
    assert set(parse_cap(find_cap(PUBLIC, identifier)).infos[0].parameters) >= {
        ("identification", plain),
        ("identification-level", "schymanski-3"),
        ("isomer-open", "true"),
    }
    assert plain in write_feed()

    cancelled = cancel_alert(world.releaser, identifier, reason="Wrong.")

    assert say(cancelled) == say(sent)
    document = derive_json(get_document(PUBLIC, identifier))
    assert document["identification"] == {"level": None, "isomer_open": False}
    assert document["texts"][0]["identification_public"] is None
    assert b"Probably" not in find_cap(PUBLIC, identifier)
    assert "Probably" not in write_feed()


def write_feed() -> str:
    feed = AtomFeed(
        identifier="https://example.org/feed",
        title="Alerts",
        author="Focal point",
        language="en",
        web_address="https://example.org",
        feed_address="https://example.org/feed",
        updated=list_public_documents()[0].sent,
    )
    return write_atom(feed, list_public_documents()).decode()


def test_what_no_finding_states_is_said_not_to_be_stated(world: World) -> None:
    version = draft_alert(world.analyst, make_content(), substance_key="xylazine")
    ask_release(world.analyst, version.pk)
    release_alert(world.releaser, version.pk)

    document = get_document(PUBLIC, version.alert.identifier)

    assert document.identification_level == ""
    assert document.texts[0].identification_public == (
        "How surely it was identified is not stated."
    )


def test_alert_that_says_in_a_language_nothing_to_do_is_not_released(world: World) -> None:
    texts = {
        name: getattr(ENGLISH, name) for name in ("headline", "area_description", "what_was_seen")
    }
    for one, is_enough in (("advice_public", True), ("advice_practitioners", True), ("", False)):
        german = type(ENGLISH)(
            language="de",
            hazard="",
            **texts,
            **{
                name: "Hilfe rufen." if name == one else " "
                for name in ("advice_public", "advice_practitioners")
            },
        )
        content: AlertContent = make_content(wordings=(ENGLISH, german))
        version = draft_alert(world.analyst, content, substance_key="xylazine")
        if is_enough:
            assert ask_release(world.analyst, version.pk).state == "waiting"
            continue
        with pytest.raises(InvalidAlertError, match=r"advice \(de\): found none"):
            ask_release(world.analyst, version.pk)
