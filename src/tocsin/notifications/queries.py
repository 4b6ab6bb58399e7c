"""All reading of packages, each read for an actor and a purpose."""

from collections.abc import Mapping

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from tocsin.errors import ErasedError, NotFoundError
from tocsin.notifications.claims import (
    ClaimChange,
    derive_claim_condition,
    find_claim_change,
)
from tocsin.notifications.formats.document import PackageDocument
from tocsin.notifications.formats.json_document import parse_json
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.reading import list_substance_ids, select_with_findings
from tocsin.notifications.source_changes import (
    SourceChange,
    UnseenChange,
    describe_change,
    list_unseen_changes,
)
from tocsin.notifications.vocabulary import LASTING_STATES, PackageState
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import find_own_organisation
from tocsin.organisations.vocabulary import Purpose, TrafficLight
from tocsin.reports.models import ERASED_PREFIX, Finding, Report
from tocsin.reports.queries import list_reports
from tocsin.signals.evidence_queries import list_signal_reports
from tocsin.signals.queries import get_signal
from tocsin.substances.models import Substance

EARLY_WARNING = Purpose.EARLY_WARNING.value
MOST_SOURCES = 50
"""Record versions that one package can be made from."""

PACKAGE_ORDERS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "-made_at": ("-made_at", "-id"),
    "made_at": ("made_at", "id"),
    "identifier": ("identifier", "number", "id"),
    "-identifier": ("-identifier", "-number", "-id"),
    "kind": ("kind", "-made_at", "-id"),
    "-kind": ("-kind", "-made_at", "-id"),
    "state": ("state", "-made_at", "-id"),
    "-state": ("-state", "-made_at", "-id"),
    "-released_at": (F("released_at").desc(nulls_last=True), "-id"),
    "released_at": (F("released_at").asc(nulls_last=True), "id"),
}
"""Orders a list of packages can be sorted in; each ends in a unique column."""


def list_packages(
    actor: Actor,
    *,
    purpose: str = EARLY_WARNING,
    search: str = "",
    kind: str = "",
    state: str = "",
    order: str = "-made_at",
) -> QuerySet[Package]:
    """Return the packages the actor may see, each with ``is_outdated``; one query.

    search: part of an identifier or of a substance's name. Only the owner sees what is not
    released. A package is out of date when one of its record versions is no longer the current one,
    whoever may see that; when, in what the actor may see, one of its names stands for something
    else now; or when it claims a first detection and the earlier findings held are not those it was
    made with.
    """
    packages = Package.objects.visible_to(actor, purpose=purpose)
    if search:
        packages = packages.filter(
            Q(identifier__icontains=search) | Q(substance__name__icontains=search)
        )
    if kind:
        packages = packages.filter(kind=kind)
    if state:
        packages = packages.filter(state=state)
    rows: QuerySet[Package] = (
        packages.select_related(
            "handling__owner", "substance", "replaces", "made_by", "released_by"
        )
        .annotate(is_outdated=_derive_outdated(actor, purpose))
        .order_by(*PACKAGE_ORDERS.get(order, PACKAGE_ORDERS["-made_at"]))
    )
    return rows


def is_outdated(package: Package) -> bool:
    """Tell whether a package, read with ``list_packages``, no longer says what is held."""
    return bool(getattr(package, "is_outdated", False))


def get_package(actor: Actor, package_id: int, *, purpose: str = EARLY_WARNING) -> Package:
    """Return one package; NotFoundError where it is absent or not visible."""
    package = list_packages(actor, purpose=purpose).filter(pk=package_id).first()
    if package is None:
        raise NotFoundError(f"package {package_id}: not found")
    return package


def get_package_version(
    actor: Actor, identifier: str, number: int | None = None, *, purpose: str = EARLY_WARNING
) -> Package:
    """Return a version of a package by its identifier: the one numbered, or the newest.

    Without a number, drafts that were discarded or erased are passed over. Raises NotFoundError
    where there is none.
    """
    versions = list_packages(actor, purpose=purpose).filter(identifier=identifier)
    if number is None:
        wanted = versions.exclude(state__in=(PackageState.DISCARDED, PackageState.ERASED))
    else:
        wanted = versions.filter(number=number)
    package = wanted.order_by("-number").first()
    if package is None:
        version = "" if number is None else f", version {number}"
        raise NotFoundError(f"package {identifier[:60]}{version}: not found")
    return package


def list_versions(
    actor: Actor, package: Package, *, purpose: str = EARLY_WARNING
) -> QuerySet[Package]:
    """Return all versions of a package that the actor may see, newest first."""
    return (
        list_packages(actor, purpose=purpose)
        .filter(identifier=package.identifier)
        .order_by("-number")
    )


def derive_document(
    actor: Actor, package: Package, *, purpose: str = EARLY_WARNING
) -> PackageDocument:
    """Return the document of a package as it was made, with what became of it since.

    Raises ErasedError where its content was erased with a report that it was made from.
    """
    if package.state == PackageState.ERASED:
        raise ErasedError(
            f"package {package.identifier}, version {package.number}: was erased with a report it "
            "was made from"
        )
    return parse_json(
        package.content,
        state=package.state,
        state_note=_describe_standing(actor, package, purpose),
    )


def list_package_changes(
    actor: Actor, package: Package, *, purpose: str = EARLY_WARNING
) -> list[SourceChange | UnseenChange | ClaimChange]:
    """List what changed since a package was made: what it claims, then each of its sources.

    Values are in words, old and new. Of a report that the actor may not see, no more is told than
    that it was corrected or retracted. Six queries whatever the number of sources, one more where
    some may not be seen, and two more for a first detection.
    """
    held = list(_list_source_rows(actor, package, purpose))
    visible = Report.objects.visible_to(actor, purpose=purpose)
    before = {
        one.pk: one
        for one in select_with_findings(
            visible.filter(pk__in=[source.report_id for source in held]), actor, purpose=purpose
        )
    }
    newest = {
        (one.owner_id, one.key): one
        for one in select_with_findings(
            visible.filter(
                is_current=True,
                owner_id__in={one.owner_id for one in before.values()},
                key__in={one.key for one in before.values()},
            ),
            actor,
            purpose=purpose,
        )
    }
    ids = {one for source in held for one in source.substances}
    names = dict(Substance.including_merged.filter(pk__in=ids).values_list("pk", "name"))
    claim = find_claim_change(actor, package, purpose=purpose) if package.claim else None
    changes: list[SourceChange | UnseenChange | ClaimChange] = [claim] if claim is not None else []
    seen = {
        pk: (old, newest[old.owner_id, old.key])
        for pk, old in before.items()
        if (old.owner_id, old.key) in newest
    }
    unseen = {
        one.number: one
        for one in list_unseen_changes([one for one in held if one.report_id not in seen])
    }
    for source in held:
        if source.number in unseen:
            changes.append(unseen[source.number])
        elif source.report_id in seen:
            old, new = seen[source.report_id]
            if new.pk != old.pk or list_substance_ids(old) != source.substances:
                changes.append(describe_change(source, old, new, names))
    return changes


def list_source_reports(
    actor: Actor, package: Package, *, purpose: str = EARLY_WARNING
) -> list[tuple[int, Report]]:
    """Return the record versions a package was made from that the actor may see, numbered."""
    numbers = {
        source.report_id: source.number for source in _list_source_rows(actor, package, purpose)
    }
    reports = (
        Report.objects.visible_to(actor, purpose=purpose)
        .filter(pk__in=numbers)
        .select_related("handling__owner")
    )
    return sorted(((numbers[one.pk], one) for one in reports), key=lambda pair: pair[0])


def list_packages_of_report(
    actor: Actor, report: Report, *, purpose: str = EARLY_WARNING
) -> QuerySet[Package]:
    """Return the packages the actor may see that were made from any version of a report."""
    versions = Report.objects.visible_to(actor, purpose=purpose).filter(
        owner_id=report.owner_id, key=report.key
    )
    sources = PackageSource.objects.visible_to(actor, purpose=purpose).filter(report__in=versions)
    return list_packages(actor, purpose=purpose).filter(pk__in=sources.values("package_id"))


def is_usable(actor: Actor, report: Report) -> bool:
    """Tell whether the actor's organisation may make packages of a report, read for the actor.

    Only of one that stands; of others' only where the organisation runs the node, and never where
    named persons alone may read it.
    """
    if not report.is_current or report.is_retracted:
        return False
    if report.owner_id == actor.organisation_id:
        return True
    return _runs_the_node(actor) and report.handling.tlp != TrafficLight.RED


def list_reports_of_signal(
    actor: Actor, signal_id: int, *, only_first: bool = False, purpose: str = EARLY_WARNING
) -> list[Report]:
    """Return the reports behind a signal that the actor may use.

    The newest, at most 50; or the earliest alone, for a first detection.
    """
    signal = get_signal(actor, signal_id, purpose=purpose)
    reports = _keep_usable(actor, list_signal_reports(actor, signal, purpose=purpose))
    return list(reports.order_by("event_on", "pk")[:1] if only_first else reports[:MOST_SOURCES])


def list_alike(actor: Actor, report: Report, *, purpose: str = EARLY_WARNING) -> list[Report]:
    """Return other reports with a substance in common that the actor may use.

    Of the same country, the newest, at most 20.
    """
    ids = {one for one in list_substance_ids(report) if one}
    if not ids:
        return []
    found = Finding.objects.visible_to(actor, purpose=purpose).filter(
        written_name__substance_id__in=ids
    )
    reports = list_reports(actor, purpose=purpose).filter(
        pk__in=found.values("report_id"), country=report.country
    )
    return list(_keep_usable(actor, reports).exclude(pk=report.pk)[:20])


def _keep_usable(actor: Actor, reports: QuerySet[Report]) -> QuerySet[Report]:
    """Keep the reports of which ``is_usable`` says yes, of those that stand."""
    own = Q(owner_id=actor.organisation_id)
    if _runs_the_node(actor):
        return reports.filter(own | ~Q(handling__tlp=TrafficLight.RED))
    return reports.filter(own)


def _runs_the_node(actor: Actor) -> bool:
    own = find_own_organisation()
    return own is not None and own.pk == actor.organisation_id


def _list_source_rows(actor: Actor, package: Package, purpose: str) -> QuerySet[PackageSource]:
    return (
        PackageSource.objects.visible_to(actor, purpose=purpose)
        .filter(package=package)
        .order_by("number")
    )


def _derive_outdated(actor: Actor, purpose: str) -> Combinable:
    """The condition that a source is not current, a name stands for something else, a claim fell.

    The first is asked of every source, seen or not: whoever was told something learns that it does
    not hold. A source whose content was erased since says nothing of the package: its time was
    over.
    """
    visible = Report.objects.visible_to(actor, purpose=purpose).values("pk")
    lasting = (
        PackageSource.objects.visible_to(actor, purpose=purpose)
        .filter(package_id=OuterRef("pk"))
        .exclude(report__key__startswith=ERASED_PREFIX)
    )
    substances = (
        Finding.objects.visible_to(actor, purpose=purpose)
        .filter(report_id=OuterRef("report_id"))
        .order_by("position")
        .values(of=Coalesce("written_name__substance_id", 0))
    )
    succeeded = lasting.filter(report__is_current=False)
    renamed = (
        lasting.filter(report_id__in=visible)
        .annotate(substances_now=ArraySubquery(substances))
        .exclude(substances=F("substances_now"))
    )
    is_changed = Q(Exists(succeeded)) | Q(Exists(renamed))
    return ExpressionWrapper(
        Q(state__in=LASTING_STATES) & (is_changed | derive_claim_condition(actor, purpose)),
        output_field=BooleanField(),
    )


def _describe_standing(actor: Actor, package: Package, purpose: str) -> str:
    """Say why a package no longer stands, or is out of date; empty for one that holds."""
    if package.state == PackageState.WITHDRAWN:
        return package.ending
    if is_outdated(package):
        return _describe_outdated(actor, package, purpose)
    if package.state != PackageState.REPLACED:
        return ""
    later = Package.objects.visible_to(actor, purpose=purpose).filter(replaces=package)
    replacement = later.exclude(released_at=None).order_by("number").first()
    if replacement is None:
        return _("by a later version")
    return _("by version {number}: {reason}").format(
        number=replacement.number, reason=replacement.reason
    )


def _describe_outdated(actor: Actor, package: Package, purpose: str) -> str:
    changes = list_unseen_changes(list(_list_source_rows(actor, package, purpose)))
    told = [
        _("source {number} was {how}").format(number=one.number, how=one.how) for one in changes
    ]
    return "; ".join(told) or _("what was held when it was made is not what is held now")
