"""What people add to the register: names and substances."""

from decimal import Decimal

from django.db import transaction
from django.utils.text import slugify

from tocsin.errors import BadNameError, DuplicateSubstanceError, NotFoundError
from tocsin.journal.services import ActorName, record
from tocsin.science.cas import parse_cas_number
from tocsin.science.names import (
    LONGEST_NAME_CHARACTERS,
    is_name_shaped,
    normalise_name,
)
from tocsin.science.structures import parse_structure
from tocsin.substances.models import Substance, SubstanceClass, SubstanceName
from tocsin.substances.queries import get_substance, resolve_text
from tocsin.substances.services.state import lock_register, mark_register_changed
from tocsin.substances.vocabulary import NameKind, Origin, SubstanceKind

_LONGEST_KEY_CHARACTERS = 120


@transaction.atomic
def add_name(
    actor: ActorName,
    substance_key: str,
    text: str,
    language: str = "",
    kind: str = NameKind.COMMON,
    source: str = "",
) -> SubstanceName:
    """Give a substance a further name and journal it; a name already held is returned as it is.

    Raises NotFoundError for an unknown substance, BadNameError for a text, language or kind that
    cannot be held.
    """
    lock_register()
    substance = get_substance(substance_key)
    name = _parse_name(text)
    if kind not in NameKind.values:
        raise BadNameError(
            f"name {name!r}: found the kind {kind!r}; expected one of {', '.join(NameKind.values)}"
        )
    if len(language) > 10 or not (language.isascii() and language.isprintable()):
        raise BadNameError(f"name {name!r}: found the language {language[:20]!r}; expected a code")
    held = SubstanceName.objects.filter(substance=substance, text=name, language=language).first()
    if held is not None:
        return held
    added = SubstanceName.objects.create(
        substance=substance,
        text=name,
        normalised=normalise_name(name),
        language=language,
        kind=kind,
        source=source,
        origin=Origin.ADDED,
    )
    mark_register_changed()
    record(
        actor=actor,
        action="substance.named",
        record_type="substance",
        record_id=substance.key,
        details={"name": name, "language": language, "kind": str(kind)},
    )
    return added


@transaction.atomic
def add_substance(
    actor: ActorName,
    *,
    name: str,
    substance_class: str,
    key: str = "",
    smiles: str = "",
    cas: str = "",
    note: str = "",
) -> Substance:
    """Add a substance that the register lacks, unreviewed, and journal it.

    key: by default made from the name. smiles: InChIKey, formula and mass are derived from it.
    Raises DuplicateSubstanceError where the key, the name, the CAS number or the structure is
    already held, NotFoundError for an unknown class, BadNameError, BadStructureError and
    BadCasNumberError for what cannot be read.
    """
    lock_register()
    name = _parse_name(name)
    class_row = SubstanceClass.objects.filter(key=substance_class.replace("\0", "")).first()
    if class_row is None:
        raise NotFoundError(f"class of substances {substance_class[:60]!r}: not found")
    substance = Substance(
        key=_parse_key(name, key),
        name=name,
        kind=SubstanceKind.SUBSTANCE,
        substance_class=class_row,
        cas=parse_cas_number(cas) if cas.strip() else "",
        note=note.replace("\0", ""),
    )
    if smiles.strip():
        structure = parse_structure(smiles)
        substance.smiles = structure.smiles
        substance.inchikey = structure.inchikey
        substance.formula = structure.formula
        substance.mass_da = Decimal(str(structure.mass_da))
    _refuse_held(substance)
    substance.save(force_insert=True)
    mark_register_changed()
    record(
        actor=actor,
        action="substance.added",
        record_type="substance",
        record_id=substance.key,
        details={"name": name, "class": class_row.key, "inchikey": substance.inchikey},
    )
    return substance


def _parse_name(text: str) -> str:
    name = text.strip()
    if not is_name_shaped(name):
        raise BadNameError(
            f"name {name[:60]!r}: found {len(name)} characters; expected 1 to "
            f"{LONGEST_NAME_CHARACTERS} visible ones with a letter or digit among them"
        )
    return name


def _parse_key(name: str, key: str) -> str:
    made = slugify(key or normalise_name(name))[:_LONGEST_KEY_CHARACTERS].strip("-_")
    if not made or (key and made != key):
        raise BadNameError(
            f"key {key[:60]!r} of substance {name!r}: expected at most {_LONGEST_KEY_CHARACTERS} "
            "small letters, digits and hyphens"
        )
    return made


def _refuse_held(substance: Substance) -> None:
    held = Substance.objects.filter(key=substance.key).first()
    if held is not None:
        raise DuplicateSubstanceError(substance.name, held_key=held.key, because="same key")
    for column in ("inchikey", "cas"):
        value = getattr(substance, column)
        held = Substance.objects.filter(**{column: value}).first() if value else None
        if held is not None:
            because = f"same {column} {value}"
            raise DuplicateSubstanceError(substance.name, held_key=held.key, because=because)
    resolution = resolve_text(substance.name)
    if resolution.tier in ("exact", "normalised") and resolution.substance is not None:
        raise DuplicateSubstanceError(
            substance.name, held_key=resolution.substance.key, because="same name"
        )
