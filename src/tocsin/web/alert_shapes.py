"""An alert in every form it goes out in, for those who write and release it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, override

from tocsin.alerts.documents import derive_document
from tocsin.alerts.formats.cap import write_cap
from tocsin.alerts.formats.document import AlertDocument, AlertText
from tocsin.alerts.formats.sms import SmsText, derive_sms
from tocsin.alerts.models import AlertVersion, AlertWording
from tocsin.web.alert_wording import Hint, count_words, list_hints

PUBLIC_WORDS = 80
"""Public text that is read on a phone has about so many words."""

GAP = "…"


@dataclass(frozen=True, slots=True)
class ShapedText:
    """One language of an alert: its text, its text message, its length and what to look at."""

    text: AlertText
    sms: SmsText
    public_words: int
    hints: list[Hint]


@dataclass(frozen=True, slots=True)
class AlertShapes:
    """All forms of one version."""

    document: AlertDocument
    texts: list[ShapedText]
    cap: str


def derive_shapes(
    version: AlertVersion,
    wordings: Iterable[AlertWording],
    *,
    sent: datetime,
    earlier: Iterable[AlertVersion] = (),
    with_gaps: bool = False,
) -> AlertShapes:
    """Return every form of a version, as if it were sent at that moment.

    with_gaps: what an alert must have and is not written yet stands as an ellipsis, so that a
    preview shows the rest. Raises InvalidAlertError where a text is missing otherwise.
    """
    held = list(wordings)
    document = derive_document(
        version,
        [_fill(wording) for wording in held] if with_gaps else held,
        sent=sent,
        earlier=earlier,
    )
    return AlertShapes(
        document=document,
        texts=[shape_text(document, text) for text in document.texts],
        cap=write_cap(document).decode(),
    )


def shape_text(document: AlertDocument, text: AlertText) -> ShapedText:
    """Return one language of a document with its text message, length and hints."""
    with override(text.language):
        cancelled = gettext("CANCELLED")
    public = " ".join((text.headline, text.hazard, text.advice_public))
    return ShapedText(
        text=text,
        sms=derive_sms(document, text.language, cancelled_word=cancelled),
        public_words=count_words(public),
        hints=list_hints(text),
    )


def _fill(wording: AlertWording) -> AlertWording:
    return AlertWording(
        language=wording.language,
        headline=wording.headline or GAP,
        area_description=wording.area_description or GAP,
        what_was_seen=wording.what_was_seen or GAP,
        hazard=wording.hazard,
        advice_practitioners=wording.advice_practitioners,
        advice_public=wording.advice_public,
    )
