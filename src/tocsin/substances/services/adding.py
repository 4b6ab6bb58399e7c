"""What people add to the register: names and substances."""

from decimal import Decimal

from django.db import transaction
from django.utils.text import slugify

from tocsin.errors import BadNameError, DuplicateSubstanceError, NotFoundError
from tocsin.journal.services import ActorName, record
from tocsin.science.cas import parse_cas_number
from tocsin.science.chemical_forms import find_form
from tocsin.science.names import (
    LONGEST_NAME_CHARACTERS,
    is_name_shaped,
    normalise_name,
)
from tocsin.science.standardising import standardise_structure
from tocsin.science.structures import Structure
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
    cannot be held, DuplicateSubstanceError for a name that was split off the substance.
    """
    lock_register()
    substance = get_substance(substance_key)
    name = parse_substance_name(text)
    if kind not in NameKind.values:
        raise BadNameError(
            f"name {name!r}: found the kind {kind!r}; expected one of {', '.join(NameKind.values)}"
        )
    if len(language) > 10 or not (language.isascii() and language.isprintable()):
        raise BadNameError(f"name {name!r}: found the language {language[:20]!r}; expected a code")
    same = SubstanceName.objects.select_related("substance").filter(text=name, language=language)
    held = same.filter(substance=substance).order_by("pk").first()
    if held is not None:
        return held
    moved = same.filter(registered_under=substance).first()
    if moved is not None:
        because = "this name was split off and given to it"
        raise DuplicateSubstanceError(name, held_key=moved.substance.key, because=because)
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
    split_from: str = "",
) -> Substance:
    """Add a substance that the register lacks, unreviewed, and journal it.

    key: by default made from the name. smiles: standardised, of a salt the parent; InChIKey,
    formula and mass are derived from it, and the journal says what was changed.
    split_from: key of a substance whose name the new one may have, because it is split from it.
    Raises DuplicateSubstanceError where the key, the name, the CAS number or the structure is
    already held, NotFoundError for an unknown class, BadNameError, BadStructureError and
    BadCasNumberError for what cannot be read.
    """
    lock_register()
    name = parse_substance_name(name)
    class_row = SubstanceClass.objects.filter(key=substance_class.replace("\0", "")).first()
    if class_row is None:
        raise NotFoundError(f"class of substances {substance_class[:60]!r}: not found")
    substance = Substance(
        key=parse_substance_key(name, key),
        name=name,
        kind=SubstanceKind.SUBSTANCE,
        substance_class=class_row,
        cas=parse_cas_number(cas) if cas.strip() else "",
        note=note.replace("\0", ""),
    )
    changes: tuple[str, ...] = ()
    if smiles.strip():
        structure, changes = derive_held_structure(smiles)
        substance.smiles = structure.smiles
        substance.inchikey = structure.inchikey
        substance.formula = structure.formula
        substance.mass_da = Decimal(str(structure.mass_da))
    _refuse_held(substance, split_from)
    substance.save(force_insert=True)
    mark_register_changed()
    record(
        actor=actor,
        action="substance.added",
        record_type="substance",
        record_id=substance.key,
        details={
            "name": name,
            "class": class_row.key,
            "inchikey": substance.inchikey,
            **({"structure_changes": list(changes)} if changes else {}),
        },
    )
    return substance


def derive_held_structure(smiles: str) -> tuple[Structure, tuple[str, ...]]:
    """Derive the structure that the register holds of a structure as drawn, and what was changed.

    It is standardised; a salt, ion or isotopologue is held as its parent, a mixture as it is.
    Raises BadStructureError as parse_structure.
    """
    standard = standardise_structure(smiles)
    part = find_form(smiles)
    if part is None or not part.form:
        return standard.structure, standard.changes
    return part.parent, (*standard.changes, *part.form.split(", "))


def parse_substance_name(text: str) -> str:
    """Return a text as the name of an entry; raises BadNameError where it cannot be one."""
    name = text.strip()
    if not is_name_shaped(name):
        raise BadNameError(
            f"name {name[:60]!r}: found {len(name)} characters; expected 1 to "
            f"{LONGEST_NAME_CHARACTERS} visible ones with a letter or digit among them"
        )
    return name


def parse_substance_key(name: str, key: str = "") -> str:
    """Return the key asked for, or one made from the name; raises BadNameError for neither."""
    made = slugify(key or normalise_name(name))[:_LONGEST_KEY_CHARACTERS].strip("-_")
    if not made or (key and made != key):
        raise BadNameError(
            f"key {key[:60]!r} of substance {name!r}: expected at most {_LONGEST_KEY_CHARACTERS} "
            "small letters, digits and hyphens"
        )
    return made


def _refuse_held(substance: Substance, split_from: str) -> None:
    entries = Substance.including_merged.select_related("merged_into")
    held = entries.filter(key=substance.key).first()
    if held is not None:
        raise DuplicateSubstanceError(substance.name, held_key=held.key, because="same key")
    for column in ("inchikey", "cas"):
        value = getattr(substance, column)
        held = entries.filter(**{column: value}).first() if value else None
        if held is not None:
            because = f"same {column} {value}"
            raise DuplicateSubstanceError(
                substance.name, held_key=held.standing.key, because=because
            )
    refuse_held_name(substance.name, split_from)


def refuse_held_name(name: str, split_from: str = "") -> None:
    """Do nothing where a name is free or names what it is split from; DuplicateSubstanceError."""
    found = resolve_text(name)
    held = found.substance if found.tier in ("exact", "normalised") else None
    if held is not None and held.key != split_from:
        raise DuplicateSubstanceError(name, held_key=held.key, because="same name")
