"""The demonstration node: invented organisations, people, findings and one warning.

Everything here is fiction, made the same way each time from a fixed seed and today's date. The
texts of the alert are examples of form and are no advice of any authority.
"""

import csv
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tocsin.alerts.models import Certainty, Severity, Urgency
from tocsin.alerts.services import (
    AlertContent,
    Wording,
    ask_release,
    draft_alert,
    release_alert,
)
from tocsin.cli.console import DEFAULT_ORGANISATION, notes
from tocsin.errors import ConfigurationError
from tocsin.notifications.services import make_edas, make_first_detection, release_package
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.queries import (
    find_own_organisation,
    get_actor,
    get_node_actor,
    get_own_organisation,
    list_people,
)
from tocsin.organisations.services import (
    SETUP,
    change_own_organisation,
    ensure_handling,
    record_organisation,
    record_person,
)
from tocsin.organisations.vocabulary import OrganisationKind, Purpose, Role, TrafficLight
from tocsin.pipeline import run_detection
from tocsin.reports.formats.profiles import load_profile
from tocsin.reports.models import EvidenceImport
from tocsin.reports.queries import list_imports, list_reports
from tocsin.reports.services import receive_file, run_import
from tocsin.signals.models import Signal, SignalKind, SignalState
from tocsin.signals.queries import list_signals
from tocsin.signals.services import triage_signal

DEMO_NAME = "National Focal Point (demonstration)"
DEMO_PASSWORD = "tocsin-demonstration"  # noqa: S105  (shown to everybody who runs the demonstration)
DEMO_PEOPLE = {
    "anna": "analyst and reporter: imports, decides names, triages, drafts alerts",
    "remi": "releaser: releases what somebody else drafted",
    "lena": "reporter of Laboratory North, a partner: sends files, sees its own",
    "paul": "reader of the customs service, a partner: sees what is shared with it",
    "ada": "administrator: people and journal",
}
WEEKS = 60
HEADINGS = (
    "reference",
    "event type",
    "event date",
    "received",
    "country",
    "region",
    "substance",
    "matrix",
    "specimen",
    "amount",
    "unit",
    "purity",
    "technique",
    "identification",
)


@dataclass(frozen=True, slots=True)
class _Stream:
    """Findings of one substance: where, in what, how many a week, and from which week back."""

    substance: str
    event_type: str
    specimen: str
    places: tuple[tuple[str, str], ...]
    weekly: float
    from_weeks_ago: int = WEEKS
    amount: tuple[str, str] = ("", "")
    level: str = ""


_EVERYWHERE = (("AT", "AT13"), ("DE", "DE30"), ("FR", "FR10"), ("PL", "PL91"), ("NL", "NL32"))
_SOUTH = (("ES", "ES30"), ("IT", "ITC4"), ("PT", "PT17"), ("MT", "MT00"), ("EL", "EL30"))
_NORTH = (("SE", "SE11"), ("FI", "FI1B"), ("EE", "EE00"), ("LT", "LT01"), ("IE", "IE06"))
_VIENNA, _BERLIN = (("AT", "AT13"),), (("DE", "DE30"),)

_STREAMS = (
    _Stream("Cocaine", "seizure", "powder", _EVERYWHERE + _SOUTH, 6.0, amount=("12.5", "g")),
    _Stream("Heroin", "seizure", "powder", _EVERYWHERE, 2.5, amount=("3.1", "g")),
    _Stream("MDMA", "collected-sample", "tablet", _EVERYWHERE, 3.0, amount=("1", "tablets")),
    _Stream("Ketamine", "collected-sample", "powder", _EVERYWHERE + _NORTH, 1.8),
    _Stream("Bromazolam", "biological-sample", "blood", _NORTH, 0.6, amount=("38", "ng/ml")),
    _Stream("Bromazolam", "biological-sample", "blood", _NORTH, 3.4, 5, amount=("41", "ng/ml")),
    _Stream("3-MMC", "collected-sample", "powder", (("NL", "NL32"), ("PL", "PL91")), 1.2),
    _Stream("Metonitazene", "biological-sample", "blood", (("EE", "EE00"),), 0.5, 30),
    _Stream("Protonitazene", "biological-sample", "blood", _VIENNA, 0.7, 3, level="schymanski-1"),
    _Stream("Protonitazene", "seizure", "tablet", _VIENNA + _BERLIN, 0.9, 2, level="schymanski-2a"),
    _Stream("Xylazine", "collected-sample", "powder", (("FR", "FR10"),), 0.8, 6),
    _Stream("N-Pyrrolidino protonitazene", "seizure", "powder", (("IE", "IE06"),), 0.8, 2),
    _Stream("Isotonitazen-ähnlich", "seizure", "powder", _BERLIN, 0.5, 4),
    _Stream("protonitazen", "collected-sample", "tablet", _VIENNA, 0.6, 3),
)


def require_demonstration() -> None:
    """Do nothing where the node is the demonstration or still empty; else ConfigurationError.

    TOCSIN_HOME or TOCSIN_DATABASE_URL may name a real node, which must be neither mixed with
    invented evidence and accounts whose password everybody knows, nor thrown away.
    """
    own = find_own_organisation()
    if own is None or own.name == DEMO_NAME:
        return
    if own.name != DEFAULT_ORGANISATION or list_people().exists() or _has_evidence():
        raise ConfigurationError(
            f"node {settings.HOME}: belongs to {own.name!r} and is no demonstration; expected "
            "TOCSIN_HOME and TOCSIN_DATABASE_URL unset, or naming a demonstration. Nothing changed"
        )


def _has_evidence() -> bool:
    return list_imports(get_node_actor()).exists()


@transaction.atomic
def ensure_demonstration() -> None:
    """Make the demonstration's data where they are missing; does nothing the second time.

    All of it or nothing: stopped half-way, it begins anew at the next start.
    """
    require_demonstration()
    if get_own_organisation().name == DEMO_NAME:
        return
    notes.print("Making demonstration evidence …")
    own, laboratory, customs = _make_organisations()
    _make_people(own, laboratory, customs)
    today = timezone.localdate()
    with tempfile.TemporaryDirectory() as folder:
        _import_evidence(Path(folder), own, laboratory, customs, today)
    run_detection()
    _make_warning(customs)


def _make_organisations() -> tuple[Organisation, Organisation, Organisation]:
    own = change_own_organisation(SETUP, key="focal-point", name=DEMO_NAME, country="AT")
    laboratory = record_organisation(
        SETUP,
        key="laboratory-north",
        name="Laboratory North (demonstration)",
        kind=OrganisationKind.LABORATORY,
        country="AT",
    )
    customs = record_organisation(
        SETUP,
        key="customs",
        name="Customs service (demonstration)",
        kind=OrganisationKind.CUSTOMS,
        country="AT",
    )
    return own, laboratory, customs


def _make_people(own: Organisation, laboratory: Organisation, customs: Organisation) -> None:
    for username, organisation, roles in (
        ("anna", own, [Role.ANALYST, Role.REPORTER, Role.READER]),
        ("remi", own, [Role.RELEASER, Role.READER]),
        ("lena", laboratory, [Role.REPORTER, Role.READER]),
        ("paul", customs, [Role.READER]),
        ("ada", own, [Role.ADMINISTRATOR, Role.READER]),
    ):
        record_person(
            SETUP, username=username, organisation=organisation, roles=roles, password=DEMO_PASSWORD
        )


def _import_evidence(
    folder: Path, own: Organisation, laboratory: Organisation, customs: Organisation, today: date
) -> None:
    rows = sorted(_iter_rows(today), key=lambda row: row[2])
    half = len(rows) // 2
    older, newer = folder / "focal_point_events.csv", folder / "laboratory_north_recent.csv"
    _write_rows(older, [row for place, row in enumerate(rows) if place < half or place % 3])
    broken = [
        ("LN-9001", "seizure", _text(today, 9), _text(today, 8), "AT", "AT13", "Protonitazene",
         "seized", "tablet", "2", "spoonfuls", "", "LC-HRMS", ""),
        ("LN-9002", "seizure", f"{today.year}-02-31", "", "AT", "AT13", "Xylazine",
         "seized", "powder", "1.2", "g", "130", "GC-MS", ""),
        ("LN-9003", "collected-sample", _text(today, 5), "", "Austria", "AT13", "Ketamine",
         "collected", "powder", "", "", "", "FTIR", ""),
    ]  # fmt: skip
    _write_rows(newer, [row for place, row in enumerate(rows) if place >= half and not place % 3])
    with newer.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(broken)
    _import(get_actor("anna"), older, own, [customs.pk])
    _import(get_actor("lena"), newer, laboratory, [own.pk])


def _import(actor: Actor, path: Path, owner: Organisation, audience: list[int]) -> EvidenceImport:
    handling = ensure_handling(
        owner_id=owner.pk,
        tlp=TrafficLight.AMBER,
        audience=audience,
        purposes=[Purpose.EARLY_WARNING, Purpose.PUBLIC_HEALTH],
    )
    profile = load_profile("generic")
    received = receive_file(
        actor, path, file_name=path.name, profile=profile, handling=handling, start_now=True
    )
    run_import(actor, received.pk)
    return received


def _iter_rows(today: date) -> Iterator[tuple[str, ...]]:
    chance = random.Random(20250613)  # noqa: S311  (invented data, not a secret)
    number = 0
    for stream in _STREAMS:
        for weeks_ago in range(stream.from_weeks_ago, -1, -1):
            for _event in range(_draw_poisson(chance, stream.weekly)):
                number += 1
                event_on = today - timedelta(days=weeks_ago * 7 + chance.randrange(7))
                country, region = chance.choice(stream.places)
                amount, unit = stream.amount
                yield (
                    f"DEMO-{number:05d}",
                    stream.event_type,
                    event_on.isoformat(),
                    (event_on + timedelta(days=2)).isoformat() if weeks_ago else "",
                    "GR" if country == "EL" else country,
                    region,
                    stream.substance,
                    "",
                    stream.specimen,
                    amount,
                    unit,
                    "",
                    chance.choice(("LC-HRMS", "GC-MS", "GC-MS; FTIR")),
                    stream.level,
                )


def _draw_poisson(chance: random.Random, mean: float) -> int:
    """Draw from a Poisson distribution by Knuth's method, enough for small means."""
    limit, product, count = 2.718281828459045**-mean, chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def _write_rows(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        writer.writerows(rows)


def _text(today: date, days_ago: int) -> str:
    return (today - timedelta(days=days_ago)).isoformat()


def _make_warning(customs: Organisation) -> None:
    anna, remi = get_actor("anna"), get_actor("remi")
    nitazene = _find_first(anna, "protonitazene", "biological")
    _confirm(anna, nitazene, "Reference material and a second laboratory agree (demonstration).")
    version = draft_alert(anna, _write_content(TrafficLight.CLEAR), signal_id=nitazene.pk)
    ask_release(anna, version.pk)
    release_alert(remi, version.pk)
    seized = _find_first(anna, "protonitazene", "seized")
    _confirm(anna, seized, "Same tablets as in the samples from patients (demonstration).")
    waiting = draft_alert(anna, _write_content(TrafficLight.AMBER, customs.pk), signal_id=seized.pk)
    ask_release(anna, waiting.pk)
    first = list_reports(anna, substance_key="protonitazene", country="AT", order="event_on")[0]
    release_package(remi, make_first_detection(anna, first.pk).pk)
    make_edas(anna, [first.pk])


def _find_first(actor: Actor, substance_key: str, matrix: str) -> Signal:
    return list_signals(
        actor, substance_key=substance_key, matrix=matrix, kind=SignalKind.FIRST_DETECTION
    )[0]


def _confirm(actor: Actor, signal: Signal, reason: str) -> None:
    triage_signal(actor, signal.pk, to_state=SignalState.VERIFYING)
    triage_signal(actor, signal.pk, to_state=SignalState.CONFIRMED, reason=reason)


def _write_content(tlp: TrafficLight, *audience: int) -> AlertContent:
    return AlertContent(
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.OBSERVED,
        country="AT",
        region="AT13",
        expires_at=timezone.now() + timedelta(days=28),
        tlp=tlp,
        audience=audience,
        wordings=(
            Wording(
                language="en",
                headline="Tablets sold as oxycodone contain a nitazene (demonstration)",
                area_description="Region AT13 (invented)",
                what_was_seen=(
                    "Invented example: protonitazene and no oxycodone in tablets handed in for "
                    "testing, and in blood samples from hospital patients."
                ),
                hazard="Nitazenes are opioids. They can stop a person's breathing.",
                advice_practitioners=(
                    "Example of form, replace with your authority's text: think of opioid overdose "
                    "in sudden collapse with slow or no breathing and pinpoint pupils."
                ),
                advice_public=(
                    "Example of form, replace with your authority's text: only a test can show what "
                    "is in a tablet. Do not use alone. If someone cannot be woken or breathes "
                    "slowly, call 112."
                ),
            ),
        ),
    )
