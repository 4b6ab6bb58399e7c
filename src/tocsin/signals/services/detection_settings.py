"""Changing how rises are looked for: a new version each time, in force from a Monday on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from tocsin.errors import (
    DetectionInputError,
    NotFoundError,
    PermissionRefusedError,
    RefusedError,
)
from tocsin.journal.locks import Lock, hold
from tocsin.journal.services import record
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import get_own_organisation
from tocsin.reports.formats.personal_data import require_reason
from tocsin.signals.judging import parse_rule_settings
from tocsin.signals.models import DetectionSetting
from tocsin.signals.rules import RiseRule
from tocsin.signals.series import week_of
from tocsin.signals.services.detecting import queue_all
from tocsin.signals.setting_queries import list_setting_versions
from tocsin.substances.models import SubstanceClass


@transaction.atomic
def change_detection_setting(
    actor: Actor,
    *,
    class_key: str = "",
    method: str,
    settings: Mapping[str, Any],
    false_discovery_level: float | None,
    reason: str,
    in_force_from: date | None = None,
) -> DetectionSetting:
    """Set how rises are looked for in a class, empty for the default, and return the version made.

    in_force_from: a Monday; the next one where it is left out, so that no signal already told
    changes. From an earlier one, those weeks are judged anew, and signals that are no longer found
    lose their evidence. The last earlier version stays in force until then; journalled.
    Raises NotFoundError for a class, DetectionInputError for a method, setting or level
    that does not exist, RefusedError without a reason or for a day that cannot be.
    """
    require_permission(actor, "detection.set")
    if actor.organisation_id != get_own_organisation().pk or actor.person_id is None:
        raise PermissionRefusedError(
            "detection.set: asked for by no person of the organisation that runs the node; "
            "expected one of its analysts"
        )
    _check_rule(method, settings, false_discovery_level)
    what = f"detection setting of {class_key or 'the default'}"
    require_reason(what, reason)
    _lock_settings()
    newest = list_setting_versions(class_key).first()
    begins = in_force_from or week_of(timezone.localdate()) + timedelta(weeks=1)
    _check_begin(what, begins, newest)
    made: DetectionSetting = DetectionSetting.objects.create(
        substance_class=_find_class(class_key),
        version=newest.version + 1 if newest is not None else 1,
        method=method,
        settings=dict(settings),
        false_discovery_level=false_discovery_level,
        in_force_from=begins,
        reason=reason.strip(),
        changed_by_id=actor.person_id,
    )
    _record(actor, made, class_key)
    if begins <= timezone.localdate():
        queue_all()
    return made


def _check_rule(method: str, settings: Mapping[str, Any], level: float | None) -> None:
    parse_rule_settings(RiseRule(method=method, settings=settings))
    if level is not None and not 0 < level < 1:
        raise DetectionInputError(
            f"false discovery level is {level}; expected more than 0 and less than 1, or none"
        )


def _check_begin(what: str, begins: date, newest: DetectionSetting | None) -> None:
    if begins != week_of(begins):
        raise RefusedError(f"{what}: in force from {begins}; expected a Monday")
    if newest is not None and begins < newest.in_force_from:
        raise RefusedError(
            f"{what}: in force from {begins}; expected no day before version {newest.version} "
            f"is, {newest.in_force_from}"
        )


def _find_class(class_key: str) -> SubstanceClass | None:
    if not class_key:
        return None
    found = SubstanceClass.objects.filter(key=class_key).first()
    if found is None:
        raise NotFoundError(f"class {class_key!r}: not found; expected a class of the register")
    return found


def _record(actor: Actor, made: DetectionSetting, class_key: str) -> None:
    level = made.false_discovery_level
    record(
        actor=actor.journal_name,
        action="signal.setting-changed",
        record_type="detection-setting",
        record_id=str(made.pk),
        details={
            "class": class_key,
            "version": made.version,
            "method": made.method,
            # The journal holds no floats: they might come back as other numbers.
            "settings": {name: str(value) for name, value in made.settings.items()},
            "level": str(level) if level is not None else None,
            "from": made.in_force_from.isoformat(),
        },
    )


def _lock_settings() -> None:
    hold(Lock.DETECTION_SETTINGS)
