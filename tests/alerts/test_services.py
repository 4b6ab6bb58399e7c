"""From a confirmed signal to a warning that a second person released, and its taking back."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reports.world import Row, World, make_world, send
from tocsin.alerts.formats.cap import parse_cap, validate_cap
from tocsin.alerts.models import Alert, AlertVersion
from tocsin.alerts.queries import (
    count_waiting_for,
    derive_standing,
    find_cap,
    get_document,
    list_newest_versions,
    list_public_documents,
)
from tocsin.alerts.services import (
    AlertContent,
    Wording,
    ask_release,
    cancel_alert,
    discard_draft,
    draft_alert,
    draft_update,
    edit_draft,
    release_alert,
)
from tocsin.errors import (
    FourEyesError,
    InvalidAlertError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries
from tocsin.organisations.actors import PUBLIC
from tocsin.pipeline import run_detection
from tocsin.signals.models import Signal
from tocsin.signals.services import triage_signal

ENGLISH = Wording(
    language="en",
    headline="Xylazine in heroin",
    area_description="Cork, Ireland",
    what_was_seen="Two seizures held xylazine.",
    hazard="Deep sedation that naloxone does not end.",
    advice_practitioners="Ventilate.",
    advice_public="Never use alone.",
)


def make_content(**changes: object) -> AlertContent:
    content = AlertContent(
        severity="Severe",
        urgency="Immediate",
        certainty="Observed",
        country="IE",
        region="IE05",
        expires_at=timezone.now() + timedelta(days=30),
        wordings=(ENGLISH,),
        tlp="CLEAR",
    )
    return replace(content, **changes)  # type: ignore[arg-type]


def make_signal(world: World, folder: Path, *, state: str = "confirmed") -> Signal:
    send(world, folder / "a.csv", [Row("A-1")])
    run_detection()
    signal: Signal = Signal.objects.for_writing().get()
    if state != "new":
        triage_signal(world.analyst, signal.pk, to_state="verifying")
    if state == "confirmed":
        triage_signal(world.analyst, signal.pk, to_state="confirmed", reason="Confirmed.")
    return signal


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def make_released(world: World, **changes: object) -> AlertVersion:
    draft = draft_alert(world.analyst, make_content(**changes), substance_key="xylazine")
    ask_release(world.analyst, draft.pk)
    return release_alert(world.releaser, draft.pk)


def reread(version: AlertVersion) -> AlertVersion:
    held: AlertVersion = AlertVersion.objects.for_writing().get(pk=version.pk)
    return held


@pytest.mark.parametrize("state", ["new", "verifying"])
def test_an_alert_is_drafted_from_a_confirmed_signal_only(
    world: World, tmp_path: Path, state: str
) -> None:
    signal = make_signal(world, tmp_path, state=state)
    with pytest.raises(WrongStateError):
        draft_alert(world.analyst, make_content(), signal_id=signal.pk)
    assert Alert.objects.count() == 0


def test_an_alert_is_not_released_once_its_signal_is_no_longer_confirmed(
    world: World, tmp_path: Path
) -> None:
    signal = make_signal(world, tmp_path)
    draft = draft_alert(world.analyst, make_content(), signal_id=signal.pk)
    ask_release(world.analyst, draft.pk)
    triage_signal(world.analyst, signal.pk, to_state="verifying")
    with pytest.raises(WrongStateError, match="expected confirmed"):
        release_alert(world.releaser, draft.pk)
    assert reread(draft).state == "waiting"


def test_a_second_person_releases_and_everybody_reads_it(world: World, tmp_path: Path) -> None:
    signal = make_signal(world, tmp_path)
    draft = draft_alert(world.analyst, make_content(), signal_id=signal.pk)
    assert draft.alert.identifier == f"IE-{timezone.localdate().year}-0001"
    assert list_public_documents() == []
    ask_release(world.analyst, draft.pk)
    assert list_public_documents() == []
    assert (count_waiting_for(world.releaser), count_waiting_for(world.analyst)) == (1, 0)
    sent = release_alert(world.releaser, draft.pk)
    assert (sent.state, sent.released_by_id) == ("released", world.releaser.person_id)
    (document,) = list_public_documents()
    assert (document.substance_name, document.get_text("en").headline) == (
        "Xylazine",
        "Xylazine in heroin",
    )
    cap = find_cap(PUBLIC, sent.alert.identifier)
    validate_cap(cap)
    message = parse_cap(cap)
    assert (message.scope, message.message_type, message.infos[0].language) == (
        "Public",
        "Alert",
        "en",
    )
    actions = [entry.action for entry in list_entries(record_type="alert")]
    assert actions == ["alert.released", "alert.release-asked", "alert.drafted"]


def test_neither_author_nor_editor_releases(world: World) -> None:
    draft = draft_alert(world.releaser, make_content(), substance_key="xylazine")
    ask_release(world.releaser, draft.pk)
    with pytest.raises(FourEyesError):
        release_alert(world.releaser, draft.pk)
    edit_draft(world.second_releaser, draft.pk, make_content(severity="Extreme"))
    ask_release(world.releaser, draft.pk)
    for editor in (world.releaser, world.second_releaser):
        with pytest.raises(FourEyesError):
            release_alert(editor, draft.pk)
    with pytest.raises(PermissionRefusedError):
        release_alert(world.analyst, draft.pk)
    assert reread(draft).state == "waiting"


def test_an_edit_voids_the_release_that_was_asked_for(world: World) -> None:
    draft = draft_alert(world.analyst, make_content(), substance_key="xylazine")
    ask_release(world.analyst, draft.pk)
    edit_draft(world.analyst, draft.pk, make_content(severity="Extreme"))
    assert (reread(draft).state, reread(draft).asked_at) == ("draft", None)
    with pytest.raises(WrongStateError):
        release_alert(world.releaser, draft.pk)
    ask_release(world.analyst, draft.pk)
    assert release_alert(world.releaser, draft.pk).severity == "Extreme"


def test_a_released_alert_never_changes(world: World) -> None:
    sent = make_released(world)
    for step in (
        lambda: edit_draft(world.analyst, sent.pk, make_content()),
        lambda: ask_release(world.analyst, sent.pk),
        lambda: release_alert(world.second_releaser, sent.pk),
        lambda: discard_draft(world.analyst, sent.pk),
    ):
        with pytest.raises(WrongStateError):
            step()


def test_what_is_not_clear_reaches_its_audience_and_not_the_public(world: World) -> None:
    sent = make_released(world, tlp="AMBER", audience=(world.partner.pk,))
    identifier = sent.alert.identifier
    assert list_public_documents() == []
    with pytest.raises(NotFoundError):
        find_cap(PUBLIC, identifier)
    assert parse_cap(find_cap(world.partner_analyst, identifier)).restriction == "TLP:AMBER"
    narrow = make_released(world, tlp="AMBER")
    with pytest.raises(NotFoundError):
        get_document(world.partner_analyst, narrow.alert.identifier)


def test_an_update_names_its_predecessors_and_says_why(world: World) -> None:
    sent = make_released(world)
    identifier = sent.alert.identifier
    update = draft_update(world.analyst, identifier)
    with pytest.raises(InvalidAlertError, match="note"):
        ask_release(world.analyst, update.pk)
    edit_draft(world.analyst, update.pk, make_content(), note="A third seizure.")
    ask_release(world.analyst, update.pk)
    assert parse_cap(find_cap(PUBLIC, identifier)).message_type == "Alert"
    release_alert(world.releaser, update.pk)
    message = parse_cap(find_cap(PUBLIC, identifier))
    assert (message.message_type, message.identifier) == ("Update", f"{identifier}.2")
    assert [one.identifier for one in message.references] == [f"{identifier}.1"]
    cancel_alert(world.releaser, identifier, reason="The laboratory withdrew it.")
    message = parse_cap(find_cap(PUBLIC, identifier))
    assert [one.identifier for one in message.references] == [
        f"{identifier}.2",
        f"{identifier}.1",
    ]


def test_an_update_reaches_everybody_the_alert_reached(world: World) -> None:
    public = make_released(world)
    update = draft_update(world.analyst, public.alert.identifier)
    edit_draft(world.analyst, update.pk, make_content(tlp="AMBER"), note="Less open.")
    with pytest.raises(InvalidAlertError, match="expected TLP:CLEAR or freer"):
        ask_release(world.analyst, update.pk)
    shared = make_released(world, tlp="AMBER", audience=(world.partner.pk,))
    update = draft_update(world.analyst, shared.alert.identifier)
    edit_draft(world.analyst, update.pk, make_content(tlp="AMBER"), note="For us only.")
    with pytest.raises(InvalidAlertError, match="leaves out recipients"):
        ask_release(world.analyst, update.pk)
    edit_draft(world.analyst, update.pk, make_content(tlp="CLEAR"), note="For everybody.")
    ask_release(world.analyst, update.pk)
    release_alert(world.releaser, update.pk)
    assert get_document(PUBLIC, shared.alert.identifier).message_type == "Update"


def test_cancelling_reaches_every_form_and_discards_the_open_draft(world: World) -> None:
    sent = make_released(world)
    identifier = sent.alert.identifier
    update = draft_update(world.analyst, identifier)
    with pytest.raises(RefusedError, match="no reason"):
        cancel_alert(world.releaser, identifier, reason=" ")
    with pytest.raises(PermissionRefusedError):
        cancel_alert(world.analyst, identifier, reason="Wrong.")
    cancelled = cancel_alert(world.releaser, identifier, reason="The laboratory withdrew it.")
    assert derive_standing(cancelled, now=timezone.now()).word == "cancelled"
    assert reread(update).state == "discarded"
    assert get_document(PUBLIC, identifier).is_cancelled
    assert [one.is_cancelled for one in list_public_documents()] == [True]
    message = parse_cap(find_cap(PUBLIC, identifier))
    assert (message.message_type, message.note) == ("Cancel", "The laboratory withdrew it.")
    assert [one.pk for one in list_newest_versions(PUBLIC)] == [cancelled.pk]
    with pytest.raises(WrongStateError, match="cancelled"):
        cancel_alert(world.releaser, identifier, reason="Again.")
    with pytest.raises(WrongStateError, match="cancelled"):
        draft_update(world.analyst, identifier)


def test_an_alert_that_ran_out_is_expired_and_can_still_be_cancelled(world: World) -> None:
    sent = make_released(world, expires_at=timezone.now() + timedelta(seconds=2))
    later = timezone.now() + timedelta(seconds=3)
    assert derive_standing(sent, now=later).word == "expired"
    cancel_alert(world.releaser, sent.alert.identifier, reason="Wrong.")


def test_an_alert_says_whom_to_call_and_nothing_of_who_was_found(world: World) -> None:
    call = replace(ENGLISH, advice_public="Poison centre: +43 1 406 43 43, Hauptstraße 12.")
    version = make_released(world, wordings=(call,))
    for text in ("Taken by Mrs Berg, +43 1 406 43 43.", "Patient: Anna Berg", "born 12 March 1985"):
        named = make_content(wordings=(replace(ENGLISH, what_was_seen=text),))
        with pytest.raises(InvalidAlertError, match="what was seen: looks like") as caught:
            draft_alert(world.analyst, named, substance_key="xylazine")
        assert "Berg" not in str(caught.value)
    with pytest.raises(RefusedError, match="reason: looks like the name of a person"):
        cancel_alert(world.releaser, version.alert.identifier, reason="Mrs Berg asked for it.")
    update = draft_update(world.analyst, version.alert.identifier)
    with pytest.raises(InvalidAlertError, match="note: looks like a national number"):
        edit_draft(world.analyst, update.pk, make_content(), note="known as 44051401359")


def test_drafts_of_others_are_not_found(world: World) -> None:
    draft = draft_alert(world.analyst, make_content(), substance_key="xylazine")
    for step in (
        lambda: edit_draft(world.partner_analyst, draft.pk, make_content()),
        lambda: ask_release(world.partner_analyst, draft.pk),
        lambda: discard_draft(world.partner_analyst, draft.pk),
    ):
        with pytest.raises(NotFoundError):
            step()


texts = st.one_of(st.text(max_size=40), st.text(min_size=150, max_size=260), st.just("Words."))
wordings = st.builds(
    Wording,
    language=st.sampled_from(["en", "de", "EN", "sr-Latn", "", "no language", "x" * 11]),
    headline=texts,
    area_description=texts,
    what_was_seen=texts,
    hazard=texts,
    advice_practitioners=texts,
    advice_public=texts,
)
good_wordings = st.builds(
    Wording,
    language=st.sampled_from(["en", "de"]),
    **{
        name: st.text(
            st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]),
            min_size=1,
            max_size=150,
        )
        for name in (
            "headline",
            "area_description",
            "what_was_seen",
            "hazard",
            "advice_practitioners",
            "advice_public",
        )
    },
)
contents = st.builds(
    AlertContent,
    severity=st.sampled_from(["Severe", "Minor", "severe", "Very bad indeed"]),
    urgency=st.sampled_from(["Immediate", "Past"]),
    certainty=st.sampled_from(["Observed", "Unknown", ""]),
    country=st.sampled_from(["IE", "", "ie", "IRL"]),
    region=st.sampled_from(["", "IE05", "I", "IE05123"]),
    expires_at=st.one_of(
        st.datetimes(
            min_value=datetime(2027, 1, 1),  # noqa: DTZ001  (the time zone is drawn apart)
            timezones=st.timezones(),
        ),
        st.datetimes(),
    ),
    wordings=st.one_of(
        st.lists(good_wordings, max_size=2).map(tuple), st.lists(wordings, max_size=3).map(tuple)
    ),
    tlp=st.sampled_from(["CLEAR", "AMBER", "RED", "amber"]),
    audience=st.lists(st.sampled_from([0, -1, 2**70]), max_size=2).map(tuple),
)
good_contents = st.builds(
    make_content,
    wordings=st.lists(
        good_wordings, min_size=1, max_size=2, unique_by=lambda one: one.language
    ).map(tuple),
    tlp=st.sampled_from(["CLEAR", "AMBER", "RED"]),
)


@settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.one_of(contents, good_contents))
def test_what_is_accepted_is_valid_cap_and_what_is_not_changes_nothing(
    world: World, content: AlertContent
) -> None:
    with transaction.atomic():
        entries, alerts = list_entries().count(), Alert.objects.count()
        try:
            with transaction.atomic():
                draft = draft_alert(world.analyst, content, substance_key="xylazine")
        except InvalidAlertError:
            assert (list_entries().count(), Alert.objects.count()) == (entries, alerts)
            return
        try:
            with transaction.atomic():
                ask_release(world.analyst, draft.pk)
        except InvalidAlertError:
            assert reread(draft).state == "draft"
        else:
            sent = release_alert(world.releaser, draft.pk)
            cap = find_cap(world.analyst, sent.alert.identifier)
            validate_cap(cap)
            held = parse_cap(cap)
            assert [info.language for info in held.infos] == [
                wording.language for wording in content.wordings
            ]
        transaction.set_rollback(True)


def run_at_once(*works: Callable[[], object]) -> list[str]:
    """Run these at once, each on a connection of its own; return the kinds of error raised."""
    raised: list[str] = []
    together = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            together.wait()
            work()
        except Exception as error:
            raised.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_releasers_at_once_send_it_once(own_database: str) -> None:
    world = make_world()
    draft = draft_alert(world.analyst, make_content(), substance_key="xylazine")
    ask_release(world.analyst, draft.pk)
    raised = run_at_once(
        lambda: release_alert(world.releaser, draft.pk),
        lambda: release_alert(world.second_releaser, draft.pk),
    )
    assert raised == ["WrongStateError"]
    assert list_entries(action="alert.released").count() == 1


def test_two_cancellations_at_once_send_one_and_two_drafts_get_two_identifiers(
    own_database: str,
) -> None:
    world = make_world()
    identifier = make_released(world).alert.identifier
    raised = run_at_once(
        lambda: cancel_alert(world.releaser, identifier, reason="Wrong."),
        lambda: cancel_alert(world.second_releaser, identifier, reason="Wrong."),
        lambda: draft_alert(world.analyst, make_content(), substance_key="xylazine"),
        lambda: draft_alert(world.analyst, make_content(), substance_key="heroin"),
    )
    assert raised == ["WrongStateError"]
    assert list_entries(action="alert.cancelled").count() == 1
    assert sorted(one[-4:] for one in Alert.objects.values_list("identifier", flat=True)) == [
        "0001",
        "0002",
        "0003",
    ]
