"""Finding entries of the register by identifiers, and what they stand for now."""

from collections.abc import Iterable

from tocsin.substances.models import Substance, SubstanceForm


def list_with_cas(number: str) -> list[Substance]:
    """List the entries with this CAS number by key, those that were merged among them."""
    entries = Substance.including_merged.select_related("merged_into")
    return list(entries.filter(cas=number).order_by("key"))


def list_with_connectivity(block: str) -> list[Substance]:
    """List the entries whose InChIKey begins so by key, those that were merged among them."""
    entries = Substance.including_merged.select_related("merged_into")
    return list(entries.filter(inchikey__startswith=block).order_by("key"))


def list_standing(entries: Iterable[Substance]) -> list[Substance]:
    """List what these entries stand for now, each once, in their order."""
    return list({one.standing.pk: one.standing for one in entries}.values())


def find_form_with(*, cas: str = "", inchikey: str = "") -> SubstanceForm | None:
    """Find the form that alone has this CAS number or InChIKey."""
    forms = SubstanceForm.objects.select_related("substance__merged_into")
    held = list(forms.filter(cas=cas) if cas else forms.filter(inchikey=inchikey))
    return held[0] if len(held) == 1 else None
