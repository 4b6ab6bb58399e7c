"""The journal's two tables: entries that are only ever added, and the head of their chain."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

EMPTY_DIGEST = bytes(32)
"""What the first entry names as its predecessor."""


class JournalEntry(models.Model):
    """Who did what, when, on which record; chained to the entry before it.

    The database refuses UPDATE, DELETE and TRUNCATE on this table, for every role.
    """

    personal_data = "account names of the node's own people: an audit trail must name who acted"

    sequence = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"), db_index=True)
    person = models.CharField(_("who"), max_length=150, db_index=True)
    organisation = models.CharField(_("organisation"), max_length=80)
    action = models.CharField(_("what"), max_length=80, db_index=True)
    record_type = models.CharField(_("kind of record"), max_length=40)
    record_id = models.CharField(_("record"), max_length=120)
    details = models.JSONField(_("details"), default=dict, encoder=DjangoJSONEncoder)
    previous_digest = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["-sequence"]
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        indexes = [
            models.Index(fields=["record_type", "record_id"], name="journal_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.record_type} {self.record_id}"

    def derive_digest(self) -> bytes:
        """Return the SHA-256 over the predecessor's digest and this entry's content, 32 bytes."""
        return derive_entry_digest(
            bytes(self.previous_digest),
            sequence=self.sequence,
            at=self.at,
            person=self.person,
            organisation=self.organisation,
            action=self.action,
            record_type=self.record_type,
            record_id=self.record_id,
            details=self.details,
        )


class JournalHead(models.Model):
    """The last entry's number and digest: one row, locked by whoever appends."""

    personal_data = "none"

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    digest = models.BinaryField(max_length=32, default=EMPTY_DIGEST)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="journal_has_one_head"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {bytes(self.digest).hex()}"


def derive_entry_digest(
    previous_digest: bytes,
    *,
    sequence: int,
    at: datetime,
    person: str,
    organisation: str,
    action: str,
    record_type: str,
    record_id: str,
    details: dict[str, Any],
) -> bytes:
    """Return the SHA-256 that chains one entry to the entry before it, 32 bytes.

    The content is written as JSON with sorted keys and no spaces; ``at`` in UTC to the microsecond.
    Source: RFC 6962 section 2.1 uses the same one-way order of leaves; here a plain hash chain.
    """
    content = json.dumps(
        [
            sequence,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
            person,
            organisation,
            action,
            record_type,
            record_id,
            details,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        cls=DjangoJSONEncoder,
    )
    return hashlib.sha256(previous_digest + content.encode()).digest()
