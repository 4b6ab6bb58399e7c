"""The pages' forms, as they stand on the pages, filled in by a careless or a hostile hand."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote_plus, urljoin, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from tests.api.conftest import Node, open_node
from tests.fuzz.bounds import bounded
from tests.fuzz.invariants import derive_digest, list_changed, require_whole_records
from tocsin.signals.queries import list_signals

EXAMPLES = 40
PEOPLE = ("analyst", "releaser", "reporter", "administrator")
CSV = b"reference,event_type,date,country,substance,weight\nA-1,seizure,2026-03-02,AT,MDMA,4\n"
HOSTILE = (
    "",
    " ",
    "\0",
    "\udc80",
    "\u202e\u2028",
    "²",
    "-1",
    "0",
    "9" * 30,
    "9" * 5_000,
    "1e999999",
    "NaN",
    "-Infinity",
    "x" * 70_000,
    "0000-00-00",
    "0001-01-01",
    "9999-12-31T23:59",
    "../../etc/passwd",
    "%s{0}{{x}}",
    "<script>",
    "maria@example.org",
    "None",
    "carfentanil",
    "1",
)
WANTED = {
    "/inbox/import/…/match/",
    "/inbox/import/…/accept/",
    "/inbox/import/…/discard/",
    "/reports/…/correct/",
    "/reports/…/retract/",
    "/names/decide/",
    "/signals/…/triage/",
    "/alerts/new/",
    "/substances/…/merge/",
    "/substances/…/split/",
}
"""Places that a form of the pages must send to, or the fuzz does not see it."""


@dataclass(frozen=True)
class Form:
    """A form of a page: who sees it, where it sends to, and what it says as it stands."""

    name: str
    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """The address without what differs from node to node."""
        return "/".join(
            "…" if part.isdigit() or len(part) == 22 or part == "carfentanil" else part
            for part in urlsplit(self.address).path.split("/")
        )


@dataclass(frozen=True)
class Site:
    """A node with people logged in, and the forms that they see."""

    node: Node
    clients: dict[str, Client]
    forms: list[Form]


@pytest.fixture(scope="module")
def site(module_db: Callable[[], AbstractContextManager[None]]) -> Site:
    with module_db():
        node = open_node()
        reports = [node.report(reference=f"L-{number}").pk for number in range(2)]
        node.detect()
        signal = list_signals(node.actor("analyst"))[0].pk
        draft = node.draft().pk
        released = node.release().alert.identifier
        clients = {name: _log_in(node, name) for name in PEOPLE}
        paths = [
            "/names/",
            "/people/",
            "/account/",
            "/products/new/",
            "/unknown-features/new/",
            "/reports/new/",
            *(f"/reports/new/{kind}/" for kind in ("seizure", "biological-sample", "poisoning")),
            "/what-is-this/",
            "/settings/detection/",
            f"/reports/{reports[0]}/",
            f"/reports/{reports[0]}/correct/",
            f"/reports/{reports[1]}/retract/",
            f"/signals/{signal}/",
            "/substances/carfentanil/",
            "/substances/carfentanil/identity/",
            *(f"/substances/carfentanil/{step}/" for step in ("merge", "split")),
            "/names/search/?text=unheard-of+thing&q=carfentanil",
            "/alerts/new/?substance=carfentanil",
            f"/alerts/new/?signal={signal}",
            f"/alerts/drafts/{draft}/",
            f"/alerts/{released}/",
            f"/alerts/{released}/withdraw/",
            _upload(clients["analyst"], profile=""),
            _upload(clients["analyst"], profile="generic"),
        ]
        forms = {
            (form.name, form.address): form
            for name in PEOPLE
            for path in paths
            for form in _list_forms(clients[name], name, path)
        }
    return Site(node, clients, list(forms.values()))


def _log_in(node: Node, name: str) -> Client:
    client = Client()
    client.force_login(node.people[name])
    return client


def _upload(client: Client, *, profile: str) -> str:
    """Send a file in; return the page where its columns are matched, or its rows checked."""
    received = SimpleUploadedFile("rows.csv", CSV)
    values = {"file": received, "profile": profile, "tlp": "AMBER", "purposes": ["early-warning"]}
    answer = client.post("/inbox/import/", values)
    assert answer.status_code == 302, answer.status_code
    return str(answer["Location"])


def _list_forms(client: Client, name: str, path: str) -> list[Form]:
    """Read the forms of a page and of the step after it; none where the person may not see it."""
    answer = client.get(path)
    if answer.status_code != 200 or "html" not in answer["Content-Type"]:
        return []
    found = []
    for form in cast("Any", html.fromstring(answer.content)).forms:
        address = urljoin(path, form.action or path)
        if form.method.upper() == "POST" and address.startswith("/"):
            fields = tuple((key, value or "") for key, value in form.form_values())
            found.append(Form(name, address, _add_absent(form, fields)))
    return found


def _add_absent(form: Any, fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Add what stands unchosen in the form: boxes, choices and buttons, each by its first value."""
    given = {key for key, _value in fields}
    extra: dict[str, str] = {}
    for one in form.iter("input", "select", "button"):
        key = one.get("name")
        if key and key not in given and one.get("type") != "file":
            choices = [option.get("value", "") for option in one.iter("option")]
            extra.setdefault(key, one.get("value") or next(filter(None, choices), ""))
    return (*fields, *extra.items())


@st.composite
def filled(draw: st.DrawFn, form: Form) -> list[tuple[str, str]]:
    """The form as it stands, some of its fields missing, repeated, or saying something else."""
    fields = [one for one in form.fields if draw(st.integers(0, 9))]
    text = st.text(max_size=20) | st.sampled_from(HOSTILE)
    for _change in range(draw(st.integers(0, 4))):
        if not fields:
            break
        place = draw(st.integers(0, len(fields) - 1))
        key = fields[place][0]
        fields[place] = (key, draw(text))
        if draw(st.booleans()):
            fields.append((key, draw(text)))
    if draw(st.integers(0, 9)) == 0:
        fields.append((draw(text), draw(text)))
    return fields


def encode(fields: list[tuple[str, str]]) -> bytes:
    """Write fields as a browser does; what is no character goes as the bytes it would be."""
    return "&".join(
        f"{quote_plus(key.encode('utf-8', 'surrogatepass'))}="
        f"{quote_plus(value.encode('utf-8', 'surrogatepass'))}"
        for key, value in fields
    ).encode()


def test_the_pages_show_the_forms_that_matter(site: Site, db: None) -> None:
    assert {form.place for form in site.forms} >= WANTED


def test_no_form_fails_or_stores_half_a_record(site: Site, db: None) -> None:
    """Each example is taken back, so that the next one finds every form as it stands."""
    statuses: set[int] = set()

    @bounded(EXAMPLES)
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        form = data.draw(st.sampled_from(site.forms))
        content = encode(data.draw(filled(form)))
        with transaction.atomic():
            before = derive_digest()
            answer = site.clients[form.name].post(
                form.address, content, content_type="application/x-www-form-urlencoded"
            )
            statuses.add(answer.status_code)
            assert answer.status_code < 500, form
            if answer.status_code >= 400:
                assert list_changed(before) == [], form
            require_whole_records()
            transaction.set_rollback(True)

    send()

    assert {200, 302} & statuses
