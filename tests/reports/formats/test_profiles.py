"""Profiles: what ships, what is refused, and that a profile survives being written."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import BadProfileError
from tocsin.reports.formats.profiles import (
    Profile,
    check_profile,
    list_profiles,
    load_profile,
    parse_profile,
)

SMALLEST = """
name = "small"
[columns]
event_on = "Day"
substance = ["Substance", "Drug"]
[constants]
event_type = "seizure"
country = "AT"
"""

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def test_the_smallest_profile_has_these_defaults() -> None:
    assert parse_profile(SMALLEST) == Profile(
        name="small",
        columns={"event_on": ("Day",), "substance": ("Substance", "Drug")},
        constants={"event_type": "seizure", "country": "AT"},
    )


@pytest.mark.parametrize("name", ["connecticut", "generic", "laboratory_workbook"])
def test_shipped_profiles_load_under_their_own_name(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert name in list_profiles()
    assert parse_profile(profile.to_toml()) == profile


@given(
    title=TEXTS,
    words=st.dictionaries(TEXTS, st.sampled_from(["seizure", "site", ""]), max_size=3),
    empty=st.lists(TEXTS, max_size=3).map(tuple),
    separator=st.sampled_from(["", ";", "|", " + "]),
)
def test_a_profile_reads_back_as_it_was_written(
    title: str, words: dict[str, str], empty: tuple[str, ...], separator: str
) -> None:
    profile = dataclasses.replace(
        parse_profile(SMALLEST),
        title=title,
        values={"event_type": words} if words else {},
        empty=empty,
        separator=separator,
    )
    assert parse_profile(profile.to_toml()) == profile


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(("name", "nome"), r"profile, nome: found 'nome'; expected a key", id="key"),
        pytest.param(("event_on =", "when ="), r"columns\.when: found 'when'", id="field"),
        pytest.param(('"Day"', "7"), r"columns\.event_on: found '7'; expected a text", id="type"),
        pytest.param(('"Day"', '"drug"'), "not used by columns", id="heading twice"),
        pytest.param(('event_on = "Day"', ""), r"columns\.event_on: found 'nothing'", id="no date"),
        pytest.param(('"AT"', '"Austria"'), "two letters of ISO 3166-1", id="country"),
        pytest.param(('"seizure"', '"theft"'), r"constants\.event_type: found 'theft'", id="word"),
        pytest.param(('"small"', '"Sm all"'), "small letters", id="name"),
        pytest.param(("[columns", "[columns"), "not TOML", id="TOML"),
        pytest.param(
            ("[columns]", '[reading]\ndate_formats=["DD.MM"]\n[columns]'), "such as", id="date"
        ),
        pytest.param(
            ("[columns]", '[reading]\ndecimal_mark=";"\n[columns]'), "'.' or ','", id="mark"
        ),
        pytest.param(
            ("[columns]", '[reading]\nseparator="."\n[columns]'), "decimal mark", id="sep"
        ),
        pytest.param(("[columns]", "columns = 3\n[x]"), "expected a", id="table"),
        pytest.param(
            ("[columns]", '[reading]\nrequired=["x"]\n[columns]'), "fields out of", id="required"
        ),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused_by_key(
    change: tuple[str, str], message: str
) -> None:
    text = SMALLEST.replace(*change) + ("[" if change[0] == change[1] else "")
    with pytest.raises(BadProfileError, match=message):
        parse_profile(text)


def test_a_profile_that_does_not_ship_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadProfileError, match="expected one of connecticut, generic"):
        load_profile("../../etc/passwd")


def test_a_profile_made_in_the_web_is_checked_alike() -> None:
    with pytest.raises(BadProfileError, match=r"columns\.substance"):
        check_profile(
            Profile(
                name="x",
                columns={"event_on": ("Day",)},
                constants={"country": "AT", "event_type": "site", "substance": "x"},
            )
        )
