"""The register: classes, substances and groups, their names. Reference data, open to every reader.

The rows change only through ``services``, which also marks the register as changed.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tocsin.substances.vocabulary import GROUP_KINDS, NameKind, Origin, SubstanceKind


class SubstanceClass(models.Model):
    """A family of substances, such as the nitazenes."""

    personal_data = "none"

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        ordering = ["name"]
        verbose_name = _("class of substances")
        verbose_name_plural = _("classes of substances")

    def __str__(self) -> str:
        return self.name


class StandingSubstances(models.Manager["Substance"]):
    """Leaves out what was merged into another, whose names stand under that other now."""

    def get_queryset(self) -> models.QuerySet["Substance"]:
        return super().get_queryset().filter(merged_into=None)


class Substance(models.Model):
    """A substance, a group, an unknown feature or a product: what a finding can be of.

    inchikey identifies a determined structure; everything but a substance has none. mass_da is the
    average mass. reviewed: the structure was confirmed by the two independent routes that are
    named. merged_into: what this key stands for now, never itself merged; merged_by: the event
    that said so. A merged row stays, because findings, signals and alerts of the past name it.
    """

    personal_data = "none"

    key = models.SlugField(_("key"), max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=500)
    kind = models.CharField(
        _("kind"), max_length=20, choices=SubstanceKind.choices, default=SubstanceKind.SUBSTANCE
    )
    substance_class = models.ForeignKey(
        SubstanceClass,
        on_delete=models.PROTECT,
        related_name="substances",
        verbose_name=_("class"),
    )
    smiles = models.CharField(_("SMILES"), max_length=2_000, blank=True)
    inchikey = models.CharField(_("InChIKey"), max_length=27, blank=True, db_index=True)
    formula = models.CharField(_("formula"), max_length=200, blank=True)
    mass_da = models.DecimalField(
        _("average mass (Da)"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    cas = models.CharField(_("CAS number"), max_length=12, blank=True, db_index=True)
    reviewed = models.BooleanField(_("reviewed"), default=False)
    route_1 = models.CharField(_("first route of review"), max_length=300, blank=True)
    route_2 = models.CharField(_("second route of review"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)
    origin = models.CharField(
        _("brought by"), max_length=20, choices=Origin.choices, default=Origin.ADDED
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    merged_by = models.ForeignKey(
        "IdentityEvent", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    members = models.ManyToManyField(
        "self",
        through="GroupMember",
        through_fields=("group", "member"),
        symmetrical=False,
        related_name="groups",
        verbose_name=_("members"),
    )

    objects: ClassVar[models.Manager["Substance"]] = StandingSubstances()
    including_merged: ClassVar[models.Manager["Substance"]] = models.Manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("substance")
        verbose_name_plural = _("substances")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=SubstanceKind.values), name="substance_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=SubstanceKind.SUBSTANCE)
                | models.Q(smiles="", inchikey="", cas=""),
                name="substance_group_has_no_structure",
            ),
            models.CheckConstraint(
                condition=models.Q(smiles="", inchikey="")
                | (~models.Q(smiles="") & ~models.Q(inchikey="")),
                name="substance_smiles_and_inchikey_go_together",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed=False) | ~(models.Q(route_1="") | models.Q(route_2="")),
                name="substance_reviewed_by_two_routes",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None, merged_by=None)
                | models.Q(merged_into__isnull=False, merged_by__isnull=False),
                name="substance_merged_by_an_event",
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")),
                name="substance_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_group(self) -> bool:
        """Tell whether this stands for several substances."""
        return self.kind in GROUP_KINDS

    @property
    def standing(self) -> "Substance":
        """What this key stands for now: itself, or what it was merged into."""
        return self.merged_into or self


class SubstanceName(models.Model):
    """A name under which a substance goes; one name may belong to several substances.

    registered_under: whose name it was before an event of identity moved it; None for one that
    stands where it was given. The register's files are compared with that.
    """

    personal_data = "none"

    substance = models.ForeignKey(
        Substance, on_delete=models.CASCADE, related_name="names", verbose_name=_("substance")
    )
    text = models.CharField(_("name"), max_length=500)
    normalised = models.CharField(max_length=500, db_index=True, editable=False)
    language = models.CharField(_("language"), max_length=10, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=NameKind.choices)
    source = models.CharField(_("source"), max_length=300, blank=True)
    origin = models.CharField(
        _("brought by"), max_length=20, choices=Origin.choices, default=Origin.ADDED
    )
    registered_under = models.ForeignKey(
        Substance, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["text"]
        verbose_name = _("name of a substance")
        verbose_name_plural = _("names of substances")
        constraints = [
            models.UniqueConstraint(
                Coalesce("registered_under", "substance"),
                "text",
                "language",
                name="substance_name_once_a_language",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=NameKind.values), name="substance_name_kind_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(text=""), name="substance_name_is_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def home_id(self) -> int:
        """The substance that the name was given to, whatever moved it since."""
        return self.registered_under_id or self.substance_id


class GroupMember(models.Model):
    """A substance that a group may stand for."""

    personal_data = "none"

    group = models.ForeignKey(
        Substance, on_delete=models.CASCADE, related_name="member_rows", verbose_name=_("group")
    )
    member = models.ForeignKey(
        Substance, on_delete=models.CASCADE, related_name="group_rows", verbose_name=_("member")
    )

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        constraints = [
            models.UniqueConstraint(fields=["group", "member"], name="group_member_once"),
            models.CheckConstraint(
                condition=~models.Q(group=models.F("member")), name="group_is_not_its_own_member"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} ∋ {self.member_id}"


class RegisterState(models.Model):
    """One row that takes a new random revision with every change of the register.

    Random, because a counter could come back to the same number after a transaction rolled back.
    """

    personal_data = "none"

    id = models.SmallIntegerField(primary_key=True, default=1)
    revision = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="register_has_one_state"),
        ]

    def __str__(self) -> str:
        return str(self.revision)
