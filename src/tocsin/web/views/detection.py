"""How rises are looked for: in each class of substances, and what each way would have told."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.errors import NotFoundError, RefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import is_permitted, require_permission
from tocsin.organisations.queries import get_own_organisation
from tocsin.signals.models import DetectionRate, DetectionSetting
from tocsin.signals.rating_queries import list_detection_rates
from tocsin.signals.ratings import CANDIDATES, STABLE_CASES_A_YEAR, STABLE_YEARS
from tocsin.signals.rules import RiseRule
from tocsin.signals.series import week_of
from tocsin.signals.services import change_detection_setting
from tocsin.signals.setting_queries import (
    ClassSetting,
    get_detection_settings,
    list_setting_versions,
)
from tocsin.web.detection_words import (
    RateWords,
    compare_with_default,
    describe_level,
    describe_method,
    describe_method_further,
    describe_rate,
    describe_sensitivity,
    is_same_way,
)
from tocsin.web.forms.detection import DetectionForm
from tocsin.web.requests import get_request_actor, journal_refusal

DEFAULT_KEY = "default"
"""Stands for all classes without a setting of their own, in addresses."""

AS_IS = "as-is"
"""The way in force, where it is none of the candidates."""

EVERY_ALARM = "every-alarm"
"""No false discovery level, in the form."""

LEVELS = (0.05, 0.1, 0.2, None)


@dataclass(frozen=True, slots=True)
class Way:
    """A way of looking for rises in words, with what it would have told.

    is_replayed: whether it was tried on the evidence held; told: None also where none is held.
    """

    key: str
    method: str
    further: str
    sensitivity: str
    compared: str
    is_replayed: bool
    told: RateWords | None
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One class of the table: what is in force, since when, by whom and why."""

    setting: ClassSetting
    address_key: str
    way: Way
    level: str
    is_to_come: bool


@require_safe
def show_settings(request: HttpRequest) -> HttpResponse:
    """Every class of substances with how rises are looked for in it."""
    actor = get_request_actor(request)
    _require_own(actor)
    rates = _list_rates(actor)
    today = timezone.localdate()
    rows = [
        SettingRow(
            setting=one,
            address_key=one.class_key or DEFAULT_KEY,
            way=_describe_rule(one.class_key, one.rule, rates),
            level=describe_level(one.rule.level),
            is_to_come=one.rule.since is not None and one.rule.since > today,
        )
        for one in get_detection_settings()
    ]
    context = {
        "rows": rows,
        "may_set": is_permitted(actor, "detection.set"),
        "is_rated": any(rate.computed_at for rate in rates.values()),
        "stable_cases": STABLE_CASES_A_YEAR,
        "stable_years": STABLE_YEARS,
    }
    return render(request, "web/detection/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def show_class(request: HttpRequest, class_key: str) -> HttpResponse:
    """One class: the ways there are, each with what it would have told, and the choice of one."""
    actor = get_request_actor(request)
    _require_own(actor)
    key = "" if class_key == DEFAULT_KEY else class_key
    setting = next((one for one in get_detection_settings() if one.class_key == key), None)
    if setting is None:
        raise NotFoundError(f"class {class_key!r}: not found")
    if request.method == "POST":
        require_permission(actor, "detection.set")
    ways = _list_ways(setting, _list_rates(actor))
    form = _make_form(request, setting, ways) if is_permitted(actor, "detection.set") else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            _change(actor, setting, form.cleaned_data)
        except RefusedError as error:
            journal_refusal(request, actor, error)
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The change is stored as a new version."))
            return redirect("detection")
    return _render_class(request, setting, ways, form)


def _render_class(
    request: HttpRequest, setting: ClassSetting, ways: list[Way], form: DetectionForm | None
) -> HttpResponse:
    context = {
        "setting": setting,
        "ways": ways,
        "way_by_key": {one.key: one for one in ways},
        "form": form,
        "begins": week_of(timezone.localdate()) + timedelta(weeks=1),
        "level": describe_level(setting.rule.level),
        "versions": [
            {
                "version": one,
                "method": describe_method(one.method),
                "sensitivity": describe_sensitivity(one.method, one.settings),
                "level": describe_level(one.false_discovery_level),
            }
            for one in list_setting_versions(setting.class_key)
        ],
        "stable_cases": STABLE_CASES_A_YEAR,
        "stable_years": STABLE_YEARS,
        "breadcrumbs": [
            {"label": _("Signals"), "url": reverse("signals")},
            {"label": _("How rises are looked for"), "url": reverse("detection")},
            {"label": setting.class_name or _("All classes without their own")},
        ],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "web/detection/class.html", context, status=status)


def _require_own(actor: Actor) -> None:
    """For the others the page is not there: its figures come from all that the node holds."""
    require_permission(actor, "evidence.read")
    if actor.organisation_id != get_own_organisation().pk:
        raise NotFoundError("detection settings: not found")


def _list_rates(actor: Actor) -> dict[tuple[str, str], DetectionRate]:
    return {
        (rate.substance_class.key if rate.substance_class else "", rate.candidate): rate
        for rate in list_detection_rates(actor)
    }


def _list_ways(setting: ClassSetting, rates: dict[tuple[str, str], DetectionRate]) -> list[Way]:
    """The ways to choose from; the one in force stands first where it is none of them."""
    in_force = _describe_rule(setting.class_key, setting.rule, rates)
    ways = [
        _describe_way(
            one.key,
            one.method,
            one.settings,
            rates.get((setting.class_key, one.key)),
            is_in_force=one.key == in_force.key,
        )
        for one in CANDIDATES
    ]
    return ways if in_force.key != AS_IS else [in_force, *ways]


def _describe_rule(
    class_key: str, rule: RiseRule, rates: dict[tuple[str, str], DetectionRate]
) -> Way:
    key = next(
        (
            one.key
            for one in CANDIDATES
            if is_same_way((one.method, one.settings), (rule.method, rule.settings))
        ),
        AS_IS,
    )
    rate = rates.get((class_key, key))
    return _describe_way(key, rule.method, rule.settings, rate, is_in_force=True)


def _describe_way(
    key: str, method: str, settings: Any, rate: DetectionRate | None, *, is_in_force: bool
) -> Way:
    return Way(
        key=key,
        method=describe_method(method),
        further=describe_method_further(method),
        sensitivity=describe_sensitivity(method, settings),
        compared=compare_with_default(method, settings),
        is_replayed=rate is not None and rate.computed_at is not None,
        told=describe_rate(rate),
        is_in_force=is_in_force,
    )


def _make_form(request: HttpRequest, setting: ClassSetting, ways: list[Way]) -> DetectionForm:
    held = setting.rule.level
    levels = LEVELS if held in LEVELS else (held, *LEVELS)
    in_force = next(one.key for one in ways if one.is_in_force)
    return DetectionForm(
        request.POST if request.method == "POST" else None,
        choices=[(one.key, f"{one.method}, {one.compared}") for one in ways],
        levels=[(_write_level(level), describe_level(level)) for level in levels],
        initial={"choice": in_force, "level": _write_level(held)},
    )


def _write_level(level: float | None) -> str:
    return EVERY_ALARM if level is None else str(level)


def _change(actor: Actor, setting: ClassSetting, values: dict[str, Any]) -> DetectionSetting:
    candidates = {one.key: one for one in CANDIDATES}
    chosen = candidates.get(values["choice"])
    method, settings = (
        (chosen.method, chosen.settings)
        if chosen is not None
        else (setting.rule.method, setting.rule.settings)
    )
    level = None if values["level"] == EVERY_ALARM else float(values["level"])
    return change_detection_setting(
        actor,
        class_key=setting.class_key,
        method=method,
        settings=settings,
        false_discovery_level=level,
        reason=values["reason"],
    )
