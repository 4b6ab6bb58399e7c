"""Every page of the demonstration node, wide and narrow, light and dark, as a browser sees it."""

import io
from typing import Literal

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload

from tests.browser.node import Visitor, open_browser, serve_node
from tocsin.alerts.queries import list_newest_versions
from tocsin.cli.console import DEFAULT_ORGANISATION, set_up_organisation
from tocsin.cli.demonstration import DEMO_PASSWORD, ensure_demonstration
from tocsin.notifications.queries import list_packages
from tocsin.organisations.actors import PUBLIC, Actor
from tocsin.organisations.queries import get_actor
from tocsin.reports.queries import list_imports, list_reports
from tocsin.signals.queries import list_signals

pytestmark = pytest.mark.browser

VIEWS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (320, "dark"))
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
CHARTS_ARE_DRAWN = """() => [...document.querySelectorAll("figure[data-spec-id]")]
    .every((one) => one.dataset.chart === "drawn")"""

LABORATORY_FILE = b"Probe,Datum,Stoff\nL-1,12.11.2026,Isotonitazenne\nL-2,31.11.2026,Kokain\n"
ISOTONITAZENE = "/substances/isotonitazene/"
KINDS = ("first-detection", "first-in-country", "spike")


def _list_paths(anna: Actor) -> dict[str, list[str]]:
    """Who looks at which pages."""
    public = list_newest_versions(PUBLIC)[0].alert.identifier
    waiting = next(one for one in list_newest_versions(anna) if one.state == "waiting")
    draft, notified = list_packages(anna, order="state")
    return {
        "": ["/accounts/login/", "/public/alerts/", f"/public/alerts/{public}"],
        "anna": [
            "/",
            "/inbox/",
            "/inbox/import/",
            f"/inbox/{list_imports(anna)[0].pk}/",
            "/names/",
            "/reports/",
            "/reports/new/",
            "/reports/new/serious-adverse-event/",
            f"/reports/{list_reports(anna)[0].pk}/",
            "/signals/",
            *(f"/signals/{list_signals(anna, kind=kind)[0].pk}/" for kind in KINDS),
            "/settings/detection/",
            "/settings/detection/default/",
            "/substances/",
            "/substances/protonitazene/",
            f"{ISOTONITAZENE}?as-of=2024-06-20",
            f"{ISOTONITAZENE}?as-of=nonsense",
            f"{ISOTONITAZENE}status-sheet/",
            "/what-is-this/?q=fentanil",
            "/what-is-this/?q=CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12",
            "/what-is-this/?q=CN(C)(C)(C)C",
            "/alerts/",
            f"/alerts/{public}/",
            f"/alerts/drafts/{waiting.pk}/",
            "/packages/",
            f"/packages/{notified.pk}/",
            f"/packages/{notified.pk}/replace/",
            f"/packages/{draft.pk}/add/",
            f"/packages/new/?report={list_reports(anna)[0].pk}",
            "/quality/",
            "/account/",
        ],
        "remi": [f"/alerts/drafts/{waiting.pk}/release/", f"/packages/{draft.pk}/release/"],
        "ada": ["/people/", "/people/add/", "/journal/", "/retention/", "/retention/erased/"],
    }


def _look(visitor: Visitor, path: str, width: int) -> list[str]:
    """Go to a page and say what is wrong with it."""
    visitor.go(path)
    return _look_at(visitor, path, width)


def _look_at(visitor: Visitor, path: str, width: int) -> list[str]:
    visitor.page.wait_for_load_state("load")
    visitor.page.wait_for_function(CHARTS_ARE_DRAWN)
    found = [
        f"{path} at {width}: {one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in Axe().run(visitor.page, options=WCAG).response["violations"]
    ]
    wide = visitor.page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        found.append(f"{path} at {width}: scrolls sideways, {wide} px wide")
    if not visitor.page.locator("h1").count():
        found.append(f"{path} at {width}: has no heading")
    found += [f"{path} at {width}: {complaint}" for complaint in visitor.complaints]
    visitor.complaints.clear()
    return found


def _look_at_matching(visitor: Visitor, width: int) -> list[str]:
    """Send a laboratory's file, and look at the step that asks what its columns mean."""
    visitor.go("/inbox/import/")
    file = FilePayload(name="lab.csv", mimeType="text/csv", buffer=LABORATORY_FILE)
    visitor.page.set_input_files("[name=file]", files=[file])
    visitor.press("Look at the file")
    visitor.page.wait_for_url("**/match/")
    return _look_at(visitor, "the step of matching", width)


def test_no_page_breaks_the_rules_of_access_or_scrolls_sideways(own_database: str) -> None:
    set_up_organisation(DEFAULT_ORGANISATION)
    ensure_demonstration()
    paths = _list_paths(get_actor("anna"))
    found: list[str] = []
    with serve_node(own_database) as address, open_browser() as browser:
        for width, scheme in VIEWS:
            for person, pages in paths.items():
                visitor = Visitor(browser, address, width=width, scheme=scheme)
                if person:
                    visitor.log_in(person, DEMO_PASSWORD)
                for path in pages:
                    found += _look(visitor, path, width)
                if person == "anna":
                    found += _look_at_matching(visitor, width)
                visitor.leave()
    assert found == []


def test_status_sheet_is_one_page_and_the_slider_moves_the_day(own_database: str) -> None:
    set_up_organisation(DEFAULT_ORGANISATION)
    ensure_demonstration()
    with serve_node(own_database) as address, open_browser() as browser:
        visitor = Visitor(browser, address, width=1280, scheme="light")
        visitor.log_in("anna", DEMO_PASSWORD)
        for key in ("isotonitazene", "amphetamine", "ephedrine", "fentanyl"):
            visitor.go(f"/substances/{key}/status-sheet/")
            paper = visitor.page.request.get(f"{address}/substances/{key}/status-sheet.pdf")
            assert len(pypdf.PdfReader(io.BytesIO(paper.body())).pages) == 1, key
        visitor.go(ISOTONITAZENE)
        visitor.page.get_by_label("Go to the day of a change").fill("0")
        visitor.page.wait_for_url("**as-of=2020-11-14**")
        heading = visitor.page.get_by_role("heading", name="Legal status on 14 Nov 2020")
        heading.wait_for()
        assert visitor.complaints == []
        visitor.leave()
