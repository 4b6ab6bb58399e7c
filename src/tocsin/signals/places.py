"""Where a substance was found in one material around an emergence."""

from datetime import date, timedelta

from django.db.models import Max, Min, QuerySet, Sum

from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Purpose
from tocsin.signals.models import WeeklyCount
from tocsin.signals.queries import PlaceTotal

EARLY_WARNING = Purpose.EARLY_WARNING.value


def list_places_between(
    actor: Actor,
    substance_key: str,
    *,
    matrix: str,
    since: date,
    until: date,
    purpose: str = EARLY_WARNING,
) -> list[PlaceTotal]:
    """Return where a substance was found in a matrix, the places with most findings first.

    Counted in whole weeks: those of both days, and all between.
    """
    rows = (
        _list_counts(actor, purpose, matrix, since, until)
        .filter(written_name__substance__key=substance_key)
        .values_list("country", "area")
        .annotate(total=Sum("count"), first=Min("first_on"), last=Max("first_on"))
        .order_by("-total", "country", "area")
    )
    return [PlaceTotal(*row) for row in rows]


def list_reporting_countries(
    actor: Actor, *, matrix: str, since: date, until: date, purpose: str = EARLY_WARNING
) -> list[str]:
    """Return the countries from which anything at all was reported in a matrix between two days.

    There, no finding of a substance means that it was not found; elsewhere nobody has said.
    """
    rows = _list_counts(actor, purpose, matrix, since, until).values_list("country", flat=True)
    return list(rows.distinct().order_by("country"))


def _list_counts(
    actor: Actor, purpose: str, matrix: str, since: date, until: date
) -> QuerySet[WeeklyCount]:
    return WeeklyCount.objects.visible_to(actor, purpose=purpose).filter(
        matrix=matrix,
        week_on__gt=since - timedelta(days=7),
        week_on__lte=until,
        count__gt=0,
    )
