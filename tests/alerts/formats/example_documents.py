"""One alert to vary, and Hypothesis's documents."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tocsin.alerts.formats.document import AlertDocument, AlertText, Reference

ENGLISH = AlertText(
    language="en",
    headline="Nitazene in tablets sold as oxycodone",
    what_was_seen="Protonitazene and no oxycodone in 3 of 3 tablets.",
    hazard="It can stop your breathing.",
    advice_practitioners="Repeated naloxone may be needed.",
    advice_public="Do not use alone. Carry naloxone.",
    area_description="Region X",
    identification="Schymanski level 2a: library spectrum match",
    identification_public="Identified by a library match; not confirmed.",
)
BULGARIAN = AlertText(
    language="bg",
    headline="Нитазен в таблетки",
    what_was_seen="Протонитазен в 3 от 3 таблетки.",
    hazard="",
    advice_practitioners="",
    advice_public="Носете налоксон.",
    area_description="Област Х",
)


def make_document(**changes: Any) -> AlertDocument:
    """Return a fictional public alert with these changes."""
    values: dict[str, Any] = {
        "identifier": "IE-2026-0017",
        "sender": "ews@example.org",
        "sender_name": "Example focal point",
        "sent": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "status": "Actual",
        "message_type": "Alert",
        "tlp": "CLEAR",
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "expires": datetime(2026, 12, 21, 9, 30, tzinfo=UTC),
        "substance_name": "protonitazene",
        "identification_level": "schymanski-2a",
        "country": "IE",
        "region_code": "IE061",
        "texts": (ENGLISH, BULGARIAN),
        "web_address": "https://example.org/a/17",
        "cap_address": "https://example.org/a/17.cap",
    }
    return AlertDocument(**(values | changes))


def make_cancellation(**changes: Any) -> AlertDocument:
    """Return the message that takes that alert back."""
    first = Reference("ews@example.org", "IE-2026-0017.1", make_document().sent)
    values: dict[str, Any] = {
        "message_type": "Cancel",
        "version": 2,
        "sent": datetime(2026, 11, 25, 12, 0, tzinfo=timezone(timedelta(hours=1))),
        "note": "A second laboratory found oxycodone only.",
        "references": (first,),
    }
    return make_document(**(values | changes))


_ALPHABET = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")).filter(
    lambda one: one not in "\ufffe\uffff"
)
PARAGRAPHS = st.one_of(
    st.text(_ALPHABET, max_size=40),
    st.text(st.sampled_from("αβγΔΩабвЖЯ😀🧪]>&<\"'\t\n\r çñß–’"), max_size=40),
    st.sampled_from(
        ["]]>", "<!DOCTYPE x>", "&amp;", "a\r\nb", "<![CDATA[x]]>", " ends ", "e\u0301"]
    ),
)
TEXTS = PARAGRAPHS.filter(lambda text: bool(text.strip()))
NAMES = st.from_regex(r"[A-Za-z0-9@._:/-]{1,30}", fullmatch=True)
# Hypothesis adds the zone to the bounds.
MOMENTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)
REFERENCES = st.builds(Reference, NAMES, NAMES.map(lambda name: f"old-{name}"), MOMENTS)


@st.composite
def documents(draw: st.DrawFn, /, **fixed: Any) -> AlertDocument:
    """Documents of every kind that a node can release."""
    languages = draw(
        st.lists(
            st.sampled_from(["en", "el", "bg", "de-AT", "sr-Latn", "mt"]),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    texts = tuple(
        AlertText(
            language,
            draw(TEXTS),
            draw(TEXTS),
            draw(PARAGRAPHS),
            draw(PARAGRAPHS),
            draw(PARAGRAPHS),
            draw(TEXTS),
            draw(PARAGRAPHS),
            draw(PARAGRAPHS),
        )
        for language in languages
    )
    message_type = draw(st.sampled_from(["Alert", "Update", "Cancel"]))
    sent = draw(MOMENTS)
    values: dict[str, Any] = {
        "identifier": draw(NAMES),
        "sender": draw(NAMES),
        "sender_name": draw(TEXTS),
        "sent": sent,
        "status": draw(st.sampled_from(["Actual", "Exercise", "Test"])),
        "message_type": message_type,
        "tlp": draw(st.sampled_from(["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"])),
        "severity": draw(st.sampled_from(["Extreme", "Severe", "Moderate", "Minor", "Unknown"])),
        "urgency": draw(st.sampled_from(["Immediate", "Expected", "Future", "Past", "Unknown"])),
        "certainty": draw(
            st.sampled_from(["Observed", "Likely", "Possible", "Unlikely", "Unknown"])
        ),
        "effective": draw(st.none() | st.just(sent)),
        "expires": draw(st.none() | st.just(sent + timedelta(days=30))),
        "substance_name": draw(TEXTS),
        "isomer_group": draw(st.booleans()),
        "identification_level": draw(st.sampled_from(["", "schymanski-1", "swgdrug-not-met"])),
        "isomer_open": draw(st.booleans()),
        "country": draw(st.sampled_from(["", "IE", "EL", "US"])),
        "region_code": draw(st.sampled_from(["", "IE061", "DE"])),
        "geocodes": draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple)),
        "references": ()
        if message_type == "Alert"
        else draw(st.lists(REFERENCES, min_size=1, max_size=3).map(tuple)),
        "version": draw(st.integers(1, 9)),
        "texts": texts,
        "web_address": "https://example.org/a/17",
        "note": "" if message_type == "Alert" else draw(TEXTS),
        "addresses": draw(
            st.lists(st.sampled_from(["a@example.org", "Poison centre X"]), max_size=2).map(tuple)
        ),
    }
    return AlertDocument(**(values | fixed))
