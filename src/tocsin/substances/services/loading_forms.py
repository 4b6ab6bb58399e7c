"""Bringing the forms of the register to what its file says."""

from collections.abc import Mapping, Sequence

from tocsin.substances.formats.form_files import RegisterForm
from tocsin.substances.models import SubstanceForm
from tocsin.substances.vocabulary import Origin

_FIELDS = ("substance_id", "kind", "form", "name", "smiles", "cas", "source", "origin")


def load_forms(forms: Sequence[RegisterForm], substance_ids: Mapping[str, int]) -> dict[str, int]:
    """Add, change and withdraw forms, in the caller's transaction; return how many of each.

    A form that a person added stays where the file does not have it, and becomes the file's where
    it does. A form stays with the entry it was given to, whatever that was merged into.
    """
    held = {row.inchikey: row for row in SubstanceForm.objects.all()}
    added, changed = [], []
    kept = set()
    for known in forms:
        if known.substance_key not in substance_ids:
            continue
        kept.add(known.inchikey)
        values = {
            "substance_id": substance_ids[known.substance_key],
            "kind": known.kind,
            "form": known.form,
            "name": known.name,
            "smiles": known.smiles,
            "cas": known.cas,
            "source": known.source,
            "origin": Origin.REGISTER.value,
        }
        row = held.get(known.inchikey)
        if row is None:
            added.append(SubstanceForm(inchikey=known.inchikey, **values))
        elif any(getattr(row, field) != values[field] for field in _FIELDS):
            for field in _FIELDS:
                setattr(row, field, values[field])
            changed.append(row)
    withdrawn = [
        row.pk for key, row in held.items() if key not in kept and row.origin == Origin.REGISTER
    ]
    SubstanceForm.objects.bulk_create(added)
    SubstanceForm.objects.bulk_update(changed, [field.removesuffix("_id") for field in _FIELDS])
    SubstanceForm.objects.filter(pk__in=withdrawn).delete()
    return {
        "forms_added": len(added),
        "forms_changed": len(changed),
        "forms_withdrawn": len(withdrawn),
    }
