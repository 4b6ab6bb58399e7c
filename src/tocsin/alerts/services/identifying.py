"""How surely the substance of a version was identified: weighed from the evidence at each step."""

from typing import Any

from tocsin.alerts.identification import WeighedEvidence, describe_identification
from tocsin.alerts.models import Alert, AlertVersion
from tocsin.alerts.queries import weigh_evidence
from tocsin.errors import InvalidAlertError
from tocsin.organisations.actors import Actor


def derive_identification(
    actor: Actor, alert: Alert, *, country: str, lowered_to: str
) -> dict[str, Any]:
    """Weigh the evidence for a version that says a lower level, or with "" what it bears.

    Returns the fields of the version. Raises InvalidAlertError where the evidence that the actor
    may see does not bear the level.
    """
    weighed = weigh_evidence(actor, alert.substance, signal=alert.signal, country=country)
    if not weighed.bears(lowered_to):
        said = describe_identification(lowered_to, is_isomer_open=False)
        raise InvalidAlertError(
            f"alert {alert.identifier}, identification: found “{said}”; the evidence that you may "
            f"see bears “{weighed.describe(weighed.level)}”; expected that or a lower level"
        )
    return _derive_fields(weighed, lowered_to)


def derive_identification_anew(actor: Actor, before: AlertVersion) -> dict[str, Any]:
    """Weigh the evidence for an update: what was lowered stays so, as far as it is borne still."""
    alert = before.alert
    weighed = weigh_evidence(actor, alert.substance, signal=alert.signal, country=before.country)
    return _derive_fields(weighed, before.lowered_to if weighed.bears(before.lowered_to) else "")


def keep_identification(before: AlertVersion) -> dict[str, Any]:
    """Return what a version says, for its cancellation."""
    return {
        "evidence_level": before.evidence_level,
        "lowered_to": before.lowered_to,
        "is_isomer_open": before.is_isomer_open,
        "findings_bearing": before.findings_bearing,
        "findings_weighed": before.findings_weighed,
    }


def _derive_fields(weighed: WeighedEvidence, lowered_to: str) -> dict[str, Any]:
    level = lowered_to or weighed.level
    return {
        "evidence_level": weighed.level,
        "lowered_to": "" if lowered_to == weighed.level else lowered_to,
        "is_isomer_open": weighed.is_isomer_open(level),
        "findings_bearing": weighed.count_bearing(level),
        "findings_weighed": weighed.findings,
    }
