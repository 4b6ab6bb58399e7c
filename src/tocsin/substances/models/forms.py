"""Forms in which a substance occurs: salts, hydrates, stereoisomers, isotopologues."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.substances.models.register import Substance
from tocsin.substances.vocabulary import FormKind, Origin


class SubstanceForm(models.Model):
    """A form of a substance that has an InChIKey, and often a CAS number, of its own.

    What is found in a form is counted as the substance. form: in words as a resolution states it,
    such as "hydrochloride".
    """

    personal_data = "none"

    substance = models.ForeignKey(
        Substance, on_delete=models.CASCADE, related_name="forms", verbose_name=_("substance")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=FormKind.choices)
    form = models.CharField(_("form"), max_length=120)
    name = models.CharField(_("name"), max_length=500)
    smiles = models.CharField(_("SMILES"), max_length=2_000)
    inchikey = models.CharField(_("InChIKey"), max_length=27, unique=True)
    cas = models.CharField(_("CAS number"), max_length=12, blank=True, db_index=True)
    source = models.CharField(_("source"), max_length=300)
    origin = models.CharField(
        _("brought by"), max_length=20, choices=Origin.choices, default=Origin.ADDED
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("form of a substance")
        verbose_name_plural = _("forms of substances")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=FormKind.values), name="substance_form_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
