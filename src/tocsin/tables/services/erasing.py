"""Erasing drafts and discarded tables together with the reports that they were made of."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from tocsin.organisations.queries import get_node_actor
from tocsin.tables.models import StatisticalTable, TableBasis
from tocsin.tables.services.states import record_action
from tocsin.tables.vocabulary import TableState


@transaction.atomic
def erase_unreleased(report_ids: Collection[int]) -> int:
    """Empty every table that was never released and was made of one of these versions.

    Its row stays, with the numbers of the versions; content and true counts go. Returns how many.
    Tables that were released stay as they were sent. Journals ``table.erased`` for each.
    """
    bases = TableBasis.objects.for_writing().filter(sources__overlap=list(report_ids))
    tables = list(
        StatisticalTable.objects.for_writing()
        .filter(state__in=(TableState.DRAFT, TableState.DISCARDED), pk__in=bases.values("table"))
        .select_for_update(of=("self",))
        .defer("content")
        .order_by("pk")
    )
    actor, now = get_node_actor(), timezone.now()
    for table in tables:
        table.state, table.content = TableState.ERASED, {}
        table.ended_at = table.ended_at or now
        table.save(update_fields=["state", "content", "ended_at"])
        record_action(actor, table, "table.erased")
    bases.filter(table__in=tables).update(secret={})
    return len(tables)
