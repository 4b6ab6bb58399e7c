"""A focal point with its people, and the files that a laboratory sends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling, Organisation
from tocsin.organisations.queries import derive_actor
from tocsin.organisations.services import (
    SETUP,
    ensure_handling,
    record_organisation,
    record_person,
)
from tocsin.reports.models import EvidenceImport, Finding, Report
from tocsin.reports.queries import get_profile
from tocsin.reports.services import ImportOutcome, receive_file, run_import
from tocsin.signals.models import WeeklyCount

HEADINGS = "reference,event_type,date,country,region,area,substance"


@dataclass(frozen=True, slots=True)
class World:
    """The node's own organisation, its analyst, reporter and two releasers, and a partner."""

    own: Organisation
    partner: Organisation
    analyst: Actor
    reporter: Actor
    releaser: Actor
    second_releaser: Actor
    partner_analyst: Actor
    handling: Handling


class Row(NamedTuple):
    """A row of the generic profile."""

    reference: str = ""
    substance: str = "xylazine"
    on: str = "2026-03-02"
    area: str = "Cork"
    region: str = ""
    country: str = "IE"
    event_type: str = "seizure"

    def to_line(self) -> str:
        cells = (self.reference, self.event_type, self.on, self.country, self.region, self.area)
        return ",".join((*cells, self.substance))


def make_world() -> World:
    own = record_organisation(SETUP, key="nfp", name="Focal point", country="IE", is_own=True)
    partner = record_organisation(SETUP, key="lab", name="Laboratory", country="FR")

    def add(name: str, organisation: Organisation, *roles: str) -> Actor:
        return derive_actor(
            record_person(
                SETUP, username=name, organisation=organisation, roles=roles, password=None
            )
        )

    return World(
        own=own,
        partner=partner,
        analyst=add("anna", own, "analyst"),
        reporter=add("rosa", own, "reporter"),
        releaser=add("bert", own, "releaser"),
        second_releaser=add("cora", own, "releaser"),
        partner_analyst=add("paul", partner, "analyst"),
        handling=ensure_handling(owner_id=own.pk, tlp="AMBER"),
    )


def write_file(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("\n".join([HEADINGS, *(row.to_line() for row in rows)]) + "\n")
    return path


def receive(world: World, path: Path, rows: Sequence[Row]) -> EvidenceImport:
    return receive_file(
        world.analyst,
        write_file(path, rows),
        file_name=path.name,
        profile=get_profile(world.analyst, "generic"),
        handling=world.handling,
    )


def send(world: World, path: Path, rows: Sequence[Row]) -> ImportOutcome:
    return run_import(world.analyst, receive(world, path, rows).pk)


def list_current() -> list[tuple[str, int, str, str]]:
    """Reference, version, area and written names of every current report, sorted."""
    reports = Report.objects.for_writing().filter(is_current=True, is_retracted=False)
    findings = Finding.objects.for_writing().select_related("written_name").order_by("position")
    return sorted(
        (
            report.reference,
            report.version,
            report.area,
            ";".join(finding.written_name.text for finding in findings.filter(report=report)),
        )
        for report in reports
    )


Cell = tuple[int, int, str, str, str, date]


def recount() -> dict[Cell, tuple[int, date]]:
    """Weekly counts and first days, counted finding by finding from the current reports."""
    cells: dict[Cell, tuple[int, date]] = {}
    for finding in Finding.objects.for_writing().select_related("report"):
        report = finding.report
        if report.is_retracted or not report.is_current:
            continue
        key = (
            report.handling_id,
            finding.written_name_id,
            finding.matrix,
            report.country,
            report.region or report.local_area,
            report.event_on - timedelta(days=report.event_on.weekday()),
        )
        count, first_on = cells.get(key, (0, report.event_on))
        cells[key] = (count + 1, min(first_on, report.event_on))
    return cells


def list_weekly_counts() -> dict[Cell, tuple[int, date]]:
    """The weekly counts as held, without the empty ones."""
    return {
        (
            cell.handling_id,
            cell.written_name_id,
            cell.matrix,
            cell.country,
            cell.area,
            cell.week_on,
        ): (cell.count, cell.first_on)
        for cell in WeeklyCount.objects.for_writing().exclude(count=0)
    }
