"""What is typed into a report survives leaving the page, a session that ends, and going back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.node import PASSWORD, Visitor, open_browser, serve_node
from tocsin.organisations.services import SETUP, record_organisation, record_person
from tocsin.organisations.vocabulary import OrganisationKind, Role

pytestmark = pytest.mark.browser


def test_what_is_typed_survives_leaving_signing_out_and_going_back(own_database: str) -> None:
    own = record_organisation(
        SETUP,
        key="laboratory",
        name="Laboratory",
        kind=OrganisationKind.LABORATORY,
        country="AT",
        is_own=True,
    )
    roles = [Role.READER, Role.REPORTER]
    record_person(SETUP, username="rosa", organisation=own, roles=roles, password=PASSWORD)
    expect.set_options(timeout=15_000)
    with serve_node(own_database) as address, open_browser() as browser:
        rosa = Visitor(browser, address, width=360)
        rosa.log_in("rosa")
        _leave_at_once(rosa)
        _store_signed_out(rosa)
        _go_back_from_the_question(rosa)
        assert rosa.complaints == []


def _leave_at_once(rosa: Visitor) -> None:
    rosa.go("/reports/new/seizure/")
    rosa.page.fill("[name=reference]", "S-2026-0040")
    rosa.go("/inbox/")
    draft = rosa.page.locator("main a[href*='draft=']")
    # What a page sends as it goes may arrive after the next page was asked for.
    for _attempt in range(50):
        rosa.go("/reports/new/")
        if draft.count():
            break
    draft.click()
    expect(rosa.page.locator("[name=reference]")).to_have_value("S-2026-0040")


def _store_signed_out(rosa: Visitor) -> None:
    """Fill the form in, lose the session, and go on after signing in beside it."""
    day = timezone.localdate() - timedelta(days=2)
    for name, text in {
        "event_on": day.isoformat(),
        "finding-0-substance": "Carfentanil",
        "finding-0-physical_form": "tablet",
        "finding-0-amount": "40",
    }.items():
        field = rosa.page.locator(f"[name={name}]")
        if field.evaluate("one => one.localName") == "select":
            field.select_option(text)
        else:
            field.fill(text)
    rosa.page.locator("[name=finding-0-unit]").select_option("g")
    rosa.context.clear_cookies()
    rosa.press("Store the report")
    told = rosa.page.get_by_role("alert").filter(has_text="You are signed out")
    expect(told).to_be_visible()
    with rosa.context.expect_page() as opened:
        told.get_by_role("link").click()
    other = opened.value
    other.fill("[name=login]", "rosa")
    other.fill("[name=password]", PASSWORD)
    other.click("main button[type=submit]")
    other.wait_for_selector("#navigation", state="attached")
    other.close()
    rosa.press("Store the report")
    # Forty grams of tablets are asked about once, with everything typed still there.
    expect(rosa.page.locator("main")).to_contain_text("Yes, it is so")
    expect(rosa.page.locator("[name=finding-0-amount]")).to_have_value("40")


def _go_back_from_the_question(rosa: Visitor) -> None:
    rosa.page.go_back()
    expect(rosa.page).to_have_url(re.compile(r"draft=\d+"))
    expect(rosa.page.locator("[name=reference]")).to_have_value("S-2026-0040")
    rosa.page.go_forward()
    expect(rosa.page.locator("[name=reference]")).to_have_value("S-2026-0040")
    rosa.page.locator("[name=finding-0-unit]").select_option("tablets")
    rosa.press("Store the report")
    expect(rosa.page.locator("main")).to_contain_text("The report is stored.")
    rosa.go("/reports/new/")
    expect(rosa.page.locator("main a[href*='draft=']")).to_have_count(0)
