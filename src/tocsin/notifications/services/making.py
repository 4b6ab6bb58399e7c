"""Drafting packages: new ones, drafts made anew, and packages that replace released ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from tocsin.errors import InvalidPackageError, WrongStateError
from tocsin.journal.locks import Lock, hold
from tocsin.notifications.claims import derive_novelty
from tocsin.notifications.documents.building import Frame, build_document
from tocsin.notifications.documents.source import Novelty
from tocsin.notifications.documents.statements import check_statements
from tocsin.notifications.formats.document import Replaced
from tocsin.notifications.formats.json_document import derive_json
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.queries import EARLY_WARNING
from tocsin.notifications.reading import (
    derive_sources,
    derive_subject,
    list_substance_ids,
)
from tocsin.notifications.services.choosing import Chosen, choose, choose_again
from tocsin.notifications.services.states import (
    get_person_id,
    lock_package,
    record_action,
    require_reason,
)
from tocsin.notifications.vocabulary import SERIES_OF_KIND, PackageKind, PackageState
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_organisation_of
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import derive_strictest


def make_first_detection(
    actor: Actor, report_id: int, *, place: int = 0, statements: Mapping[str, str] | None = None
) -> Package:
    """Draft the formal notification of a first detection from one report; as ``make_package``."""
    return make_package(
        actor, PackageKind.FIRST_DETECTION, [report_id], place=place, statements=statements
    )


def make_event_package(
    actor: Actor,
    report_ids: Sequence[int],
    *,
    place: int = 0,
    statements: Mapping[str, str] | None = None,
) -> Package:
    """Draft an event package from one or more reports; as ``make_package``."""
    return make_package(actor, PackageKind.EVENT, report_ids, place=place, statements=statements)


def make_edas(
    actor: Actor,
    report_ids: Sequence[int],
    *,
    place: int = 0,
    statements: Mapping[str, str] | None = None,
) -> Package:
    """Draft a notification to the European drug alert system; as ``make_package``."""
    return make_package(
        actor, PackageKind.DRUG_ALERT, report_ids, place=place, statements=statements
    )


@transaction.atomic
def make_package(
    actor: Actor,
    kind: str,
    report_ids: Sequence[int],
    *,
    place: int = 0,
    statements: Mapping[str, str] | None = None,
) -> Package:
    """Draft a package of a kind from current reports, and return it.

    place: of the finding, in the first report, whose substance the package is about. The
    organisation that runs the node may use what it sees for early warning; others their own reports
    only. Raises NotFoundError for a report that is not there for the actor, RefusedError for
    somebody else's TLP:RED, InvalidPackageError where the kind cannot be made of these reports or a
    statement cannot be held. Journals ``package.made``.
    """
    require_permission(actor, "package.make")
    if kind not in PackageKind.values:
        raise InvalidPackageError(
            f"package: kind {kind[:40]!r}; expected one of {', '.join(PackageKind.values)}"
        )
    owner = get_organisation_of(actor, what="package")
    chosen = choose(actor, owner, kind, list(dict.fromkeys(report_ids)), place)
    held = check_statements(kind, statements or {})
    package = Package(
        owner=owner,
        kind=kind,
        identifier=_next_identifier(owner, SERIES_OF_KIND[kind]),
        number=1,
        statements=held,
        made_by_id=get_person_id(actor),
    )
    return _store_draft(actor, package, chosen, "package.made")


@transaction.atomic
def renew_draft(
    actor: Actor, package_id: int, *, statements: Mapping[str, str] | None = None
) -> Package:
    """Make a draft anew from what is held now, with other statements where they are given.

    Reports that were retracted are left out. Raises WrongStateError where it is no draft any more,
    InvalidPackageError where no report of it holds. Journals ``package.renewed``.
    """
    require_permission(actor, "package.make")
    package = lock_package(actor, package_id, PackageState.DRAFT)
    if statements is not None:
        package.statements = check_statements(package.kind, statements)
    chosen = choose_again(actor, package, package)
    PackageSource.objects.for_writing().filter(package=package).delete()
    return _store_draft(actor, package, chosen, "package.renewed")


@transaction.atomic
def replace_package(actor: Actor, package_id: int, *, reason: str) -> Package:
    """Draft a corrected package from what is held now, naming the released one it will replace.

    The released one stands until the draft is released. Raises WrongStateError where it is not
    released, or a replacement is drafted already; InvalidPackageError where no report of it holds:
    then it is to be withdrawn. Journals ``package.made``.
    """
    require_permission(actor, "package.make")
    replaced = lock_package(actor, package_id, PackageState.RELEASED)
    require_reason(replaced, reason)
    versions = Package.objects.for_writing().filter(identifier=replaced.identifier)
    if versions.filter(state=PackageState.DRAFT).exists():
        raise WrongStateError(
            f"package {replaced.identifier}", held="in work already", expected="no draft of it"
        )
    package = Package(
        owner=replaced.owner,
        kind=replaced.kind,
        identifier=replaced.identifier,
        number=versions.count() + 1,
        replaces=replaced,
        reason=reason.strip(),
        statements=replaced.statements,
        made_by_id=get_person_id(actor),
    )
    return _store_draft(actor, package, choose_again(actor, package, replaced), "package.made")


def _store_draft(actor: Actor, package: Package, chosen: Chosen, action: str) -> Package:
    """Build the document, keep the draft with its sources, and journal it."""
    now = timezone.now()
    levels = [report.handling.tlp for report in chosen.reports]
    package.handling = ensure_handling(owner_id=package.owner_id, tlp=derive_strictest(levels))
    package.place = chosen.finding.position
    package.substance = chosen.finding.written_name.substance
    package.made_at = now
    package.worked_on_by = sorted({*package.worked_on_by, get_person_id(actor)})
    novelty = _derive_novelty(actor, package, chosen)
    package.claim = novelty.claim or ""
    package.earlier_id = novelty.earliest_id
    package.found_on = chosen.reports[0].event_on if novelty.claim else None
    package.found_in = chosen.reports[0].country if novelty.claim else ""
    package.content = _derive_content(package, chosen, novelty, now)
    package.save()
    PackageSource.objects.bulk_create(
        [
            PackageSource(
                package=package,
                number=number,
                report=report,
                digest=report.content_digest,
                substances=list_substance_ids(report),
            )
            for number, report in enumerate(chosen.reports, start=1)
        ]
    )
    record_action(actor, package, action, reports=[report.pk for report in chosen.reports])
    return package


def _derive_novelty(actor: Actor, package: Package, chosen: Chosen) -> Novelty:
    """Ask whether the substance is new, of a first detection only."""
    if package.kind != PackageKind.FIRST_DETECTION:
        return Novelty()
    [report] = chosen.reports
    substance = chosen.finding.written_name.substance
    return derive_novelty(actor, package.owner_id, substance, report, purpose=EARLY_WARNING)


def _derive_content(
    package: Package, chosen: Chosen, novelty: Novelty, now: datetime
) -> dict[str, object]:
    replaced = package.replaces
    document = build_document(
        Frame(
            kind=package.kind,
            identifier=package.identifier,
            version=package.number,
            language=_write_language(translation.get_language() or settings.LANGUAGE_CODE),
            tlp=package.handling.tlp,
            sender=package.owner.name,
            country=package.owner.country,
            made_at=now.replace(microsecond=0),
            is_exercise=settings.IS_DEMO,
            replaces=None
            if replaced is None or replaced.released_at is None
            else Replaced(
                replaced.number, replaced.released_at.replace(microsecond=0), package.reason
            ),
        ),
        derive_sources(chosen.reports),
        derive_subject(chosen.finding),
        package.statements,
        novelty,
    )
    return derive_json(document)


def _write_language(code: str) -> str:
    """Return a language tag as BCP 47 writes it: ``en-GB`` for ``en-gb``."""
    first, *rest = code.split("-")
    return "-".join((first, *(part.upper() if len(part) == 2 else part for part in rest)))


def _next_identifier(owner: Organisation, series: str) -> str:
    """Return ``EWS-AT-2026-0017``: system, country or key, year, and a running number."""
    # One lock for all owners: two of one country share the running number.
    hold(Lock.PACKAGE_NUMBERS)
    prefix = f"{series}-{owner.country or owner.key.upper()[:40]}-{timezone.localdate().year}-"
    taken = Package.objects.for_writing().filter(identifier__startswith=prefix, number=1).count()
    return f"{prefix}{taken + 1:04d}"
