"""The closed lists of the register."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubstanceKind(models.TextChoices):
    """How far a member of the register is determined."""

    SUBSTANCE = "substance", _("substance")
    ISOMER_GROUP = "isomer-group", _("isomer group")
    CLASS_GROUP = "class-group", _("class, substance undetermined")


class NameKind(models.TextChoices):
    """What sort of name a name is; a street name never decides which substance is meant."""

    INN = "INN", _("international non-proprietary name")
    COMMON = "common", _("common name")
    CHEMICAL = "chemical", _("chemical name")
    STREET = "street", _("street name")
    CODE = "code", _("code")


class Origin(models.TextChoices):
    """Who brought a substance or a name: the register's files, or a person of this node."""

    REGISTER = "register", _("register")
    ADDED = "added", _("added here")
