"""All reading of how rises are looked for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from tocsin.signals.judging import Rules
from tocsin.signals.models import DetectionSetting
from tocsin.signals.rules import RiseRule, RuleBook
from tocsin.substances.models import Substance, SubstanceClass


@dataclass(frozen=True, slots=True)
class ClassSetting:
    """How rises are looked for in a class, from the newest version on.

    class_key: empty for the default. rule: what is, or will be, in force. setting: the version that
    says so, of the class or of the default; None where nobody ever chose. is_own: it is the
    class's own.
    """

    class_key: str
    class_name: str
    rule: RiseRule
    setting: DetectionSetting | None
    is_own: bool


def list_setting_versions(class_key: str | None = None) -> QuerySet[DetectionSetting]:
    """Return the versions of a class ("" for the default, None for all), newest first."""
    versions = DetectionSetting.objects.select_related("substance_class", "changed_by")
    if class_key is not None:
        versions = versions.filter(substance_class__key=class_key or None)
    return versions.order_by("-id")


def get_detection_settings() -> list[ClassSetting]:
    """Return the newest setting of the default, first, and of each class of substances by name."""
    newest: dict[str, DetectionSetting] = {}
    for version in list_setting_versions().reverse():
        newest[version.substance_class.key if version.substance_class else ""] = version
    book = load_rule_book()
    default = ClassSetting("", "", book.default[-1], newest.get(""), True)
    found = [default]
    for key, name in SubstanceClass.objects.order_by("name").values_list("key", "name"):
        own = book.of_class.get(key, ())
        found.append(
            ClassSetting(key, name, own[-1], newest[key], True)
            if own
            else ClassSetting(key, name, default.rule, default.setting, False)
        )
    return found


def load_rule_book() -> RuleBook:
    """Return all rules ever in force on this node."""
    default: list[RiseRule] = [RiseRule()]
    of_class: dict[str, list[RiseRule]] = defaultdict(list)
    rows = DetectionSetting.objects.order_by("in_force_from", "id").select_related(
        "substance_class"
    )
    for row in rows:
        rule = RiseRule(
            row.pk, row.method, row.settings, row.false_discovery_level, row.in_force_from
        )
        if row.substance_class is None:
            default.append(rule)
        else:
            of_class[row.substance_class.key].append(rule)
    return RuleBook(tuple(default), {key: tuple(rules) for key, rules in of_class.items()})


def list_rules_by_substance(book: RuleBook, substance_keys: Iterable[str] | None = None) -> Rules:
    """Return the rules of each of the given substances, or of every one."""
    substances = Substance.including_merged.order_by()
    if substance_keys is not None:
        substances = substances.filter(key__in=list(substance_keys))
    classes = dict(substances.values_list("key", "substance_class__key"))
    chains = {key: book.list_rules(key) for key in set(classes.values())}
    return {key: chains[class_key] for key, class_key in classes.items()}
