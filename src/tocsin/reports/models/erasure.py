"""The node's secret for digests of what was erased."""

from django.db import models

ERASED_PREFIX = "erased:"
"""Begins the key of a report whose content was erased; a keyed digest of its former key follows."""


class ErasureKey(models.Model):
    """The secret behind digests of what was erased: one row, made when it is first needed.

    It lies in the database, so that a node that was restored still knows what it erased.
    """

    personal_data = "none"

    id = models.SmallIntegerField(primary_key=True, default=1)
    secret = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_erasure_key"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
