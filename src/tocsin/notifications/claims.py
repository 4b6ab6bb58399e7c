"""What a first detection says of earlier findings, when it is made and whenever it is read.

An earlier finding is one of the same substance, of an earlier day, that is counted and stands. When
a package is read it is looked for in what both its owner and its reader may see: so nobody learns
from another's package what they may not see themselves.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from tocsin.notifications.documents.source import Novelty
from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.vocabulary import Claim
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import PUBLIC_AUDIENCE, TrafficLight
from tocsin.reports.countries import name_country
from tocsin.reports.models import ERASED_PREFIX, Finding, Report
from tocsin.reports.wording import describe_day
from tocsin.signals.outlived_queries import select_outlived_counts
from tocsin.substances.models import Substance
from tocsin.substances.queries import select_standing

_IN_COUNTRY = {"report__country": OuterRef("found_in")}


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """What makes the claim of a first detection wrong: a sentence, and the report it is about."""

    words: str
    report_id: int


def derive_novelty(
    actor: Actor, owner_id: int, substance: Substance | None, report: Report, *, purpose: str
) -> Novelty:
    """Say whether a substance was found before a report, in what actor and owner may see.

    Where no finding says so, the weekly counts are asked, which outlive the reports they are of.
    """
    if substance is None:
        return Novelty()
    earlier = _select_counted(actor, purpose).filter(
        _derive_owner_condition(owner_id, purpose),
        written_name__substance__in=select_standing(substance.key),
        report__event_on__lt=report.event_on,
    )
    outlived = select_outlived_counts(
        actor, substance.key, before=report.event_on, purpose=purpose
    ).filter(_derive_owner_condition(owner_id, purpose, handling="handling__"))
    for claim, findings, counts in (
        (
            Claim.NOT_FIRST,
            earlier.filter(report__country=report.country),
            outlived.filter(country=report.country),
        ),
        (Claim.FIRST_IN_COUNTRY, earlier, outlived),
    ):
        finding = findings.first()
        if finding is not None:
            return Novelty(claim, finding.report_id)
        count = counts.first()
        if count is not None:
            return Novelty(claim, counted_on=count.first_on)
    return Novelty(Claim.FIRST)


def derive_claim_condition(actor: Actor, purpose: str) -> Q:
    """Return the condition on packages that what they claim is not what is held now.

    Either an earlier finding is held that was not, or none is any more. The latter is told to the
    owner's people only, who see all that the claim may rest on, and not where the report that it
    rested on was erased.
    """
    earlier = _select_earlier(actor, purpose)
    is_here, is_anywhere = Exists(earlier.filter(**_IN_COUNTRY)), Exists(earlier)
    rested = Exists(_select_lasting(actor, purpose).filter(pk=OuterRef("earlier_id")))
    may_fall = Q(owner_id=actor.organisation_id) & Q(rested)
    return (
        (Q(claim__in=(Claim.FIRST, Claim.FIRST_IN_COUNTRY)) & Q(is_here))
        | (Q(claim=Claim.FIRST) & Q(is_anywhere))
        | (may_fall & Q(claim=Claim.NOT_FIRST) & ~Q(is_here))
        | (may_fall & Q(claim=Claim.FIRST_IN_COUNTRY) & ~Q(is_anywhere))
    )


def find_claim_change(actor: Actor, package: Package, *, purpose: str) -> ClaimChange | None:
    """Say what makes the claim of a package wrong, or return None where it holds; two queries."""
    packages = Package.objects.visible_to(actor, purpose=purpose).filter(
        derive_claim_condition(actor, purpose), pk=package.pk
    )
    earlier = _select_earlier(actor, purpose).values("report_id")
    found = packages.values_list(
        Subquery(earlier.filter(**_IN_COUNTRY)[:1]), Subquery(earlier[:1]), "earlier_id"
    ).first()
    if found is None:
        return None
    here, anywhere, rested = found
    held = {Claim.FIRST: here or anywhere, Claim.FIRST_IN_COUNTRY: here}.get(Claim(package.claim))
    report = _select_lasting(actor, purpose).get(pk=held or rested)
    return ClaimChange(_describe_change(report, is_held=held is not None), report.pk)


def _describe_change(report: Report, *, is_held: bool) -> str:
    words = (
        _("an earlier finding in {country} ({day}) is held now: {report}")
        if is_held
        else _("the earlier finding in {country} ({day}) is held no more: {report}")
    )
    return words.format(
        country=name_country(report.country),
        day=describe_day(report.event_on, report.event_precision),
        report=report.reference or _("report {number}").format(number=report.pk),
    )


def _select_counted(actor: Actor, purpose: str) -> QuerySet[Finding]:
    """Findings that stand and count, the earliest first."""
    return (
        Finding.objects.visible_to(actor, purpose=purpose)
        .filter(is_counted=True, report__is_current=True, report__is_retracted=False)
        .order_by("report__event_on", "report_id", "pk")
    )


def _select_lasting(actor: Actor, purpose: str) -> QuerySet[Report]:
    """Versions of reports that were not erased."""
    visible = Report.objects.visible_to(actor, purpose=purpose)
    return visible.exclude(key__startswith=ERASED_PREFIX)


def _select_earlier(actor: Actor, purpose: str) -> QuerySet[Finding]:
    """Findings earlier than the one of a package in an outer query, which its owner may see too.

    Another version of the report that the package was made from is none.
    """
    of_substance = Q(written_name__substance_id=OuterRef("substance_id")) | Q(
        written_name__substance_id=OuterRef("substance__merged_into_id")
    )
    own_report = PackageSource.objects.visible_to(actor, purpose=purpose).filter(
        package_id=OuterRef(OuterRef("pk")),
        report__owner_id=OuterRef("report__owner_id"),
        report__key=OuterRef("report__key"),
    )
    return _select_counted(actor, purpose).filter(
        of_substance,
        _derive_owner_condition(OuterRef("owner_id"), purpose),
        ~Exists(own_report),
        report__event_on__lt=OuterRef("found_on"),
    )


def _derive_owner_condition(
    owner: int | OuterRef, purpose: str, *, handling: str = "report__handling__"
) -> Q:
    """The condition on findings that everybody of an organisation may see them.

    What named persons alone may read of others is left out, since others read the claim. handling:
    the path to it.
    """
    named = Q(**{f"{handling}audience__contains": [owner]})
    public = Q(**{f"{handling}audience__contains": [PUBLIC_AUDIENCE]})
    permitted = Q(**{f"{handling}purposes__contains": [purpose]})
    return (
        Q(**{f"{handling}owner_id": owner})
        | (public & Q(**{f"{handling}tlp": TrafficLight.CLEAR}))
        | ((named | public) & permitted & ~Q(**{f"{handling}tlp": TrafficLight.RED}))
    )
