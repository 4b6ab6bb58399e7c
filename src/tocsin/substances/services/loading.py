"""Bringing the register to what its seed files say, without touching what people added."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from tocsin.journal.services import ActorName, record
from tocsin.science.names import normalise_name
from tocsin.substances.formats.form_files import read_forms
from tocsin.substances.formats.register_files import (
    SEED_DIRECTORY,
    Register,
    RegisterName,
    RegisterSubstance,
    read_register,
)
from tocsin.substances.models import GroupMember, Substance, SubstanceClass, SubstanceName
from tocsin.substances.services.loading_forms import load_forms
from tocsin.substances.services.state import lock_register, mark_register_changed
from tocsin.substances.vocabulary import NameKind, Origin

_SUBSTANCE_FIELDS = (
    *("name", "kind", "substance_class_id", "smiles", "inchikey", "formula", "mass_da", "cas"),
    *("reviewed", "route_1", "route_2", "note", "origin"),
)


@dataclass(frozen=True, slots=True)
class RegisterLoad:
    """How many rows a loading of the seed files added, changed and withdrew.

    substances_left: rows of the files whose key a person's own, different substance holds.
    """

    classes_added: int = 0
    classes_changed: int = 0
    substances_added: int = 0
    substances_changed: int = 0
    substances_left: int = 0
    names_added: int = 0
    names_changed: int = 0
    names_withdrawn: int = 0
    members_added: int = 0
    members_withdrawn: int = 0
    forms_added: int = 0
    forms_changed: int = 0
    forms_withdrawn: int = 0

    @property
    def has_changes(self) -> bool:
        """Tell whether anything was written."""
        return any(count for name, count in asdict(self).items() if name != "substances_left")


def load_register(actor: ActorName, directory: Path = SEED_DIRECTORY) -> RegisterLoad:
    """Bring the register to what the seed files say, and return what changed.

    One transaction under the register's lock, with one journal entry; a second loading of the
    same files writes nothing. Names and members that earlier files brought and these no longer
    have are withdrawn. What a person added stays, and no substance is ever removed, because
    evidence may name it. A substance that a person added under the key of the files becomes the
    files' where structure or name agree, and keeps its name; where they do not, it is left alone.
    What was merged stays merged, and a name that was split off stays where it was given.
    Raises BadRegisterError where the files contradict themselves.
    """
    register = read_register(directory)
    forms = read_forms(directory, {known.key for known in register.substances})
    with transaction.atomic():
        lock_register()
        class_ids, classes = _load_classes(register)
        substance_ids, substances = _load_substances(register, class_ids)
        counts = RegisterLoad(
            **classes,
            **substances,
            **_load_names(register, substance_ids),
            **_load_members(register, substance_ids),
            **load_forms(forms, substance_ids),
        )
        if counts.has_changes:
            mark_register_changed()
            record(
                actor=actor,
                action="register.loaded",
                record_type="register",
                record_id="seed",
                details=asdict(counts),
            )
    return counts


def _load_classes(register: Register) -> tuple[dict[str, int], dict[str, int]]:
    held = {row.key: row for row in SubstanceClass.objects.all()}
    added, changed = [], []
    for known in register.classes:
        row = held.get(known.key)
        if row is None:
            added.append(SubstanceClass(key=known.key, name=known.name))
        elif row.name != known.name:
            row.name = known.name
            changed.append(row)
    SubstanceClass.objects.bulk_create(added)
    SubstanceClass.objects.bulk_update(changed, ["name"])
    ids = dict(SubstanceClass.objects.values_list("key", "pk"))
    return ids, {"classes_added": len(added), "classes_changed": len(changed)}


def _load_substances(
    register: Register, class_ids: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Write the substances; return the row of each key that is the files', and the counts."""
    held = {row.key: row for row in Substance.including_merged.all()}
    added: list[Substance] = []
    changed: list[Substance] = []
    names_to_keep: list[SubstanceName] = []
    left: set[str] = set()
    for known in register.substances:
        values = _substance_values(known, class_ids)
        row = held.get(known.key)
        if row is None:
            added.append(Substance(key=known.key, **values))
            continue
        if row.origin == Origin.ADDED:
            if not _is_same_substance(row, known):
                left.add(known.key)
                continue
            if row.name != known.name:
                names_to_keep.append(_keep_name(row))
        if any(getattr(row, field) != value for field, value in values.items()):
            for field, value in values.items():
                setattr(row, field, value)
            changed.append(row)
    Substance.objects.bulk_create(added)
    Substance.including_merged.bulk_update(
        changed, [field.removesuffix("_id") for field in _SUBSTANCE_FIELDS]
    )
    SubstanceName.objects.bulk_create(names_to_keep, ignore_conflicts=True)
    ids = dict(Substance.including_merged.exclude(key__in=left).values_list("key", "pk"))
    return ids, {
        "substances_added": len(added),
        "substances_changed": len(changed),
        "substances_left": len(left),
    }


def _substance_values(known: RegisterSubstance, class_ids: Mapping[str, int]) -> dict[str, Any]:
    values = {field: getattr(known, field, None) for field in _SUBSTANCE_FIELDS}
    values["substance_class_id"] = class_ids[known.class_key]
    values["origin"] = Origin.REGISTER
    return values


def _is_same_substance(row: Substance, known: RegisterSubstance) -> bool:
    if row.inchikey and known.inchikey:
        return row.inchikey == known.inchikey
    return normalise_name(row.name) == normalise_name(known.name)


def _keep_name(row: Substance) -> SubstanceName:
    return SubstanceName(
        substance_id=row.merged_into_id or row.pk,
        registered_under_id=row.pk if row.merged_into_id else None,
        text=row.name,
        normalised=normalise_name(row.name),
        kind=NameKind.COMMON,
        origin=Origin.ADDED,
    )


def _load_names(register: Register, substance_ids: Mapping[str, int]) -> dict[str, int]:
    """Add, change and withdraw names; one that a person added stays as that person wrote it.

    A name is looked for where the files gave it, whatever moved it since; a new name of what was
    merged into another is given to that other.
    """
    held = {(row.home_id, row.text, row.language): row for row in SubstanceName.objects.all()}
    merged = dict(
        Substance.including_merged.exclude(merged_into=None).values_list("pk", "merged_into")
    )
    added, changed = [], []
    kept: set[tuple[int, str, str]] = set()
    for known in register.names:
        if known.substance_key not in substance_ids:
            continue
        once = (substance_ids[known.substance_key], known.text, known.language)
        kept.add(once)
        row = held.get(once)
        if row is None:
            added.append(_derive_name_row(known, once[0], merged.get(once[0])))
        elif row.origin == Origin.REGISTER:
            fresh = (known.kind, known.source, normalise_name(known.text))
            if (row.kind, row.source, row.normalised) != fresh:
                row.kind, row.source, row.normalised = fresh
                changed.append(row)
    withdrawn = [
        row.pk for once, row in held.items() if row.origin == Origin.REGISTER and once not in kept
    ]
    SubstanceName.objects.bulk_create(added)
    SubstanceName.objects.bulk_update(changed, ["kind", "source", "normalised"])
    SubstanceName.objects.filter(pk__in=withdrawn).delete()
    return {
        "names_added": len(added),
        "names_changed": len(changed),
        "names_withdrawn": len(withdrawn),
    }


def _derive_name_row(
    known: RegisterName, substance_id: int, merged_into_id: int | None
) -> SubstanceName:
    return SubstanceName(
        substance_id=merged_into_id or substance_id,
        registered_under_id=substance_id if merged_into_id else None,
        text=known.text,
        normalised=normalise_name(known.text),
        language=known.language,
        kind=known.kind,
        source=known.source,
        origin=Origin.REGISTER,
    )


def _load_members(register: Register, substance_ids: Mapping[str, int]) -> dict[str, int]:
    """Bring the files' groups to the files' members; other groups are not looked at."""
    wanted = {
        (substance_ids[known.group_key], substance_ids[known.substance_key])
        for known in register.members
        if known.group_key in substance_ids and known.substance_key in substance_ids
    }
    groups = {
        substance_ids[known.key] for known in register.substances if known.key in substance_ids
    }
    held = {
        (row.group_id, row.member_id): row.pk
        for row in GroupMember.objects.filter(group_id__in=groups)
    }
    added = sorted(wanted - held.keys())
    withdrawn = [pk for pair, pk in held.items() if pair not in wanted]
    GroupMember.objects.bulk_create(
        GroupMember(group_id=group, member_id=member) for group, member in added
    )
    GroupMember.objects.filter(pk__in=withdrawn).delete()
    return {"members_added": len(added), "members_withdrawn": len(withdrawn)}
