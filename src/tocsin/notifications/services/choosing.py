"""Which record versions a package is made of, and which of their findings it is about."""

from dataclasses import dataclass

from tocsin.errors import InvalidPackageError, NotFoundError, RefusedError
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.queries import EARLY_WARNING, MOST_SOURCES
from tocsin.notifications.reading import select_with_findings
from tocsin.notifications.vocabulary import PackageKind
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.vocabulary import TrafficLight
from tocsin.reports.models import Finding, Report


@dataclass(frozen=True, slots=True)
class Chosen:
    """The record versions of a package and the finding that names its substance."""

    reports: list[Report]
    finding: Finding


def choose(
    actor: Actor,
    owner: Organisation,
    kind: str,
    report_ids: list[int],
    place: int,
    *,
    substance_id: int | None = None,
) -> Chosen:
    """Return current reports that the actor may make a package of, in the order asked for.

    The finding is that of the substance where the first report has one, else that at the place.
    """
    most = 1 if kind == PackageKind.FIRST_DETECTION else MOST_SOURCES
    if not 1 <= len(report_ids) <= most:
        raise InvalidPackageError(f"package: {len(report_ids)} reports; expected 1 to {most}")
    reports = Report.objects.visible_to(actor, purpose=EARLY_WARNING).filter(
        pk__in=report_ids, is_current=True, is_retracted=False
    )
    if not owner.is_own:
        reports = reports.filter(owner_id=owner.pk)
    held = {one.pk: one for one in select_with_findings(reports, actor, purpose=EARLY_WARNING)}
    for report_id in report_ids:
        if report_id not in held:
            raise NotFoundError(f"report {report_id}: not found among those that stand")
        _require_usable(held[report_id], owner)
    chosen = [held[report_id] for report_id in report_ids]
    finding = _find_finding(chosen[0], place, substance_id)
    if finding is None:
        raise InvalidPackageError(
            f"package: report {chosen[0].pk} has no finding {place + 1}; expected one that it has"
        )
    return Chosen(chosen, finding)


def choose_again(actor: Actor, package: Package, before: Package) -> Chosen:
    """Return the reports that an earlier package was made of, as they stand now."""
    rows = PackageSource.objects.for_writing().filter(package=before).order_by("number")
    versions = [row.report for row in rows.select_related("report")]
    current = Report.objects.visible_to(actor, purpose=EARLY_WARNING).filter(
        is_current=True,
        is_retracted=False,
        owner_id__in={one.owner_id for one in versions},
        key__in={one.key for one in versions},
    )
    held = {(one.owner_id, one.key): one.pk for one in current}
    ids = [
        held[version.owner_id, version.key]
        for version in versions
        if (version.owner_id, version.key) in held
    ]
    if not ids:
        raise InvalidPackageError(
            f"package {before.identifier}: none of its reports stands; expected one that does"
        )
    return choose(
        actor, package.owner, package.kind, ids, before.place, substance_id=before.substance_id
    )


def _find_finding(report: Report, place: int, substance_id: int | None) -> Finding | None:
    """Return the finding of a substance, else the one at a place, where the report has it."""
    findings = list(report.findings.all())
    of_substance = [
        one
        for one in findings
        if substance_id is not None and one.written_name.substance_id == substance_id
    ]
    at_place = [one for one in findings if one.position == place]
    return next(iter([*of_substance, *at_place]), None)


def _require_usable(report: Report, owner: Organisation) -> None:
    """Refuse what named persons alone may read, where others of the owner would read the package."""
    if report.owner_id != owner.pk and report.handling.tlp == TrafficLight.RED:
        raise RefusedError(
            f"report {report.pk}: is TLP:RED and another organisation's; expected one that may be "
            "passed on"
        )
