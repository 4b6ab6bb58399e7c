"""All reading of the journal, its verification included."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet, Subquery

from tocsin.journal.models import EMPTY_DIGEST, JournalEntry, JournalHead


@dataclass(frozen=True, slots=True)
class JournalBreak:
    """Where the chain does not hold, and how."""

    sequence: int
    what: str


@dataclass(frozen=True, slots=True)
class JournalVerification:
    """The result of reading the whole chain: how many entries, the head, and the first break."""

    entries: int
    head_digest: str
    first_break: JournalBreak | None

    @property
    def is_intact(self) -> bool:
        return self.first_break is None


def list_entries(
    *, action: str = "", person: str = "", record_type: str = "", record_id: str = ""
) -> QuerySet[JournalEntry]:
    """Return the entries that match every given filter, newest first."""
    entries = JournalEntry.objects.all()
    if action:
        entries = entries.filter(action__startswith=action)
    if person:
        entries = entries.filter(person=person)
    if record_type:
        entries = entries.filter(record_type=record_type)
    if record_id:
        entries = entries.filter(record_id=record_id)
    return entries


def verify_journal(*, report_progress: Callable[[int], None] | None = None) -> JournalVerification:
    """Read the chain from its first entry and say where it first breaks.

    Finds an altered entry, a removed entry, an added entry, and a shortened or replaced tail (the
    head row no longer fits). A tail removed together with its head row can only be found against a
    head digest that was kept outside the node: print it and keep it.
    report_progress: called with the number of entries read so far, every 10,000 entries.
    """
    head = _read_head()
    digest = EMPTY_DIGEST
    count = 0
    entries = JournalEntry.objects.filter(sequence__lte=head.last_sequence).order_by("sequence")
    for entry in entries.iterator(chunk_size=5_000):
        what = _find_break(entry, count + 1, digest)
        if what is not None:
            return JournalVerification(count, digest.hex(), JournalBreak(count + 1, what))
        digest = bytes(entry.digest)
        count += 1
        if report_progress is not None and count % 10_000 == 0:
            report_progress(count)
    if (head.sequence, head.digest) != (count, digest):
        what = f"the head names entry {head.sequence}; the last is {count}"
        return JournalVerification(count, digest.hex(), JournalBreak(head.sequence, what))
    return JournalVerification(count, digest.hex(), None)


def _find_break(entry: JournalEntry, expected_sequence: int, digest: bytes) -> str | None:
    """Say how an entry does not continue the chain that ends in a digest, or None."""
    if entry.sequence != expected_sequence:
        return f"missing; the next entry is {entry.sequence}"
    if bytes(entry.previous_digest) != digest:
        return "does not follow its predecessor"
    if entry.derive_digest() != bytes(entry.digest):
        return "content was altered"
    return None


@dataclass(frozen=True, slots=True)
class _Head:
    sequence: int
    digest: bytes
    last_sequence: int


def _read_head() -> _Head:
    """Read what the head names and the last entry's number, at one moment.

    Entries that are appended while the chain is read come after it, and are left to the next time.
    """
    last = JournalEntry.objects.order_by("-sequence").values("sequence")[:1]
    head = JournalHead.objects.filter(pk=1).annotate(last=Subquery(last)).first()
    if head is None:
        newest = last.first()
        return _Head(0, EMPTY_DIGEST, newest["sequence"] if newest else 0)
    return _Head(head.sequence, bytes(head.digest), head.last or 0)
