"""Writing an alert: its forms, its preview, and the step that asks for its release."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.alerts.identification import WeighedEvidence
from tocsin.alerts.models import Alert, AlertVersion, AlertWording, MessageType
from tocsin.alerts.queries import OPEN_STATES, get_version, list_released, weigh_evidence
from tocsin.alerts.services import (
    AlertContent,
    ask_release,
    discard_draft,
    draft_alert,
    edit_draft,
)
from tocsin.errors import InvalidAlertError, NotFoundError, WrongStateError
from tocsin.organisations.actors import Actor
from tocsin.organisations.permissions import require_permission
from tocsin.organisations.queries import list_organisations
from tocsin.signals.models import Signal, SignalState
from tocsin.signals.queries import find_signal, get_signal
from tocsin.substances.models import Substance
from tocsin.substances.queries import get_substance
from tocsin.web.alert_shapes import GAP, PUBLIC_WORDS, AlertShapes, ShapedText, derive_shapes
from tocsin.web.forms.alerts import (
    AlertForm,
    WordingForms,
    build_wording_forms,
    derive_content,
    derive_first_initial,
    derive_initial,
)
from tocsin.web.requests import get_request_actor
from tocsin.web.templatetags.tocsin_response import sentence

SHAPES = ("public", "practitioner", "sms", "cap")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class _Subject:
    """What an alert is about while it is written: a draft held, or one to be."""

    substance: Substance
    signal: Signal | None
    version: AlertVersion | None

    @property
    def is_update(self) -> bool:
        return self.version is not None and self.version.message_type == MessageType.UPDATE

    @property
    def action(self) -> str:
        """Where the forms are posted to."""
        if self.version is not None:
            return reverse("alerts-compose", args=[self.version.pk])
        query = f"signal={self.signal.pk}" if self.signal else f"substance={self.substance.key}"
        return f"{reverse('alerts-new')}?{query}"


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin an alert on a confirmed signal or on a substance; nothing is held before it is saved."""
    actor = get_request_actor(request)
    require_permission(actor, "alert.draft")
    subject = _find_new_subject(request, actor)
    if request.method == "POST":
        return _save(request, actor, subject)
    what_was_seen = sentence(subject.signal) if subject.signal else ""
    values, texts = derive_first_initial(
        subject.signal, what_was_seen, language=(get_language() or "en").split("-")[0]
    )
    form = _build_form(actor, subject, initial=values)
    return _render(request, actor, subject, form, build_wording_forms(initial=texts))


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest, version_id: int) -> HttpResponse:
    """Go on with a draft. Saving it voids a release that was asked for."""
    actor = get_request_actor(request)
    require_permission(actor, "alert.draft")
    version = _get_own_version(actor, version_id)
    subject = _Subject(version.alert.substance, version.alert.signal, version)
    if version.state not in OPEN_STATES:
        return redirect("alerts-alert", version.alert.identifier)
    if request.method == "POST":
        return _save(request, actor, subject)
    values, texts = derive_initial(version)
    extra = 1 if request.GET.get("language") == "more" else 0
    form = _build_form(actor, subject, initial=values)
    return _render(request, actor, subject, form, build_wording_forms(initial=texts, extra=extra))


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Every form of what is typed, and what is still to do; nothing is held."""
    actor = get_request_actor(request)
    require_permission(actor, "alert.draft")
    held = request.POST.get("version", "")
    if _NUMBER.fullmatch(held):
        version = _get_own_version(actor, int(held))
        subject = _Subject(version.alert.substance, version.alert.signal, version)
    else:
        subject = _find_new_subject(request, actor)
    form, texts = _bind(request, actor, subject)
    context = _derive_preview(request, actor, subject, form, texts)
    return render(request, "web/alerts/preview.html", context)


@require_POST
def ask(request: HttpRequest, version_id: int) -> HttpResponse:
    """Hand a draft to the releasers."""
    version = ask_release(get_request_actor(request), version_id)
    return redirect("alerts-release", version.pk)


@require_POST
def discard(request: HttpRequest, version_id: int) -> HttpResponse:
    """Put a draft away."""
    actor = get_request_actor(request)
    version = get_version(actor, version_id)
    discard_draft(actor, version_id)
    if version.number > 1:
        return redirect("alerts-alert", version.alert.identifier)
    return redirect("alerts")


def _find_new_subject(request: HttpRequest, actor: Actor) -> _Subject:
    number = request.GET.get("signal", "")
    if _NUMBER.fullmatch(number):
        signal = get_signal(actor, int(number))
        if signal.state != SignalState.CONFIRMED:
            raise WrongStateError(
                f"signal {signal.pk}", held=signal.state, expected=SignalState.CONFIRMED.value
            )
        return _Subject(signal.substance, signal, None)
    return _Subject(get_substance(request.GET.get("substance", "")), None, None)


def _get_own_version(actor: Actor, version_id: int) -> AlertVersion:
    version = get_version(actor, version_id)
    if version.alert.owner_id != actor.organisation_id:
        raise NotFoundError(f"alert version {version_id}: not found")
    return version


def _bind(request: HttpRequest, actor: Actor, subject: _Subject) -> tuple[AlertForm, WordingForms]:
    return _build_form(actor, subject, request.POST), build_wording_forms(request.POST)


def _build_form(actor: Actor, subject: _Subject, data: Any = None, **options: Any) -> AlertForm:
    def weigh(country: str) -> WeighedEvidence:
        return weigh_evidence(actor, subject.substance, signal=subject.signal, country=country)

    return AlertForm(data, actor=actor, weigh=weigh, is_update=subject.is_update, **options)


def _save(request: HttpRequest, actor: Actor, subject: _Subject) -> HttpResponse:
    form, texts = _bind(request, actor, subject)
    if not (form.is_valid() and texts.is_valid()):
        return _render(request, actor, subject, form, texts)
    content = derive_content(form, texts)
    if subject.version is not None:
        note = form.cleaned_data.get("note", "")
        version = edit_draft(actor, subject.version.pk, content, note=note)
    elif subject.signal is not None:
        version = draft_alert(actor, content, signal_id=subject.signal.pk)
    else:
        version = draft_alert(actor, content, substance_key=subject.substance.key)
    step = request.POST.get("then", "")
    if step == "ask":
        return _ask(request, actor, subject, version, form, texts)
    query = "?language=more" if step == "language" else ""
    return redirect(f"{reverse('alerts-compose', args=[version.pk])}{query}")


def _ask(
    request: HttpRequest,
    actor: Actor,
    subject: _Subject,
    version: AlertVersion,
    form: AlertForm,
    texts: WordingForms,
) -> HttpResponse:
    """Ask for the release of what was just saved; what it lacks is shown beside the forms."""
    try:
        ask_release(actor, version.pk)
    except InvalidAlertError as error:
        form.add_error(None, str(error))
        held = _Subject(subject.substance, subject.signal, _get_own_version(actor, version.pk))
        return _render(request, actor, held, form, texts)
    return redirect("alerts-release", version.pk)


def _render(
    request: HttpRequest,
    actor: Actor,
    subject: _Subject,
    form: AlertForm,
    texts: WordingForms,
) -> HttpResponse:
    version = subject.version
    context = {
        "form": form,
        "texts": texts,
        "subject": subject,
        "signal": find_signal(actor, subject.signal.pk) if subject.signal else None,
        "version": version,
        "errors": _list_errors(form, texts),
        "page_tlp": version.handling.tlp if version else None,
        "breadcrumbs": [
            {"label": _("Alerts"), "url": reverse("alerts")},
            {"label": version.alert.identifier if version else _("New alert")},
        ],
        "preview_url": f"{reverse('alerts-preview')}?{subject.action.partition('?')[2]}",
        "shape_choices": [
            ("public", _("Public")),
            ("practitioner", _("Practitioner")),
            ("sms", _("SMS")),
            ("cap", "CAP"),
        ],
        **_derive_preview(request, actor, subject, form, texts),
    }
    status = 422 if context["errors"] else 200
    return render(request, "web/alerts/compose.html", context, status=status)


def _list_errors(form: AlertForm, texts: WordingForms) -> list[dict[str, str]]:
    """Every problem of both forms with the address of its field; empty before anything was sent."""
    if not form.is_bound:
        return []
    errors = [{"url": "", "words": str(words)} for words in form.non_field_errors()]
    errors += [{"url": "", "words": str(words)} for words in texts.non_form_errors()]
    for one in (form, *texts.forms):
        for field in one.visible_fields():
            errors += [
                {
                    "url": f"#{field.id_for_label or field.auto_id}",
                    "words": f"{field.label}: {words}",
                }
                for words in field.errors
            ]
    return errors


def _derive_preview(
    request: HttpRequest,
    actor: Actor,
    subject: _Subject,
    form: AlertForm,
    texts: WordingForms,
) -> dict[str, Any]:
    shape = request.POST.get("shape") or request.GET.get("shape") or "public"
    context: dict[str, Any] = {"shape": shape if shape in SHAPES else "public"}
    if form.is_bound and not (form.is_valid() and texts.is_valid()):
        return context | {"problems": _list_errors(form, texts), "tasks": []}
    content = derive_content(form, texts)
    try:
        shapes = _shape(actor, subject, content, form.weighed, note=_find_note(form))
    except InvalidAlertError as error:
        return context | {"problems": [{"words": str(error)}], "tasks": _list_tasks(content, [])}
    return context | {"shapes": shapes, "tasks": _list_tasks(content, shapes.texts)}


def _find_note(form: AlertForm) -> str:
    values = form.cleaned_data if form.is_bound else form.initial
    return values.get("note", "").strip() or GAP


def _shape(
    actor: Actor,
    subject: _Subject,
    content: AlertContent,
    weighed: WeighedEvidence,
    *,
    note: str,
) -> AlertShapes:
    now = timezone.now()
    held = subject.version
    earlier: Sequence[AlertVersion] = ()
    if held is not None and held.number > 1:
        earlier = list_released(actor, [held.alert_id]).get(held.alert_id, [])
    alert = held.alert if held is not None else _build_alert(actor, subject)
    version = AlertVersion(
        alert=alert,
        number=held.number if held is not None else 1,
        message_type=held.message_type if held is not None else MessageType.ALERT,
        severity=content.severity,
        urgency=content.urgency,
        certainty=content.certainty,
        country=content.country,
        region=content.region,
        expires_at=content.expires_at,
        tlp=content.tlp,
        evidence_level=weighed.level,
        lowered_to=content.lowered_to,
        is_isomer_open=weighed.is_isomer_open(content.lowered_to or weighed.level),
        note=note if subject.is_update else "",
    )
    wordings = [AlertWording(**asdict(one)) for one in content.wordings]
    return derive_shapes(version, wordings, sent=now, earlier=earlier, with_gaps=True)


def _build_alert(actor: Actor, subject: _Subject) -> Alert:
    """An alert that is not held yet; its identifier is given when it is saved."""
    owner = list_organisations().filter(key=actor.organisation_key).first()
    if owner is None:
        raise NotFoundError("organisation: not found; expected a person of one")
    return Alert(
        owner=owner,
        identifier=f"{owner.country or owner.key.upper()}-{timezone.localdate().year}-NEW",
        substance=subject.substance,
        signal=subject.signal,
    )


def _list_tasks(content: AlertContent, shaped: Sequence[ShapedText]) -> list[dict[str, str]]:
    """What an alert needs: done, begun or still empty, for each language."""
    words = {one.text.language: one.public_words for one in shaped}
    tasks = []
    for text in content.wordings:
        seen = bool(text.what_was_seen.strip()), bool(text.area_description.strip())
        public = bool(text.headline.strip()), bool(text.advice_public.strip())
        count = words.get(text.language, 0)
        tasks += [
            _task(_("Seen, where"), text.language, seen),
            _task(
                _("Public text %(count)d/%(most)d words") % {"count": count, "most": PUBLIC_WORDS},
                text.language,
                public,
            ),
            _task(_("Hazard"), text.language, (bool(text.hazard.strip()),)),
            _task(
                _("For practitioners"), text.language, (bool(text.advice_practitioners.strip()),)
            ),
        ]
    everybody = content.tlp == "CLEAR"
    tasks.append(_task(_("Recipients"), "", (everybody or bool(content.audience),)))
    tasks.append(_task(_("Severity"), "", (content.severity != "Unknown",)))
    return tasks


def _task(words: str, language: str, parts: Sequence[bool]) -> dict[str, str]:
    if all(parts):
        sign, state = "✓", _("done")
    elif any(parts):
        sign, state = "●", _("begun")
    else:
        sign, state = "○", _("empty")
    return {"words": words, "language": language, "sign": sign, "state": state}
