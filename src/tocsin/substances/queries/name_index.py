"""The index of all names, held by the process and built anew after a change of the register."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from tocsin.science.chemical_forms import is_base
from tocsin.science.names import NameIndex, NameTraits
from tocsin.substances.models import RegisterState, Substance, SubstanceName

NO_CONFIGURATION = "UHFFFAOYSA"
"""The second block of an InChIKey, as far as it goes, where no configuration is stated."""


@dataclass(frozen=True, slots=True)
class _CachedIndex:
    revision: UUID | None
    index: NameIndex


_cached: list[_CachedIndex] = []
_cache_lock = threading.Lock()


def load_name_index() -> NameIndex:
    """Return the index of every name of the register, built anew only after a change of it.

    One short query while nothing changed; the index itself is shared by the process's threads.
    The revision is read before the names, so that names that came in between are indexed again.
    """
    revision = RegisterState.objects.values_list("revision", flat=True).filter(pk=1).first()
    for cached in tuple(_cached):
        if cached.revision == revision and revision is not None:
            return cached.index
    substances = Substance.objects.order_by("pk").values_list("key", "name", "smiles", "inchikey")
    index = NameIndex(
        SubstanceName.objects.order_by("pk").values_list("text", "substance__key", "kind"),
        preferred_names={key: name for key, name, _smiles, _inchikey in substances},
        traits=LazyTraits(
            {key: (smiles, inchikey) for key, _name, smiles, inchikey in substances if smiles}
        ),
    )
    with _cache_lock:
        _cached[:] = [_CachedIndex(revision, index)]
    return index


class LazyTraits(Mapping[str, NameTraits]):
    """The traits of each substance, derived from its structure when first asked for.

    structures: substance key to SMILES and InChIKey. Few names state a salt, so few structures
    are ever read.
    """

    def __init__(self, structures: Mapping[str, tuple[str, str]]) -> None:
        self._structures = structures
        self._derived: dict[str, NameTraits] = {}

    def __getitem__(self, key: str) -> NameTraits:
        if key not in self._derived:
            self._derived[key] = derive_traits(*self._structures[key])
        return self._derived[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._structures)

    def __len__(self) -> int:
        return len(self._structures)


def derive_traits(smiles: str, inchikey: str) -> NameTraits:
    """Derive what a substance's structure lets its names say."""
    return NameTraits(
        is_base=is_base(smiles),
        has_configuration=not inchikey[15:].startswith(NO_CONFIGURATION),
    )
