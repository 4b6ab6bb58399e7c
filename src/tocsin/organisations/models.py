"""Organisations, their people, and the handling that every shared record carries."""

import hashlib
import json
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.visibility import GuardedManager
from tocsin.organisations.vocabulary import OrganisationKind, Purpose, Role, TrafficLight


class Organisation(models.Model):
    """One organisation of the network; exactly one is the node's own. None is ever deleted."""

    personal_data = "none"

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    country = models.CharField(_("country"), max_length=2, blank=True)
    is_own = models.BooleanField(_("runs this node"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(
                fields=["is_own"], condition=models.Q(is_own=True), name="one_organisation_is_own"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """A person's account: who may log in, for which organisation, in which roles."""

    personal_data = "user name and work e-mail address of the node's own users, needed to log in"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="people",
        verbose_name=_("organisation"),
    )
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices), default=list, verbose_name=_("roles")
    )

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username


class Handling(models.Model):
    """Under which rules a record is held: owner, TLP level, audience, purposes. Never changed.

    Records with equal rules share one row, so that what an actor may see is decided once per
    rule and not once per record. An empty audience means nobody but the owner.
    """

    personal_data = "none"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, verbose_name=_("owner"))
    tlp = models.CharField(_("TLP level"), max_length=12, choices=TrafficLight.choices)
    audience = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("audience"))
    people = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("named persons"))
    purposes = ArrayField(
        models.CharField(max_length=20, choices=Purpose.choices),
        default=list,
        verbose_name=_("permitted purposes"),
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = _("handling")
        verbose_name_plural = _("handling")

    def __str__(self) -> str:
        return f"TLP:{self.tlp}"

    @staticmethod
    def derive_digest(
        owner_id: int, tlp: str, audience: list[int], people: list[int], purposes: list[str]
    ) -> str:
        """Return the SHA-256 of the rules, 64 hexadecimal digits."""
        content = json.dumps([owner_id, tlp, audience, people, purposes], separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


class ApiToken(models.Model):
    """A person's key to the API; only its digest is kept."""

    personal_data = "belongs to an account"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(_("label"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.label


class GuardedRecord(models.Model):
    """Base of every record whose handling decides who may read it."""

    handling_path: ClassVar[str]

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        abstract = True


class SharedRecord(GuardedRecord):
    """Base of every record that carries a handling of its own."""

    handling_path: ClassVar[str] = "handling"

    handling = models.ForeignKey(
        Handling, on_delete=models.PROTECT, related_name="+", verbose_name=_("handling")
    )

    class Meta:
        abstract = True
