"""Reports of an area, whatever the level it is named at."""

from django.db.models import Q, QuerySet

from tocsin.reports.models import Report


def keep_area(reports: QuerySet[Report], area: str) -> QuerySet[Report]:
    """Keep the reports of an area of its country; all of them where it is empty.

    area: a NUTS code, which holds every code that begins with it, or the name of a local area.
    """
    if not area:
        return reports
    return reports.filter(Q(region__startswith=area) | Q(region="", local_area=area))
