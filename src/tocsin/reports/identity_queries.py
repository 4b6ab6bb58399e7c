"""Reading what an event of identity would change, and what one did change, for an actor."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.reports.models import Finding, IdentityConsequence, Report, WrittenName
from tocsin.reports.queries import list_reports, list_written_names
from tocsin.substances.models import IdentityEvent, Substance, SubstanceName

EARLY_WARNING = Purpose.EARLY_WARNING.value


@dataclass(frozen=True, slots=True)
class WhatFollows:
    """How much would follow a merge: names of the register, and what the actor sees of evidence.

    Other owners' spellings and findings follow as well; they are not counted for who may not see
    them.
    """

    names: int
    spellings: int
    findings: int
    reports: int


def count_what_follows(
    actor: Actor, substance: Substance, *, purpose: str = EARLY_WARNING
) -> WhatFollows:
    """Count what stands under a substance now, current findings only."""
    found = (
        Finding.objects.visible_to(actor, purpose=purpose)
        .filter(
            written_name__substance=substance,
            report__is_current=True,
            report__is_retracted=False,
        )
        .aggregate(findings=Count("pk"), reports=Count("report", distinct=True))
    )
    spellings = list_written_names(actor, purpose=purpose).filter(substance=substance)
    return WhatFollows(
        names=SubstanceName.objects.filter(substance=substance).count(),
        spellings=spellings.count(),
        findings=found["findings"],
        reports=found["reports"],
    )


def list_spellings(
    actor: Actor, substance: Substance, *, purpose: str = EARLY_WARNING
) -> QuerySet[WrittenName]:
    """List how a substance is written in findings the actor may see, by text and owner."""
    spellings = list_written_names(actor, purpose=purpose).filter(substance=substance)
    return spellings.select_related("owner", "reading").order_by("text", "owner__name", "pk")


def list_resolvable_reports(
    actor: Actor, group: Substance, *, purpose: str = EARLY_WARNING
) -> QuerySet[Report]:
    """List the actor's own current reports with a finding of a group, newest first."""
    reports = list_reports(actor, purpose=purpose, substance_key=group.key)
    return reports.filter(owner_id=actor.organisation_id)


def list_consequences(
    actor: Actor, events: Sequence[IdentityEvent], *, purpose: str = EARLY_WARNING
) -> QuerySet[IdentityConsequence]:
    """List what events changed among the spellings the actor may see, in the order it happened."""
    visible = list_written_names(actor, purpose=purpose).values("pk")
    seen = Report.objects.visible_to(actor, purpose=purpose).values("pk")
    consequences = IdentityConsequence.objects.filter(
        Q(report=None) | Q(report__in=seen), event__in=events, written_name__in=visible
    )
    return consequences.select_related(
        "written_name", "substance_before", "substance_after"
    ).order_by("pk")
