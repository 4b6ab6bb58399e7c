"""Whatever a person types and Tocsin keeps is refused where it names somebody, with the field."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pydantic import TypeAdapter
from pydantic import ValidationError as SchemaError

from tests.reports.world import Row, World, make_world, write_file
from tocsin.api.schemas.words import EvidenceText, Remark, Sentence
from tocsin.errors import BadProfileError, RefusedError
from tocsin.notifications.services import (
    make_edas,
    release_package,
    replace_package,
    withdraw_package,
)
from tocsin.organisations.queries import derive_actor
from tocsin.organisations.services import SETUP, record_person
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.formats.personal_data import find_personal_text, find_personal_value
from tocsin.reports.formats.profiles import check_profile, load_profile
from tocsin.reports.models import Report
from tocsin.reports.queries import get_profile
from tocsin.reports.record import get_field
from tocsin.reports.services import (
    correct_report,
    merge_substances,
    receive_file,
    record_report,
    resolve_group,
    retract_report,
    split_substance,
    undo_group_resolution,
    undo_merge,
)
from tocsin.retention.models import LegalHold, RetentionPeriod
from tocsin.retention.services import place_hold, set_period
from tocsin.substances.models import IdentityEvent
from tocsin.web.forms.fields import require_impersonal
from tocsin.web.forms.identity import ProductForm, UnknownForm

SECRET = "asked by Mrs Berg"
SEIZURE = EvidenceReport(
    reference="L-1",
    event_type="seizure",
    event_on=date(2026, 3, 2),
    country="IE",
    findings=(EvidenceFinding("xylazine", "seized"),),
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_no_service_keeps_a_reason_or_a_file_name_that_names_a_person(
    world: World, tmp_path: Path
) -> None:
    keeper = derive_actor(
        record_person(
            SETUP, username="kim", organisation=world.own, roles=("administrator",), password=None
        )
    )
    analyst = world.analyst
    held = record_report(analyst, world.handling, SEIZURE)
    package = release_package(world.releaser, make_edas(analyst, [held.pk]).pk)
    path = write_file(tmp_path / "rows.csv", [Row("A-1")])
    doors: dict[str, Callable[[], object]] = {
        "correction": lambda: correct_report(
            analyst, held.pk, replace(SEIZURE, region="IE06"), version=1, reason=SECRET
        ),
        "retraction": lambda: retract_report(analyst, held.pk, version=1, reason=SECRET),
        "merge": lambda: merge_substances(analyst, "xylazine", "medetomidine", reason=SECRET),
        "unmerge": lambda: undo_merge(analyst, "xylazine", reason=SECRET),
        "split": lambda: split_substance(
            analyst, "xylazine", "medetomidine", name_ids=[1], reason=SECRET
        ),
        "resolution": lambda: resolve_group(
            analyst, "nitazenes", "xylazine", report_ids=[held.pk], reason=SECRET
        ),
        "resolution undone": lambda: undo_group_resolution(analyst, 1, reason=SECRET),
        "period": lambda: set_period(keeper, "seizure", days=30, reason=SECRET),
        "hold": lambda: place_hold(keeper, held.pk, reason=SECRET),
        "file": lambda: receive_file(
            world.reporter,
            path,
            file_name="Patient_Anna_Berg.csv",
            profile=get_profile(world.reporter, "generic"),
            handling=world.handling,
        ),
        "replacement of a package": lambda: replace_package(analyst, package.pk, reason=SECRET),
        "withdrawal of a package": lambda: withdraw_package(
            world.releaser, package.pk, reason=SECRET
        ),
    }

    for door, pass_through in doors.items():
        with pytest.raises(RefusedError, match="looks like the name of a person") as raised:
            pass_through()
        assert "Berg" not in str(raised.value), door
    written = [model.objects.count() for model in (IdentityEvent, LegalHold, RetentionPeriod)]
    assert (Report.objects.for_writing().count(), written) == (1, [0, 0, 0])


def test_no_profile_says_something_about_a_person_for_every_row() -> None:
    profile = load_profile("generic")
    for changed in (
        replace(profile, constants={**profile.constants, "source": "Patient: Anna Berg"}),
        replace(profile, values={"source": {"x": "told by Frau Müller"}}),
        replace(profile, description="by Dr. Huber"),
    ):
        with pytest.raises(BadProfileError, match="nothing about a person") as raised:
            check_profile(changed)
        assert not any(name in str(raised.value) for name in ("Berg", "Müller", "Huber"))


@pytest.mark.parametrize("kind", [EvidenceText, Remark, Sentence])
def test_no_text_of_a_request_names_a_person(kind: Any) -> None:
    with pytest.raises(SchemaError, match="looks like the name of a person"):
        TypeAdapter(kind).validate_python(SECRET)


def test_no_text_of_a_form_names_a_person_and_a_bare_number_only_in_a_reference() -> None:
    with pytest.raises(ValidationError, match="the name of a person"):
        require_impersonal(SECRET)
    with pytest.raises(ValidationError, match="a national number"):
        require_impersonal("44051401359")
    assert require_impersonal("44051401359", find_personal_text) == "44051401359"
    for form, fields in ((UnknownForm, ("name", "note")), (ProductForm, ("name", "brand"))):
        filled = form(dict.fromkeys(fields, SECRET))
        assert set(fields) <= set(filled.errors)


def test_a_reference_is_no_name_a_note_no_number_and_a_brand_may_be_both() -> None:
    told = {
        key: [find_personal_value(get_field(key), text) for text in ("Anna Berg", "44051401359")]
        for key in ("reference", "note", "logo")
    }

    assert told == {
        "reference": ["the name of a person", None],
        "note": [None, "a national number"],
        "logo": [None, None],
    }
