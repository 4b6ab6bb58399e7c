"""Looking up what texts mean, and making written names of those that are new."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tocsin.reports.models import WrittenName
from tocsin.substances.queries import find_substance_ids, load_name_index, resolve_text


@dataclass(slots=True)
class NameBook:
    """The written names of one owner, looked up once and made where they are missing.

    What comes in is read as the text means by itself: a later reading holds for the very versions
    it was written for.
    """

    owner_id: int
    _held: dict[str, tuple[int, bool]] = field(default_factory=dict)

    def ensure(self, texts: Iterable[str]) -> None:
        """Make sure every text has a row, resolved by the register where it is sure."""
        wanted = {text for text in texts if text not in self._held}
        if not wanted:
            return
        self._load(wanted)
        missing = sorted(wanted - self._held.keys())
        if not missing:
            return
        index = load_name_index()
        resolutions = [
            (text, resolve_text(text, index, offers_candidates=False)) for text in missing
        ]
        numbers = find_substance_ids(
            resolution.substance.key for _text, resolution in resolutions if resolution.substance
        )
        WrittenName.objects.bulk_create(
            [
                WrittenName(
                    owner_id=self.owner_id,
                    text=text,
                    substance_id=numbers[resolution.substance.key]
                    if resolution.substance
                    else None,
                    form=resolution.form if resolution.substance else "",
                    tier=resolution.tier if resolution.substance else "",
                )
                for text, resolution in resolutions
            ],
            ignore_conflicts=True,
        )
        self._load(set(missing))

    def get_id(self, text: str) -> int:
        """Return the number of a text that ``ensure`` has seen."""
        return self._held[text][0]

    def is_resolved(self, text: str) -> bool:
        """Tell whether a text that ``ensure`` has seen stands for a substance."""
        return self._held[text][1]

    def find_unknown(self, texts: set[str]) -> set[str]:
        """Return those texts that nothing stands for yet; writes nothing."""
        unseen = texts - self._held.keys()
        self._load(unseen)
        index = load_name_index()
        for text in unseen - self._held.keys():
            resolution = resolve_text(text, index, offers_candidates=False)
            self._held[text] = (0, resolution.substance is not None)
        return {text for text in texts if not self._held[text][1]}

    def _load(self, texts: set[str]) -> None:
        rows = WrittenName.objects.filter(owner_id=self.owner_id, text__in=texts, reading=None)
        for text, pk, substance_id in rows.values_list("text", "pk", "substance_id"):
            self._held[text] = (pk, substance_id is not None)
