import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database import CLUSTER, close_connections
from tocsin.errors import ConfigurationError
from tocsin.journal.models import EMPTY_DIGEST, JournalEntry, JournalHead, derive_entry_digest
from tocsin.journal.queries import JournalBreak, list_entries, verify_journal
from tocsin.journal.services import (
    ActorName,
    JournalEvent,
    record,
    record_many,
    record_refusal,
)

ADA = ActorName(person="ada", organisation="focal-point")


def append(number: int, person: str = "ada") -> None:
    with transaction.atomic():
        record_many(
            ActorName(person=person, organisation="focal-point"),
            [JournalEvent("test.done", "test", str(place), {}) for place in range(number)],
        )


def change_as_superuser(database: str, statement: str) -> None:
    """Do what only somebody with the whole machine can: change tables with triggers off."""
    close_connections()
    address = CLUSTER.address(user="postgres", name=database)
    with psycopg.connect(**address.for_psycopg(), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(statement.encode())


def test_chain_of_what_was_recorded_holds(db: None) -> None:
    append(3)
    head = JournalHead.objects.get()

    verified = verify_journal()

    assert verified.is_intact
    assert verified.entries == head.sequence == JournalEntry.objects.count()
    assert verified.head_digest == bytes(head.digest).hex()


def test_first_entry_follows_the_empty_digest(db: None) -> None:
    first = JournalEntry.objects.order_by("sequence").first()

    assert first is not None
    assert (first.sequence, bytes(first.previous_digest)) == (1, EMPTY_DIGEST)


def test_digest_is_the_documented_one() -> None:
    # SHA-256 over 32 zero bytes and the JSON text, computed with `openssl dgst -sha256`.
    digest = derive_entry_digest(
        EMPTY_DIGEST,
        sequence=1,
        at=datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
        person="ada",
        organisation="focal-point",
        action="test.done",
        record_type="test",
        record_id="7",
        details={"b": 1, "a": "é"},
    )

    assert digest.hex() == ("36b0edf51289417ba24a53c96bb6bb4fc091724c412e48fba6cb63f16079d6c3")


def test_entry_says_who_what_when_on_which_record(db: None) -> None:
    before = datetime.now(tz=UTC)
    with transaction.atomic():
        record(
            actor=ADA,
            action="report.read",
            record_type="report",
            record_id="7",
            details={"rows": 1},
        )

    entry = list_entries(action="report.", person="ada", record_type="report", record_id="7").get()
    assert (entry.organisation, entry.details) == ("focal-point", {"rows": 1})
    assert before <= entry.at <= datetime.now(tz=UTC)


def test_append_outside_a_transaction_is_refused(own_database: str) -> None:
    before = JournalEntry.objects.count()

    with pytest.raises(ConfigurationError, match="outside a transaction"):
        record(actor=ADA, action="x.y", record_type="x", record_id="1", details={})

    assert JournalEntry.objects.count() == before


def test_entry_of_a_transaction_that_fails_is_not_kept(own_database: str) -> None:
    before = JournalEntry.objects.count()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        append(1)
        raise ZeroDivisionError

    assert JournalEntry.objects.count() == before
    assert verify_journal().is_intact


def test_refusal_has_a_transaction_of_its_own(own_database: str) -> None:
    record_refusal(ADA, action="refused.x", record_type="page", record_id="people")

    assert list_entries(action="refused.").get().record_id == "people"
    assert verify_journal().is_intact


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"share": 0.1}, id="float"),
        pytest.param({"deep": [{"share": 1e20}]}, id="float inside"),
        pytest.param({"share": float("nan")}, id="not a number"),
    ],
)
def test_details_that_may_come_back_changed_are_refused(
    db: None, details: dict[str, object]
) -> None:
    with pytest.raises(ConfigurationError, match=r"journal: x\.y has the detail"):
        record(actor=ADA, action="x.y", record_type="x", record_id="1", details=details)


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({10: "a", 9: "b"}, id="numbers as keys"),
        pytest.param({"on": date(2026, 3, 2), "amount": Decimal("1.50")}, id="dates and decimals"),
        pytest.param({"pair": (1, 2), "none": None, "yes": True}, id="tuples"),
        pytest.param({"big": 10**30, "text": "é\u2028😀"}, id="long numbers, rare signs"),
    ],
)
def test_chain_holds_whatever_the_details(db: None, details: dict[object, object]) -> None:
    record(
        actor=ADA,
        action="x.y",
        record_type="x",
        record_id="1",
        details=details,  # type: ignore[arg-type]
    )

    assert verify_journal().is_intact


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abÄ ", max_size=3), inner),
    max_leaves=6,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(details=st.dictionaries(st.text("xyÄ ", max_size=4), VALUES, max_size=4))
def test_chain_holds_for_any_json(db: None, details: dict[str, object]) -> None:
    with transaction.atomic():
        entry = record(actor=ADA, action="x.y", record_type="x", record_id="1", details=details)
        held = JournalEntry.objects.get(pk=entry.pk)

        assert held.derive_digest() == bytes(entry.digest)
        assert json.loads(json.dumps(held.details)) == details
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_journalentry SET person = 'nobody'",
        "DELETE FROM journal_journalentry",
        "TRUNCATE journal_journalentry",
        "DELETE FROM journal_journalhead",
        "TRUNCATE journal_journalhead",
        "ALTER TABLE journal_journalentry DISABLE TRIGGER ALL",
        "DROP TABLE journal_journalentry",
        "SET session_replication_role = replica",
    ],
)
def test_applications_role_may_not(db: None, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("tocsin_app",)

        with pytest.raises(ProgrammingError) as refused, transaction.atomic():
            cursor.execute(statement)

    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_owner_of_the_tables_may_not_change_entries_either(own_database: str) -> None:
    append(1)
    close_connections()
    address = CLUSTER.address(user="tocsin_owner", name=own_database)
    with psycopg.connect(**address.for_psycopg(), autocommit=True) as owner:
        for statement in (
            b"UPDATE journal_journalentry SET person = 'nobody'",
            b"DELETE FROM journal_journalentry",
            b"TRUNCATE journal_journalentry",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        pytest.param(
            "UPDATE journal_journalentry SET person = 'eve' WHERE sequence = {last} - 1",
            lambda last: JournalBreak(last - 1, "content was altered"),
            id="altered person",
        ),
        pytest.param(
            "UPDATE journal_journalentry SET details = '{{\"rows\": 0}}' WHERE sequence = {last}",
            lambda last: JournalBreak(last, "content was altered"),
            id="altered details of the last",
        ),
        pytest.param(
            "UPDATE journal_journalentry SET at = at + interval '1 microsecond' "
            "WHERE sequence = {last} - 2",
            lambda last: JournalBreak(last - 2, "content was altered"),
            id="altered moment",
        ),
        pytest.param(
            "DELETE FROM journal_journalentry WHERE sequence = {last} - 1",
            lambda last: JournalBreak(last - 1, f"missing; the next entry is {last}"),
            id="removed entry",
        ),
        pytest.param(
            "DELETE FROM journal_journalentry WHERE sequence = 1",
            lambda last: JournalBreak(1, "missing; the next entry is 2"),
            id="removed first entry",
        ),
        pytest.param(
            "DELETE FROM journal_journalentry WHERE sequence >= {last} - 1",
            lambda last: JournalBreak(last, f"the head names entry {last}; the last is {last - 2}"),
            id="removed tail",
        ),
        pytest.param(
            "DELETE FROM journal_journalentry",
            lambda last: JournalBreak(last, f"the head names entry {last}; the last is 0"),
            id="removed everything",
        ),
        pytest.param(
            "DELETE FROM journal_journalhead",
            lambda last: JournalBreak(0, f"the head names entry 0; the last is {last}"),
            id="removed head",
        ),
        pytest.param(
            "UPDATE journal_journalhead SET sequence = sequence - 1",
            lambda last: JournalBreak(
                last - 1, f"the head names entry {last - 1}; the last is {last}"
            ),
            id="entry added behind the head",
        ),
        pytest.param(
            "UPDATE journal_journalentry SET digest = previous_digest WHERE sequence = {last} - 1",
            lambda last: JournalBreak(last - 1, "content was altered"),
            id="altered digest",
        ),
        pytest.param(
            "UPDATE journal_journalentry AS a SET sequence = -sequence WHERE sequence >= {last} - 1;"
            "UPDATE journal_journalentry SET sequence = 2 * {last} - 1 + sequence "
            "WHERE sequence < 0",
            lambda last: JournalBreak(last - 1, "does not follow its predecessor"),
            id="two entries swapped",
        ),
    ],
)
def test_break_of_the_chain_is_found(
    own_database: str, statement: str, found: Callable[[int], JournalBreak]
) -> None:
    append(5)
    last = JournalHead.objects.get().sequence
    assert verify_journal().is_intact

    change_as_superuser(own_database, statement.format(last=last))

    assert verify_journal().first_break == found(last)


def test_concurrent_appends_keep_one_chain(own_database: str) -> None:
    before = JournalHead.objects.get().sequence

    def work(person: str) -> None:
        try:
            for _round in range(10):
                append(3, person)
        finally:
            close_connections()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ["ada", "ben", "cleo", "dora"]))

    verified = verify_journal()
    assert (verified.entries, verified.first_break) == (before + 120, None)
    by_person = {
        person: JournalEntry.objects.filter(person=person).count()
        for person in ("ada", "ben", "cleo", "dora")
    }
    assert by_person == dict.fromkeys(by_person, 30)


def test_verifying_while_others_append_finds_no_break(own_database: str) -> None:
    stop = False

    def keep_appending() -> None:
        try:
            while not stop:
                append(2, "ben")
        finally:
            close_connections()

    with ThreadPoolExecutor(1) as pool:
        appending = pool.submit(keep_appending)
        verified = [verify_journal() for _round in range(15)]
        stop = True
        appending.result()

    assert [one.first_break for one in verified] == [None] * 15
    assert verified[0].entries < verify_journal().entries


def test_progress_is_told_every_ten_thousand_entries(own_database: str) -> None:
    append(10_000)
    told: list[int] = []

    verify_journal(report_progress=told.append)

    assert told == [10_000]
