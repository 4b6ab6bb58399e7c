"""Erasing packages that were never released, with the reports that they were made from."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from tocsin.notifications.models import Package, PackageSource
from tocsin.notifications.services.states import record_action
from tocsin.notifications.vocabulary import PackageState
from tocsin.organisations.queries import get_node_actor


@transaction.atomic
def erase_unreleased(report_ids: Collection[int]) -> int:
    """Empty every package that was never released and was made from one of these versions.

    The versions are erased already, in the caller's transaction. Identifier, kind, people, times
    and the numbers of its sources stay; nothing of what it said. Returns how many. Packages that
    were released stay as they were sent. Journals ``package.erased`` for each.
    """
    sources = PackageSource.objects.for_writing().filter(report_id__in=list(report_ids))
    packages = list(
        Package.objects.for_writing()
        .filter(
            state__in=(PackageState.DRAFT, PackageState.DISCARDED),
            pk__in=sources.values("package_id"),
        )
        .select_for_update(of=("self",))
        .select_related("handling")
        .order_by("pk")
    )
    actor, now = get_node_actor(), timezone.now()
    for package in packages:
        package.state, package.ended_at = PackageState.ERASED, package.ended_at or now
        package.content, package.statements, package.place = {}, {}, 0
        package.substance = package.earlier = package.found_on = None
        package.reason = package.claim = package.found_in = ""
        package.save()
        record_action(actor, package, "package.erased")
    PackageSource.objects.for_writing().filter(package__in=packages).update(
        digest=b"", substances=[]
    )
    return len(packages)
