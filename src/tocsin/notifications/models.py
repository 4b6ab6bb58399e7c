"""Tables of packages: a document as it was made, its state, and the record versions behind it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.notifications.vocabulary import Claim, PackageKind, PackageState
from tocsin.organisations.models import GuardedRecord, Organisation, Person, SharedRecord
from tocsin.reports.models import Report
from tocsin.substances.models import Substance


class Package(SharedRecord):
    """One version of a notification: made by one person, released by another, then never changed.

    identifier: the same for a package and all that replace it. content: the document as it was
    made, in the published schema. statements: what people said beside the record, by key.
    worked_on_by: who made, renewed or edited it. ending: why it was withdrawn. handling: its
    owner's alone until it is released. claim: of a first detection of a known substance only;
    found_on, found_in: day and country of the finding it is about. earlier: the report of the
    earliest finding that the claim rests on, None where it rests on none or on counts. Nothing
    is left of the content of one that was erased.
    """

    personal_data = "account names of who made and who released"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=30, choices=PackageKind.choices)
    identifier = models.CharField(_("identifier"), max_length=60)
    number = models.PositiveIntegerField(_("version"), default=1)
    substance = models.ForeignKey(
        Substance, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=PackageState.choices, default=PackageState.DRAFT
    )
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replacements"
    )
    reason = models.TextField(_("reason of the replacement"), blank=True)
    place = models.PositiveSmallIntegerField(_("place of the finding it is about"), default=0)
    statements = models.JSONField(_("statements"), default=dict)
    content = models.JSONField(_("document"))
    claim = models.CharField(_("claim"), max_length=20, choices=Claim.choices, blank=True)
    found_on = models.DateField(_("found"), null=True, blank=True)
    found_in = models.CharField(_("found in"), max_length=2, blank=True)
    earlier = models.ForeignKey(
        Report, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    worked_on_by = ArrayField(models.BigIntegerField(), default=list)
    made_at = models.DateTimeField(_("made"))
    released_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ending = models.TextField(_("reason of the withdrawal"), blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [
            models.UniqueConstraint(fields=["identifier", "number"], name="package_version_number"),
            models.UniqueConstraint(
                fields=["identifier"],
                condition=models.Q(state="draft"),
                name="one_draft_per_package",
            ),
            models.UniqueConstraint(
                fields=["identifier"],
                condition=models.Q(state="released"),
                name="one_released_version_per_package",
            ),
            models.CheckConstraint(
                condition=models.Q(number=1, replaces=None, reason="")
                | models.Q(number__gt=1, replaces__isnull=False)
                & (~models.Q(reason="") | models.Q(state="erased")),
                name="later_packages_name_what_they_replace_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "discarded", "erased"])
                | (
                    models.Q(released_by__isnull=False, released_at__isnull=False)
                    & ~models.Q(released_by=models.F("made_by"))
                ),
                name="package_released_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="withdrawn") | ~models.Q(ending=""),
                name="a_withdrawal_says_why",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="erased")
                | models.Q(
                    content={}, statements={}, substance=None, earlier=None, found_in="", reason=""
                ),
                name="nothing_is_left_of_an_erased_package",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier} v{self.number}"


class PackageSource(GuardedRecord):
    """A report version that a package was made from, and what its findings were of then.

    number: its place in the document, from 1. digest: of the version's content, 32 bytes.
    substances: of its findings in their order, 0 where the name stood for nothing.
    """

    personal_data = "none"
    handling_path: ClassVar[str] = "package__handling"

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="sources")
    number = models.PositiveSmallIntegerField()
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)
    substances = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        ordering = ["package_id", "number"]
        verbose_name = _("source of a package")
        verbose_name_plural = _("sources of packages")
        constraints = [
            models.UniqueConstraint(fields=["package", "report"], name="package_source_once"),
            models.UniqueConstraint(fields=["package", "number"], name="package_source_number"),
        ]

    def __str__(self) -> str:
        return f"{self.package_id}: {self.report_id}"
