"""Making drafts of tables from what is held."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from tocsin.errors import (
    InvalidTableError,
    NotFoundError,
    RefusedError,
)
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Organisation
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_organisation_of
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import TrafficLight
from tocsin.reports.vocabulary import COUNTRY_CODES
from tocsin.science.generalisation import generalise
from tocsin.tables.cells import Observation, SubstanceCode, list_codes, observe
from tocsin.tables.comparing import pair_versions, write_counts
from tocsin.tables.counting import Counts, ReportAmounts
from tocsin.tables.exchange import QUASI_IDENTIFIERS, derive_rows, read_cases
from tocsin.tables.formats.document import TableDocument, write_content
from tocsin.tables.models import ExchangeKey, StatisticalTable, TableBasis
from tocsin.tables.periods import Period, parse_period
from tocsin.tables.publishing import Earlier, publish, read_secret, write_secret
from tocsin.tables.queries import EARLY_WARNING, get_scope
from tocsin.tables.reading import (
    ErasedEvidence,
    Scope,
    find_erased,
    read_amounts,
    read_counts,
    read_names,
)
from tocsin.tables.services.states import (
    end_table,
    lock,
    record_action,
    require_publishable,
    require_reason,
)
from tocsin.tables.vocabulary import TableKind, TableState


@dataclass(frozen=True, slots=True)
class TableWish:
    """What table is asked for.

    period: as SDMX writes it. country: empty for all places. is_public: for everybody, with
    disclosure control; else audience: organisations that it is made for, none for the owner alone.
    reason: why it replaces the one that is released, where one is.
    """

    period: str
    kind: str = TableKind.AGGREGATED.value
    country: str = ""
    is_public: bool = False
    audience: tuple[int, ...] = ()
    purpose: str = EARLY_WARNING
    reason: str = ""


@transaction.atomic
def make_table(actor: Actor, wish: TableWish) -> StatisticalTable:
    """Make a draft of a table from what is held now; an open draft of the same table is discarded.

    Only the organisation that runs the node makes public tables: of one length of period, for
    periods that have ended, and for places that do not overlap. Raises InvalidTableError for a wish
    that cannot be, RefusedError where a rule of publishing or a missing reason stands against it,
    DisclosureError where earlier versions leave no safe table. Journals ``table.made``.
    """
    require_permission(actor, "table.make")
    owner = get_organisation_of(actor, what="table")
    period = parse_period(wish.period)
    _require_possible(wish, owner)
    identifier = _derive_identifier(wish, owner, period)
    lock(identifier)
    versions = list(
        StatisticalTable.objects.for_writing()
        .filter(identifier=identifier)
        .defer("content")
        .order_by("number")
    )
    if wish.is_public:
        require_publishable(owner, wish.country, period)
    replaced = next((one for one in versions if one.state == TableState.RELEASED), None)
    reason = "" if replaced is None else require_reason(identifier, wish.reason, of="correction")
    for draft in (one for one in versions if one.state == TableState.DRAFT):
        end_table(draft, TableState.DISCARDED)
    table = StatisticalTable(
        owner=owner,
        kind=wish.kind,
        identifier=identifier,
        number=len(versions) + 1,
        frequency=period.frequency,
        starts_on=period.starts_on,
        country=wish.country,
        purpose=wish.purpose,
        is_public=wish.is_public,
        audience=sorted(wish.audience),
        threshold=settings.SMALLEST_COUNT,
        replaces=replaced,
        reason=reason,
        made_by=actor.name,
        made_at=timezone.now().replace(microsecond=0),
    )
    told = [one for one in versions if one.released_at is not None]
    make = _fill_exchange if wish.kind == TableKind.TOXICOLOGY else _fill_aggregated
    return _store(actor, table, *make(actor, table, told))


Made = tuple[dict[str, Any], frozenset[int], dict[str, Any]]
"""Content, report versions counted, and the secret to keep."""


def _fill_aggregated(
    actor: Actor, table: StatisticalTable, told: Sequence[StatisticalTable]
) -> Made:
    scope = get_scope(actor, table)
    erased = find_erased(scope, table.period)
    if table.is_public and erased is not None:
        raise _refuse_erased(table, erased)
    counts = read_counts(scope, table.period)
    # Of a table in which nothing is hidden, nothing is kept that the next version needs.
    bases = _list_bases(told) if table.is_public else []
    before = [_read_earlier(scope, table.period, counts, one) for one in bases]
    codes = _list_codes(counts, before[-1].secret.codes if before else ())
    secret: dict[str, Any] = {"counts": write_counts(counts)}
    remarks: tuple[str, ...] = ()
    if table.is_public:
        observations, published = publish(counts, codes, threshold=table.threshold, before=before)
        secret["published"] = write_secret(published)
    else:
        observations = observe(counts, codes)
        remarks = _list_remarks(counts, erased)
    return _write_aggregated(table, codes, observations, remarks), counts.sources, secret


def _refuse_erased(table: StatisticalTable, erased: ErasedEvidence) -> RefusedError:
    stands = f", or version {table.replaces.number}, made before" if table.replaces else ""
    return RefusedError(
        f"table {table.identifier}: reports of {table.period.code} that were erased: "
        f"{erased.reports}, the last on {erased.last_on}; expected a period of which everything is "
        f"held{stands}"
    )


def _read_earlier(scope: Scope, period: Period, counts: Counts, basis: TableBasis) -> Earlier:
    """Read what the next version needs of a version that was published."""
    secret = read_secret(basis.secret["published"])
    held = set(basis.sources)
    gone, new = held - counts.sources, counts.sources - held
    follows = pair_versions(scope.actor, gone, new, purpose=scope.purpose)
    given: ReportAmounts = {substance: {} for substance in secret.amounts}
    for amounts in (counts.amounts, read_amounts(scope, period, gone)):
        for substance, of_substance in given.items():
            for unit, of_reports in amounts.get(substance, {}).items():
                of_substance.setdefault(unit, {}).update(
                    (follows.get(one, one), amount)
                    for one, amount in of_reports.items()
                    if one in held
                )
    return Earlier(secret, given)


def _list_codes(counts: Counts, before: Sequence[SubstanceCode]) -> list[SubstanceCode]:
    found = {key[0] for key in counts.seized} | set(counts.poisoned)
    return list_codes(counts, read_names(sorted(found)), before)


def _list_remarks(counts: Counts, erased: ErasedEvidence | None) -> tuple[str, ...]:
    remarks = []
    if erased is not None:
        remarks.append(
            ngettext(
                "{number} report of this period, of this place or another, was erased as its time "
                "was over, and is not counted.",
                "{number} reports of this period, of this place or others, were erased as their "
                "time was over, and are not counted.",
                erased.reports,
            ).format(number=erased.reports)
        )
    if counts.replaced:
        remarks.append(
            ngettext(
                "{number} event is not counted by itself: its sender gave counts of the period.",
                "{number} events are not counted by themselves: their senders gave counts of the "
                "period.",
                counts.replaced,
            ).format(number=counts.replaced)
        )
    if counts.left_out:
        remarks.append(
            ngettext(
                "{number} count that a sender gave is not used: it reaches beyond the period, or "
                "overlaps another.",
                "{number} counts that senders gave are not used: they reach beyond the period, or "
                "overlap others.",
                counts.left_out,
            ).format(number=counts.left_out)
        )
    return tuple(remarks)


def _write_aggregated(
    table: StatisticalTable,
    codes: Sequence[SubstanceCode],
    observations: Sequence[Observation],
    remarks: tuple[str, ...],
) -> dict[str, Any]:
    return write_content(
        TableDocument(
            identifier=table.identifier,
            version=table.number,
            sender=table.owner.name,
            period=table.period.code,
            frequency=table.frequency,
            country=table.country,
            threshold=table.threshold if table.is_public else None,
            replaces=table.replaces.number if table.replaces is not None else None,
            reason=table.reason,
            made_at=table.made_at.isoformat(),
            remarks=remarks,
            codes=tuple(codes),
            observations=tuple(observations),
        )
    )


def _fill_exchange(actor: Actor, table: StatisticalTable, told: Sequence[StatisticalTable]) -> Made:
    cases = read_cases(get_scope(actor, table), table.period)
    if len(cases) < table.threshold:
        raise RefusedError(
            f"table {table.identifier}: {len(cases)} cases; expected {table.threshold} or more, as "
            "fewer are like nobody"
        )
    before = [one.secret["levels"] for one in _list_bases(told)]
    at_least = tuple(map(max, zip(*before, strict=True)))
    generalised = generalise(
        [one.quasi_identifiers for one in cases], threshold=table.threshold, at_least=at_least
    )
    key = _ensure_key(f"{table.owner.key}/{table.purpose}/{table.audience}")
    rows = list(derive_rows(cases, generalised, key=key, threshold=table.threshold))
    content = {
        "rows": rows,
        "cases": len(cases),
        "left_out": sum(values is None for values in generalised.values),
        "levels": dict(zip(QUASI_IDENTIFIERS, generalised.levels, strict=True)),
    }
    sources = frozenset(one.report_id for one in cases)
    return content, sources, {"levels": generalised.levels}


def _ensure_key(purpose: str) -> bytes:
    key, _made = ExchangeKey.objects.get_or_create(
        purpose=purpose, defaults={"secret": secrets.token_bytes(32)}
    )
    return bytes(key.secret)


def _store(
    actor: Actor,
    table: StatisticalTable,
    content: dict[str, Any],
    sources: frozenset[int],
    secret: dict[str, Any],
) -> StatisticalTable:
    own = ensure_handling(owner_id=table.owner_id, tlp=TrafficLight.AMBER)
    table.content = content
    table.handling = own
    table.save()
    TableBasis.objects.create(handling=own, table=table, sources=sorted(sources), secret=secret)
    record_action(actor, table, "table.made", reports=len(sources))
    return table


def _require_possible(wish: TableWish, owner: Organisation) -> None:
    if wish.kind not in TableKind.values:
        raise InvalidTableError(
            f"table: kind {wish.kind[:40]!r}; expected one of {', '.join(TableKind.values)}"
        )
    if wish.country and wish.country not in COUNTRY_CODES:
        raise InvalidTableError(
            f"table: country {wish.country[:10]!r}; expected two letters of ISO 3166-1"
        )
    known = Organisation.objects.filter(pk__in=wish.audience).count()
    if known != len(set(wish.audience)):
        raise NotFoundError("table: a recipient was not found among the organisations of this node")
    if wish.is_public and (not owner.is_own or wish.audience or wish.kind == TableKind.TOXICOLOGY):
        raise RefusedError(
            "table: for everybody; expected an aggregated table of the organisation that runs the "
            "node, without recipients"
        )


def _derive_identifier(wish: TableWish, owner: Organisation, period: Period) -> str:
    kind = "TOX" if wish.kind == TableKind.TOXICOLOGY else "PUB" if wish.is_public else "TAB"
    parts = [kind, owner.key[:30], wish.country or "ALL", period.code]
    if not wish.is_public:
        text = f"{sorted(wish.audience)} {wish.purpose}"
        parts.append(hashlib.sha256(text.encode()).hexdigest()[:8])
    return "-".join(parts)


def _list_bases(told: Sequence[StatisticalTable]) -> list[TableBasis]:
    """What earlier versions were made of, oldest first."""
    bases = TableBasis.objects.for_writing().filter(table__in=told)
    return list(bases.order_by("table__number"))
