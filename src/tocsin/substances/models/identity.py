"""What became of identities: merged, split, resolved. Rows are added and never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.organisations.models import Organisation
from tocsin.substances.models.register import Substance
from tocsin.substances.vocabulary import IdentityEventKind


class IdentityEvent(models.Model):
    """Somebody decided that what was held as one thing is another; never changed, only undone.

    subject: what the event is about. into: what it stands for now, or what was split from it.
    undoes: the earlier event that this one takes back. owner: whose findings alone it is about;
    None where it changed the register, which is open to every reader.
    """

    personal_data = "account name of who decided"

    kind = models.CharField(_("what happened"), max_length=20, choices=IdentityEventKind.choices)
    subject = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="identity_events")
    into = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="+")
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(_("reason"))
    decided_by = models.CharField(_("decided by"), max_length=150)
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        ordering = ["-decided_at", "-id"]
        verbose_name = _("event of identity")
        verbose_name_plural = _("events of identity")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=IdentityEventKind.values),
                name="identity_event_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(subject=models.F("into")),
                name="identity_event_is_between_two",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="identity_event_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject_id} → {self.into_id}"


class IdentityEffect(models.Model):
    """One name of the register that an event moved. number: of its row, which may be gone since."""

    personal_data = "none"

    event = models.ForeignKey(IdentityEvent, on_delete=models.PROTECT, related_name="effects")
    number = models.BigIntegerField()
    text = models.CharField(_("name"), max_length=500)
    language = models.CharField(_("language"), max_length=10, blank=True)
    before = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Substance, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        verbose_name = _("effect of an event of identity")
        verbose_name_plural = _("effects of events of identity")

    def __str__(self) -> str:
        return f"{self.text}: {self.before_id} → {self.after_id}"
