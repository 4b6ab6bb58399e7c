"""Tables as they were made, what of them may be read, and what they were made of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Organisation, SharedRecord
from tocsin.tables.periods import Period
from tocsin.tables.vocabulary import Frequency, TableKind, TableState, name_place


class StatisticalTable(SharedRecord):
    """One version of a table of a period: made by one person, released by another, then final.

    identifier: the same for a table and all that replace it. content: what its readers may see, as
    the files are written from it. is_public: for everybody, with disclosure control. audience: for
    whom it is made otherwise. handling: its owner's alone until it is released. Nothing is left of
    the content of one that was erased.
    """

    personal_data = "account names of who made and who released"

    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=30, choices=TableKind.choices)
    identifier = models.CharField(_("identifier"), max_length=80)
    number = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(
        _("state"), max_length=10, choices=TableState.choices, default=TableState.DRAFT
    )
    frequency = models.CharField(
        _("length of the period"), max_length=10, choices=Frequency.choices
    )
    starts_on = models.DateField(_("first day of the period"))
    country = models.CharField(_("country"), max_length=2, blank=True)
    purpose = models.CharField(_("purpose"), max_length=20)
    is_public = models.BooleanField(_("for everybody"), default=False)
    audience = ArrayField(models.BigIntegerField(), default=list)
    threshold = models.PositiveSmallIntegerField(_("threshold"))
    content = models.JSONField(_("content"))
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replacements"
    )
    reason = models.TextField(_("reason of the replacement"), blank=True)

    made_by = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made"))
    released_by = models.CharField(_("released by"), max_length=150, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ending = models.TextField(_("reason of the withdrawal"), blank=True)

    class Meta:
        ordering = ["-starts_on", "identifier", "-number"]
        verbose_name = _("table")
        verbose_name_plural = _("tables")
        constraints = [
            models.UniqueConstraint(fields=["identifier", "number"], name="table_version_number"),
            models.UniqueConstraint(
                fields=["identifier"],
                condition=models.Q(state="draft"),
                name="one_draft_per_table",
            ),
            models.UniqueConstraint(
                fields=["identifier"],
                condition=models.Q(state="released"),
                name="one_released_version_per_table",
            ),
            models.CheckConstraint(
                condition=models.Q(replaces=None) | ~models.Q(reason=""),
                name="later_tables_say_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "discarded", "erased"])
                | (
                    models.Q(released_at__isnull=False)
                    & ~models.Q(released_by="")
                    & ~models.Q(released_by=models.F("made_by"))
                ),
                name="table_released_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="withdrawn") | ~models.Q(ending=""),
                name="a_withdrawn_table_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier} v{self.number}"

    @property
    def period(self) -> Period:
        """What it counts, from the first day to the last."""
        return Period(Frequency(self.frequency), self.starts_on)

    @property
    def place_name(self) -> str:
        """The country it is of, or all places, in the language in force."""
        return name_place(self.country)


class TableBasis(SharedRecord):
    """What a table was made of: for its owner alone, whoever may read the table.

    sources: the report versions counted. secret: the counts before anything was hidden, where
    anything was.
    """

    personal_data = "none"

    table = models.OneToOneField(
        StatisticalTable, on_delete=models.PROTECT, related_name="basis", verbose_name=_("table")
    )
    sources = ArrayField(models.BigIntegerField(), default=list)
    secret = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("basis of a table")
        verbose_name_plural = _("bases of tables")

    def __str__(self) -> str:
        return f"{self.table_id}: {len(self.sources)}"


class ExchangeKey(models.Model):
    """The key that references of one exchange are made with: what is sent elsewhere has another."""

    personal_data = "none"

    purpose = models.CharField(max_length=200, unique=True)
    secret = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("key of an exchange")
        verbose_name_plural = _("keys of exchanges")

    def __str__(self) -> str:
        return self.purpose
