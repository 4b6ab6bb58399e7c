"""Recording what has no structure: unknown features and products. One transaction each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from tocsin.errors import NotFoundError, RefusedError
from tocsin.journal.services import ActorName, record
from tocsin.substances.models import (
    ClassHypothesis,
    FormulaHypothesis,
    Product,
    ProductComponent,
    Substance,
    SubstanceClass,
    UnknownFeature,
)
from tocsin.substances.queries import get_substance
from tocsin.substances.services.adding import (
    parse_substance_key,
    parse_substance_name,
    refuse_held_name,
)
from tocsin.substances.services.state import lock_register, mark_register_changed
from tocsin.substances.vocabulary import ComponentRole, Polarity, SubstanceKind

UNDETERMINED_CLASS = "undetermined"
"""Key of the class of what belongs to none that is known."""


@dataclass(frozen=True, slots=True)
class PossibleFormula:
    """A formula that fits; error_ppm: signed mass error; score: 0 to 1, or None."""

    formula: str
    error_ppm: Decimal | None = None
    score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PossibleClass:
    """A class that an unknown may belong to; probability: 0 to 1; ground: what speaks for it."""

    key: str
    probability: Decimal
    ground: str = ""


@dataclass(frozen=True, slots=True)
class UnknownDescription:
    """What was measured of an unknown feature; precursor_mz in Th."""

    precursor_mz: Decimal
    polarity: str = Polarity.POSITIVE.value
    adduct: str = ""
    collision: str = ""
    retention: str = ""
    formulas: tuple[PossibleFormula, ...] = ()
    classes: tuple[PossibleClass, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """What was found in a product; percent: mass fraction, 0 to 100, or None."""

    substance_key: str
    role: str = ComponentRole.UNKNOWN.value
    amount: str = ""
    percent: Decimal | None = None
    technique: str = ""
    note: str = ""


@transaction.atomic
def record_unknown(
    actor: ActorName, *, name: str, description: UnknownDescription, note: str = ""
) -> Substance:
    """Hold an unknown feature, so that findings can be of it until somebody knows what it is.

    Its class is the most probable one, or "undetermined". Journals ``substance.unknown-recorded``.
    Raises BadNameError, DuplicateSubstanceError for a name that is held, NotFoundError for an
    unknown class, RefusedError for a value outside its bounds.
    """
    lock_register()
    _require_measured(description)
    keys = [one.key for one in description.classes]
    classes = {one.key: one for one in SubstanceClass.objects.filter(key__in=keys)}
    for key in keys:
        if key not in classes:
            raise NotFoundError(f"class of substances {key[:60]!r}: not found")
    likely = max(description.classes, key=lambda one: one.probability, default=None)
    entry = _add_entry(
        SubstanceKind.UNKNOWN,
        name,
        classes[likely.key] if likely else _get_undetermined_class(),
        formula=description.formulas[0].formula if len(description.formulas) == 1 else "",
        note=note,
    )
    unknown = UnknownFeature.objects.create(
        substance=entry,
        precursor_mz=description.precursor_mz,
        polarity=description.polarity,
        adduct=description.adduct,
        collision=description.collision,
        retention=description.retention,
    )
    FormulaHypothesis.objects.bulk_create(
        FormulaHypothesis(
            unknown=unknown, formula=one.formula, error_ppm=one.error_ppm, score=one.score
        )
        for one in description.formulas
    )
    ClassHypothesis.objects.bulk_create(
        ClassHypothesis(
            unknown=unknown,
            substance_class=classes[one.key],
            probability=one.probability,
            ground=one.ground,
        )
        for one in description.classes
    )
    _journal(
        actor,
        "substance.unknown-recorded",
        entry,
        {"precursor_mz": str(description.precursor_mz), "polarity": description.polarity},
    )
    return entry


@transaction.atomic
def record_product(
    actor: ActorName,
    *,
    name: str,
    components: Sequence[Component],
    brand: str = "",
    label_claim: str = "",
    note: str = "",
) -> Substance:
    """Hold a product or mixture: what it claims to be, and apart from that what was found in it.

    Journals ``substance.product-recorded``. Raises BadNameError, DuplicateSubstanceError for a name
    that is held, NotFoundError for an unknown component, RefusedError for a component that is
    itself a product or comes twice, or a value outside its bounds.
    """
    lock_register()
    found = [(one, get_substance(one.substance_key)) for one in components]
    _require_components(name, found)
    entry = _add_entry(SubstanceKind.PRODUCT, name, _get_undetermined_class(), note=note)
    product = Product.objects.create(
        substance=entry, brand=brand.strip(), label_claim=label_claim.strip()
    )
    ProductComponent.objects.bulk_create(
        ProductComponent(
            product=product,
            substance=substance,
            role=one.role,
            amount=one.amount,
            percent=one.percent,
            technique=one.technique,
            note=one.note,
        )
        for one, substance in found
    )
    _journal(
        actor,
        "substance.product-recorded",
        entry,
        {"components": [substance.key for _one, substance in found]},
    )
    return entry


def _add_entry(
    kind: SubstanceKind,
    name: str,
    substance_class: SubstanceClass,
    *,
    formula: str = "",
    note: str = "",
) -> Substance:
    name = parse_substance_name(name)
    refuse_held_name(name)
    key = parse_substance_key(name)
    if Substance.including_merged.filter(key=key).exists():
        raise RefusedError(f"substance {name!r}: the key {key} is held; expected another name")
    entry = Substance.objects.create(
        key=key,
        name=name,
        kind=kind,
        substance_class=substance_class,
        formula=formula,
        note=note.replace("\0", ""),
    )
    mark_register_changed()
    return entry


def _get_undetermined_class() -> SubstanceClass:
    held, _is_new = SubstanceClass.objects.get_or_create(
        key=UNDETERMINED_CLASS, defaults={"name": "Class undetermined"}
    )
    return held


def _require_measured(description: UnknownDescription) -> None:
    if not 1 <= description.precursor_mz <= 10_000:
        raise RefusedError(
            f"unknown feature: found the precursor m/z {description.precursor_mz}; expected 1 to "
            "10,000 Th"
        )
    if description.polarity not in Polarity.values:
        raise RefusedError(
            f"unknown feature: found the polarity {description.polarity[:20]!r}; expected one of "
            f"{', '.join(Polarity.values)}"
        )
    fractions = [one.probability for one in description.classes]
    fractions += [one.score for one in description.formulas if one.score is not None]
    for fraction in fractions:
        if not 0 <= fraction <= 1:
            raise RefusedError(
                f"unknown feature: found {fraction} as probability or score; expected 0 to 1"
            )
    for what, said in (
        ("formula", [one.formula for one in description.formulas]),
        ("class", [one.key for one in description.classes]),
    ):
        if len(set(said)) < len(said):
            raise RefusedError(f"unknown feature: found one {what} twice; expected each once")


def _require_components(name: str, found: list[tuple[Component, Substance]]) -> None:
    if not found:
        raise RefusedError(f"product {name[:60]!r}: found no component; expected one or more")
    if len({substance.pk for _one, substance in found}) < len(found):
        raise RefusedError(f"product {name[:60]!r}: found one component twice; expected each once")
    for one, substance in found:
        if substance.kind == SubstanceKind.PRODUCT:
            raise RefusedError(
                f"product {name[:60]!r}: its component {substance.key} is a product; expected what "
                "was found in it"
            )
        if one.role not in ComponentRole.values:
            raise RefusedError(
                f"component {substance.key}: found the role {one.role[:20]!r}; expected one of "
                f"{', '.join(ComponentRole.values)}"
            )
        if one.percent is not None and not 0 <= one.percent <= 100:
            raise RefusedError(
                f"component {substance.key}: found {one.percent} percent; expected 0 to 100"
            )


def _journal(actor: ActorName, action: str, entry: Substance, details: dict[str, object]) -> None:
    record(
        actor=actor,
        action=action,
        record_type="substance",
        record_id=entry.key,
        details={"name": entry.name, **details},
    )
