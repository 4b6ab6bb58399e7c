"""Products: what is sold or passed under a name, and what was found in it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tocsin.substances.models.register import Substance
from tocsin.substances.vocabulary import ComponentRole


class Product(models.Model):
    """What a product says of itself; what was found in it stands in its components."""

    personal_data = "none"

    substance = models.OneToOneField(
        Substance, on_delete=models.CASCADE, related_name="product", verbose_name=_("entry")
    )
    brand = models.CharField(_("brand or logo"), max_length=200, blank=True)
    label_claim = models.TextField(_("what it claims to be"), blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.brand or str(self.substance_id)


class ProductComponent(models.Model):
    """A substance that was found in a product: in which role, how much, by which technique."""

    personal_data = "none"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="components")
    substance = models.ForeignKey(
        Substance, on_delete=models.PROTECT, related_name="+", verbose_name=_("substance")
    )
    role = models.CharField(_("role"), max_length=20, choices=ComponentRole.choices)
    amount = models.CharField(_("amount as reported"), max_length=120, blank=True)
    percent = models.DecimalField(
        _("mass fraction in percent"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    technique = models.CharField(_("technique"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["role", "substance__name"]
        verbose_name = _("component of a product")
        verbose_name_plural = _("components of products")
        constraints = [
            models.UniqueConstraint(fields=["product", "substance"], name="component_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=ComponentRole.values),
                name="component_role_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(percent=None) | models.Q(percent__gte=0, percent__lte=100),
                name="component_percent_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.substance_id}"
