"""Unknown features: what a mass spectrometer saw and nobody can name yet."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.substances.models.register import Substance, SubstanceClass
from tocsin.substances.vocabulary import Polarity


class UnknownFeature(models.Model):
    """What is known of a member of the register that has no structure yet.

    precursor_mz is in Th. Nothing here claims an identity: hypotheses stand in rows of their own.
    """

    personal_data = "none"

    substance = models.OneToOneField(
        Substance, on_delete=models.CASCADE, related_name="unknown", verbose_name=_("entry")
    )
    precursor_mz = models.DecimalField(
        _("precursor m/z (Th)"),
        max_digits=10,
        decimal_places=5,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
    )
    polarity = models.CharField(_("polarity"), max_length=10, choices=Polarity.choices)
    adduct = models.CharField(_("adduct"), max_length=40, blank=True)
    collision = models.CharField(_("collision"), max_length=200, blank=True)
    retention = models.CharField(_("retention"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("unknown feature")
        verbose_name_plural = _("unknown features")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(precursor_mz__gte=1, precursor_mz__lte=10_000),
                name="unknown_precursor_is_a_mass",
            ),
            models.CheckConstraint(
                condition=models.Q(polarity__in=Polarity.values),
                name="unknown_polarity_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"m/z {self.precursor_mz}"


class FormulaHypothesis(models.Model):
    """A formula that fits an unknown feature, by how many parts in a million it is off, and why.

    score: 0 to 1 as the laboratory's program gives it, None where it gives none.
    """

    personal_data = "none"

    unknown = models.ForeignKey(UnknownFeature, on_delete=models.CASCADE, related_name="formulas")
    formula = models.CharField(_("formula"), max_length=200)
    error_ppm = models.DecimalField(
        _("mass error (ppm)"), max_digits=7, decimal_places=3, null=True, blank=True
    )
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["-score", "formula"]
        verbose_name = _("possible formula")
        verbose_name_plural = _("possible formulas")
        constraints = [
            models.UniqueConstraint(fields=["unknown", "formula"], name="unknown_formula_once"),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=0, score__lte=1),
                name="formula_score_is_a_fraction",
            ),
        ]

    def __str__(self) -> str:
        return self.formula


class ClassHypothesis(models.Model):
    """A class that an unknown feature may belong to, with a probability between 0 and 1."""

    personal_data = "none"

    unknown = models.ForeignKey(UnknownFeature, on_delete=models.CASCADE, related_name="classes")
    substance_class = models.ForeignKey(
        SubstanceClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("class")
    )
    probability = models.DecimalField(_("probability"), max_digits=5, decimal_places=4)
    ground = models.CharField(_("ground"), max_length=300, blank=True)

    class Meta:
        ordering = ["-probability", "substance_class__name"]
        verbose_name = _("possible class")
        verbose_name_plural = _("possible classes")
        constraints = [
            models.UniqueConstraint(
                fields=["unknown", "substance_class"], name="unknown_class_once"
            ),
            models.CheckConstraint(
                condition=models.Q(probability__gte=0, probability__lte=1),
                name="class_probability_is_a_fraction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substance_class_id}: {self.probability}"
