"""Two worlds that differ only in what an actor may not see answer that actor alike, everywhere.

The routes come from the addresses themselves: one that is not in the tables below fails the test.
"""

import hashlib
import io
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.api.conftest import EVIDENCE, Node, open_node
from tocsin.alerts.queries import ALERT_ORDERS
from tocsin.alerts.services import draft_update
from tocsin.notifications.queries import PACKAGE_ORDERS
from tocsin.notifications.services import make_edas, release_package
from tocsin.organisations.actors import Actor
from tocsin.organisations.models import Handling
from tocsin.organisations.services import ensure_handling
from tocsin.organisations.vocabulary import Purpose, Role
from tocsin.pipeline import run_detection
from tocsin.reports.evidence import EvidenceFinding, EvidenceReport
from tocsin.reports.models import EvidenceImport, ImportProblem, WrittenName
from tocsin.reports.queries import (
    DECIDED_NAME_ORDERS,
    IMPORT_ORDERS,
    REPORT_ORDERS,
    UNRESOLVED_NAME_ORDERS,
    list_reports,
)
from tocsin.reports.record.values import make_details
from tocsin.reports.services import (
    decide_name,
    keep_draft,
    keep_spectrum,
    record_report,
    resolve_group,
)
from tocsin.retention.queries import ERASED_ORDERS
from tocsin.signals.models import SeriesQueue, Signal
from tocsin.signals.queries import SIGNAL_ORDERS
from tocsin.signals.services import count_changes, triage_signal
from tocsin.substances.queries import ORDERS as SUBSTANCE_ORDERS
from tocsin.tables.queries import TABLE_ORDERS
from tocsin.tables.services import TableWish, make_table, release_table
from tocsin.web.views.quality import ORDERS as QUALITY_ORDERS

SHARED_SUBSTANCES = ("carfentanil", "xylazine")
NAMES = ("carfentanil", "xylazine", "protonitazene", "unheard-of thing", "secret thing")
GROUP = "fluorofentanyl-isomer-undetermined"
PURPOSES = [{"purpose": purpose} for purpose in Purpose.values]
SEARCHES = [{"q": text} for text in ("thing", "secret")]
STRUCTURE = "CCN(CC)CCn1c(Cc2ccccc2)nc2ccccc12"
SECRET_SPECTRA = b"188.1 999"
SECRET_DIGEST = hashlib.sha256(SECRET_SPECTRA).hexdigest()
CSV, XLSX = {"format": "csv"}, {"format": "xlsx"}


def make_variants(orders: Any, *further: dict[str, str]) -> list[dict[str, str]]:
    """Every order, search, page and file of a list."""
    pages = [{"page": "2"}, *({"sort": order} for order in orders)]
    return [{}, *SEARCHES, *pages, CSV, *further]


API_VARIANTS: dict[str, list[dict[str, str]]] = {
    "openapi-json": [{}],
    "api-root": [{}],
    "show_reports": [
        *PURPOSES,
        *({"order": order} for order in REPORT_ORDERS),
        *({"search": text} for text in ("thing", "secret", "L-1")),
        *({"substance": key} for key in SHARED_SUBSTANCES),
        {"limit": "1", "offset": "1"},
        {"country": "AT", "event_type": "seizure"},
        {"country": "SK", "area": "AT13"},
        {"matrix": "seized", "since": "2026-01-01", "until": "2026-12-31"},
        {"import_id": "{import_id}"},
    ],
    "show_report": PURPOSES,
    "show_substances": [{}, *({"order": order, "limit": "20"} for order in SUBSTANCE_ORDERS)],
    "show_substance": [{}],
    "resolve": [{"text": text} for text in NAMES],
    "show_signals": [
        *PURPOSES,
        *({"order": order} for order in SIGNAL_ORDERS),
        {"state": "open"},
        {"kind": "first-detection", "matrix": "seized"},
        {"search": "xyl", "country": "AT", "with_backlog": "false"},
        {"substance": "carfentanil", "since": "2026-01-01"},
    ],
    "show_signal": PURPOSES,
    "show_alerts": [
        *PURPOSES,
        *({"order": order} for order in ALERT_ORDERS),
        {"search": "powder"},
        {"limit": "1", "offset": "1"},
    ],
    "show_alert": PURPOSES,
    "show_alert_cap": PURPOSES,
    "show_packages": [
        *PURPOSES,
        *({"order": order} for order in PACKAGE_ORDERS),
        {"search": "xyl", "kind": "edas", "state": "released"},
        {"limit": "1", "offset": "1"},
    ],
    "show_package": PURPOSES,
    "show_package_schema": PURPOSES,
    "show_record_schema": PURPOSES,
    "show_tables": [
        *PURPOSES,
        *({"order": order} for order in TABLE_ORDERS),
        {"search": "PUB", "state": "released"},
        {"limit": "1", "offset": "1"},
    ],
    "show_table": PURPOSES,
    "show_table_file": PURPOSES[:2],
    "receive_report": [{}],
    "receive_bundle": [{}],
    "receive_correction": [{}],
    "receive_retraction": [{}],
    "triage": [{}],
}
LISTS: dict[str, list[dict[str, str]]] = {
    "inbox": make_variants(IMPORT_ORDERS),
    "names": make_variants(UNRESOLVED_NAME_ORDERS),
    "names-decided": make_variants(DECIDED_NAME_ORDERS),
    "names-search": [{"text": "unheard-of thing"}, {"text": "secret thing"}, {"q": "xyl"}],
    "reports": make_variants(
        REPORT_ORDERS, XLSX, {"country": "AT"}, {"area": "AT1"}, {"substance": "xylazine"}
    ),
    "reports-enter": [{}, {"draft": "{draft_id}"}],
    "signals": make_variants(SIGNAL_ORDERS, {"older": "1"}, {"state": "new"}),
    "substances": make_variants(SUBSTANCE_ORDERS, {"kind": "isomer-group"}),
    "substance-identify": [
        {},
        *({"q": text} for text in ("carfentanil", "secret thing", STRUCTURE, "C1CC")),
        {"q": STRUCTURE, "as-of": "2025-01-01"},
        {"q": STRUCTURE, "change": "0"},
    ],
    "substances-substance": [{}, {"as-of": "2025-01-01"}, {"as-of": "x"}, {"change": "0"}],
    "substances-status-sheet": [{}, {"as-of": "2025-01-01"}],
    "substances-status-sheet-pdf": [{}],
    "substance-identify-sheet": [{"q": STRUCTURE}, {"q": "x"}],
    "alerts": make_variants(ALERT_ORDERS, {"state": "draft"}),
    "statistics": make_variants(TABLE_ORDERS, {"state": "draft"}),
    "packages": make_variants(PACKAGE_ORDERS, {"kind": "edas"}, {"state": "draft"}),
    "packages-new": [{}, {"report": "{report_id}"}, {"signal": "{signal_id}"}],
    "import": [{}, {"rows": "all"}, CSV],
    "quality": [
        *make_variants(QUALITY_ORDERS),
        {"event_type": "seizure"},
        *({"sender": key} for key in ("customs", "third", "focal-point")),
        {"since": "2024-01-01", "until": "2026-06-30"},
    ],
    "quality-sender": [{}, {"since": "2024-01-01"}],
    "retention-erased": make_variants(ERASED_ORDERS),
    "journal": [{}, CSV],
    "people": [{}, CSV],
}
"""Pages that take parameters; the other pages are asked for once."""

PAGES = [
    "chart-bundle",
    "healthy",
    "overview",
    "overview-figures",
    "import-new",
    "import-match",
    "import-check",
    "import-upload-marked",
    "import-accept",
    "import-discard",
    "import-status",
    "import-stop",
    "import-marked",
    "names-decide",
    "names-new-substance",
    "names-undo",
    "import-template",
    "reports-new",
    "reports-autosave",
    "reports-discard-draft",
    "reports-own",
    "reports-suggest",
    "reports-spectrum",
    "reports-report",
    "reports-correct",
    "reports-retract",
    "signals-signal",
    "signals-series",
    "signals-triage",
    "signals-undo",
    "detection",
    "detection-class",
    "substances-identity",
    "substances-merge",
    "substances-undo-merge",
    "substances-split",
    "substances-resolve",
    "substances-undo-resolution",
    "unknowns-new",
    "products-new",
    "substances-weeks",
    "substances-places",
    "alerts-new",
    "alerts-preview",
    "alerts-compose",
    "alerts-ask",
    "alerts-discard",
    "alerts-release",
    "alerts-alert",
    "alerts-cap",
    "alerts-update",
    "alerts-cancel",
    "packages-package",
    "packages-download",
    "packages-statements",
    "packages-renew",
    "packages-discard",
    "packages-release",
    "packages-replace",
    "packages-withdraw",
    "people-add",
    "people-person",
    "people-organisations",
    "people-organisations-add",
    "journal-verify",
    "retention",
    "retention-hold-new",
    "retention-lift",
    "retention-period",
    "account",
    "account-revoke",
    "public-alerts",
    "public-feed",
    "public-alert",
    "public-json",
    "public-cap",
    "statistics-new",
    "statistics-table",
    "statistics-download",
    "statistics-release",
    "statistics-discard",
    "statistics-withdraw",
    "public-tables",
    "public-table",
    "public-table-file",
]

VARIANTS: dict[str, list[dict[str, str]]] = {**{name: [{}] for name in PAGES}, **LISTS}

# A page's form carries a new token each time; it protects the form and says nothing.
FORM_TOKEN = re.compile(
    rb"(?:csrfmiddlewaretoken\W+value=\W*|X-CSRFToken\W+)[A-Za-z0-9]{32,64}", re.IGNORECASE
)


@dataclass(frozen=True)
class Secret:
    """Something the actor may not see: whose it is, what it says, and how it is hidden."""

    owner: str
    text: str
    country: str
    days_ago: int
    reference: str
    hidden_by: str


def make_secrets(seed: int) -> list[Secret]:
    """Return one secret for each way of hiding it, the rest of it by chance."""
    chance = random.Random(seed)
    return [
        Secret(
            owner=chance.choice(["third", "own"]),
            text=text,
            country=chance.choice(["AT", "SK"]),
            days_ago=chance.randrange(400),
            reference=chance.choice(["L-1", "L-7", "S-1", ""]),
            hidden_by=hidden_by,
        )
        for hidden_by, text in zip(
            ["nobody", "red", "red to others", "no purpose", "nobody"],
            chance.sample(NAMES, k=len(NAMES)),
            strict=True,
        )
    ]


@dataclass
class Places:
    """Values for the places in addresses: of records that are visible, hidden, and absent."""

    values: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, *values: object) -> None:
        self.values.setdefault(name, []).extend(str(value) for value in values)


def make_evidence(text: str, *, reference: str, days_ago: int, country: str) -> EvidenceReport:
    return replace(
        EVIDENCE,
        reference=reference,
        event_on=timezone.localdate() - timedelta(days=days_ago),
        country=country,
        region="AT13" if country == "AT" else "",
        findings=(EvidenceFinding(substance_text=text, matrix="seized"),),
    )


def name_spectra(evidence: EvidenceReport, digest: str) -> EvidenceReport:
    [finding] = evidence.findings
    named = replace(finding, details=make_details({"spectra": (digest,)}))
    return replace(evidence, findings=(named,))


def hold_import(handling: Handling, name: str) -> EvidenceImport:
    held: EvidenceImport = EvidenceImport.objects.create(
        handling=handling,
        file_name=name,
        file_digest="0" * 64,
        file_size=10,
        profile_name="generic",
        profile_text="",
        state="finished",
        created_by="somebody",
        rows_total=1,
        rows_done=1,
        refused=1,
    )
    ImportProblem.objects.create(
        evidence_import=held, row=2, code="missing", found=name, expected="a country"
    )
    return held


def hold_what_is_visible(node: Node, *, shares_signals: bool) -> Places:
    """Hold evidence, signals and alerts that the partner and the node's own people see.

    shares_signals: the node's signals too are shared with the partner.
    """
    places = Places()
    both = (node.own.pk, node.partner.pk)
    for number, text in enumerate(("carfentanil", "xylazine", "unheard-of thing"), 1):
        for name, country in (("reporter", "AT"), ("partner-analyst", "SK")):
            actor = node.actor(name)
            assert actor.organisation_id is not None
            handling = ensure_handling(owner_id=actor.organisation_id, tlp="AMBER", audience=both)
            evidence = make_evidence(
                text, reference=f"L-{number}", days_ago=10 * number, country=country
            )
            evidence = name_spectra(evidence, SECRET_DIGEST)
            report = record_report(actor, handling, evidence)
    shared = ensure_handling(
        owner_id=node.own.pk, tlp="AMBER", audience=both, purposes=Purpose.values
    )
    places.add("report_id", report.pk)
    places.add("import_id", hold_import(shared, "visible.csv").pk)
    run_detection()
    signals = Signal.objects.for_writing().order_by("pk")
    if shares_signals:
        signals.update(handling=shared)
    places.add("signal_id", *signals.values_list("pk", flat=True)[:1])
    public, partner = node.release(tlp="CLEAR"), node.release(to=both)
    places.add("identifier", public.alert.identifier, partner.alert.identifier)
    places.add("version_id", public.pk)
    [told] = list_reports(node.actor("analyst"), search="L-3", country="AT")
    package = make_edas(node.actor("analyst"), [told.pk])
    release_package(node.actor("releaser"), package.pk, audience=[node.partner.pk])
    places.add("package_id", package.pk)
    places.add("form", "pdf", "docx", "json", "nonsense")
    # Of a year without hidden evidence, and so the same in both worlds.
    for wish in (TableWish("2019", audience=(node.partner.pk,)), TableWish("2019", is_public=True)):
        table = make_table(node.actor("analyst"), wish)
        release_table(node.actor("releaser"), table.pk)
        places.add("table_id", table.pk)
        places.add("identifier", table.identifier)
        places.add("table", table.identifier)
    places.add("number", 1)
    places.add("version", 1)
    places.add("name_id", *WrittenName.objects.order_by("pk").values_list("pk", flat=True)[:1])
    places.add("person_id", node.people["reader"].pk)
    places.add("token_id", 1)
    places.add("key", *SHARED_SUBSTANCES, "protonitazene", "no-such-thing", GROUP)
    places.add("event_id", 0)
    places.add("class_key", "default", "nitazene", "no-such-class")
    places.add("token", "nonsense")
    places.add("event_type", "seizure", "wastewater", "no-such-type")
    places.add("form", "csv", "xlsx", "pdf")
    places.add("digest", SECRET_DIGEST, "0" * 64)
    places.add("draft_id", 0)
    places.add("figure", "classes", "countries", "nonsense")
    places.add("sender", "focal-point", "customs", "third")
    places.add("hold_id", 1)
    return places


def hide(node: Node, actor: Actor, secret: Secret) -> Handling:
    """Return a handling that keeps a secret from the actor."""
    owner = node.people[f"{secret.owner}-everything"].organisation_id
    assert actor.organisation_id not in {None, owner}
    audience = () if secret.hidden_by == "nobody" else (actor.organisation_id,)
    return ensure_handling(
        owner_id=owner,
        tlp="RED" if secret.hidden_by.startswith("red") else "AMBER",
        audience=audience,
        people=[node.people["reader"].pk + 999] if secret.hidden_by == "red to others" else [],
        purposes=[] if secret.hidden_by == "no purpose" else Purpose.values,
    )


def hold_secrets(node: Node, actor: Actor, secrets: list[Secret], places: Places) -> None:
    """Hold what the actor may not see: evidence, imports, names, counts, signals, alerts."""
    for number, secret in enumerate(secrets):
        keeper = node.actor(f"{secret.owner}-everything")
        handling = hide(node, actor, secret)
        reference = secret.reference and f"{secret.reference}-{number}"
        evidence = make_evidence(
            secret.text, reference=reference, days_ago=secret.days_ago, country=secret.country
        )
        report = record_report(keeper, handling, evidence)
        places.add("report_id", report.pk)
        places.add("import_id", hold_import(handling, f"secret-{number}.csv").pk)
        package = make_edas(keeper, [report.pk])
        if number % 2:
            release_package(node.actor(f"{secret.owner}-releaser"), package.pk)
        places.add("package_id", package.pk)
        table = make_table(keeper, TableWish(f"{timezone.localdate().year - number}"))
        if number % 2:
            release_table(node.actor(f"{secret.owner}-releaser"), table.pk)
        places.add("table_id", table.pk)
        places.add("table", table.identifier)
        if secret.text == "secret thing":
            decide_name(keeper, secret.text, "protonitazene")
    hold_secret_entry(node, actor, secrets[0], places)
    hold_secret_resolution(node, actor, secrets[0], places)
    while count_changes():
        pass
    if actor.organisation_id != node.own.pk:
        # The signals the partner sees were made from what it sees; that a later one is shared with
        # it as well would be a release, not an interference.
        SeriesQueue.objects.filter(substance__key__in=SHARED_SUBSTANCES).delete()
    run_detection()
    hold_secret_response(node, actor, places)


def hold_secret_entry(node: Node, actor: Actor, secret: Secret, places: Places) -> None:
    """Hold a draft, and a file of spectra that reports of others name too."""
    keeper = node.actor(f"{secret.owner}-everything")
    places.add("draft_id", keep_draft(keeper, "seizure", {"event": {"source": "x"}}).draft.pk)
    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(SECRET_SPECTRA)
        held = keep_spectrum(keeper, Path(file.name), file_name="secret.mgf")
    evidence = make_evidence("carfentanil", reference="S-9", days_ago=3, country="AT")
    handling = hide(node, actor, secret)
    report = record_report(keeper, handling, name_spectra(evidence, held.digest))
    places.add("report_id", report.pk)


def hold_secret_resolution(node: Node, actor: Actor, secret: Secret, places: Places) -> None:
    """Hold which isomer a group stood for in a report that the actor may not see."""
    keeper = node.actor(f"{secret.owner}-everything")
    evidence = make_evidence("fluorofentanyl", reference="", days_ago=secret.days_ago, country="AT")
    report = record_report(keeper, hide(node, actor, secret), evidence)
    event = resolve_group(
        keeper, GROUP, "para-fluorofentanyl", report_ids=[report.pk], reason="a secret analysis"
    )
    places.add("event_id", event.pk)


def hold_secret_response(node: Node, actor: Actor, places: Places) -> None:
    keeper = node.actor(
        "third-everything" if actor.organisation_id == node.own.pk else "own-everything"
    )
    visible = Signal.objects.visible_to(actor, purpose="early-warning").values("pk")
    for signal in Signal.objects.for_writing().exclude(pk__in=visible).order_by("pk"):
        triage_signal(keeper, signal.pk, to_state="verifying")
        places.add("signal_id", signal.pk)
    released = node.release(by=keeper.name, releaser=keeper.name.replace("everything", "releaser"))
    draft = node.draft(by=keeper.name, tlp="CLEAR")
    places.add("identifier", released.alert.identifier, draft.alert.identifier)
    places.add("version_id", released.pk, draft.pk)
    if keeper.organisation_id == node.own.pk:
        hidden = make_edas(keeper, [int(places.values["report_id"][0])])
        places.add("package_id", hidden.pk)
        update = draft_update(keeper, places.values["identifier"][0])
        places.add("version_id", update.pk)
    places.add("name_id", *WrittenName.objects.order_by("-pk").values_list("pk", flat=True)[:1])


def list_routes() -> dict[str, str]:
    """Every address of the API and of the pages, by name; log-in's own pages hold no evidence."""

    def walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, str]]:
        for one in resolver.url_patterns:
            address = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, address)
            elif isinstance(one, URLPattern) and not address.startswith("accounts/"):
                yield str(one.name), address

    return dict(walk(get_resolver(), ""))


def list_requests(places: Places, *, of_api: bool) -> list[tuple[str, dict[str, str]]]:
    """Every address with every value of its places, in every variant."""
    requests = []
    for name, address in sorted(list_routes().items()):
        if address.startswith("api/") != of_api:
            continue
        variants = (API_VARIANTS if of_api else VARIANTS)[name]
        filled = [f"/{address}"]
        while any("<" in one for one in filled):
            filled = [
                re.sub(r"<(?:\w+:)?\w+>", value, one, count=1)
                for one in filled
                for value in places.values[re.findall(r"<(?:\w+:)?(\w+)>", one)[0]]
            ]
        for path in filled:
            for variant in variants:
                place = "".join(re.findall(r"{(\w+)}", " ".join(variant.values())))
                for number in places.values.get(place, [""]):
                    query = {key: text.format(**{place: number}) for key, text in variant.items()}
                    requests.append((path, query))
    return requests


def read_answer(answer: HttpResponseBase) -> tuple[int, str, str, str, Any]:
    content: bytes = answer.getvalue()
    told: Any = FORM_TOKEN.sub(b"", content)
    if content.startswith(b"PK"):
        book = zipfile.ZipFile(io.BytesIO(content))
        # The workbook's own properties hold the moment it was written.
        told = {name: book.read(name) for name in book.namelist() if "docProps" not in name}
    headers = (answer.get(name, "") for name in ("ETag", "Content-Type", "Location"))
    return (answer.status_code, *headers, told)


def ask_everything(
    client: Client, requests: list[tuple[str, dict[str, str]]]
) -> dict[str, tuple[int, str, str, str, Any]]:
    return {f"{path} {query}": read_answer(client.get(path, query)) for path, query in requests}


def require_no_interference(
    node: Node, actor: Actor, client: Client, secrets: list[Secret], *, of_api: bool
) -> None:
    """Ask a world with secrets, undo the secrets, ask again: nothing may differ.

    What the actor's own organisation holds is no secret to it: then a third one holds them all.
    """
    if actor.organisation_id == node.own.pk:
        secrets = [replace(secret, owner="third") for secret in secrets]
    places = hold_what_is_visible(node, shares_signals=actor.organisation_id != node.own.pk)
    client.get("/api/v1/reports" if of_api else "/")
    with transaction.atomic():
        hold_secrets(node, actor, secrets, places)
        requests = list_requests(places, of_api=of_api)
        with transaction.atomic():
            with_secrets = ask_everything(client, requests)
            transaction.set_rollback(True)
        transaction.set_rollback(True)
    without = ask_everything(client, requests)

    assert sum(answer[0] == 200 for answer in without.values()) > 40
    assert not [name for name, answer in with_secrets.items() if answer[0] >= 500]
    assert [name for name in without if without[name] != with_secrets[name]] == []


@pytest.fixture
def node(db: None) -> Node:
    """Beside the usual people: one in each organisation with every role but administration."""
    return open_node(everybody=[role for role in Role if role is not Role.ADMINISTRATOR])


def test_every_route_is_in_the_matrix() -> None:
    assert sorted(list_routes()) == sorted([*API_VARIANTS, *VARIANTS])


@pytest.mark.parametrize(("reader", "seed"), [("partner", 1), ("own", 2)])
def test_secrets_change_no_answer_of_the_api(node: Node, reader: str, seed: int) -> None:
    name = f"{reader}-everything"
    client = Client(headers={"authorization": f"Bearer {node.tokens[name]}"})

    require_no_interference(node, node.actor(name), client, make_secrets(seed), of_api=True)


@pytest.mark.parametrize(("reader", "seed"), [("partner", 3), ("own", 4)])
def test_secrets_change_no_page(node: Node, reader: str, seed: int) -> None:
    name = f"{reader}-everything"
    client = Client()
    client.force_login(node.people[name])

    require_no_interference(node, node.actor(name), client, make_secrets(seed), of_api=False)


def test_secrets_change_no_public_page(node: Node) -> None:
    secrets = make_secrets(5)
    with transaction.atomic():
        places = hold_what_is_visible(node, shares_signals=True)
        with transaction.atomic():
            hold_secrets(node, node.actor("partner-everything"), secrets, places)
            requests = [
                one for one in list_requests(places, of_api=False) if one[0].startswith("/public/")
            ]
            with_secrets = ask_everything(Client(), requests)
            transaction.set_rollback(True)
        without = ask_everything(Client(), requests)

    assert sum(answer[0] == 200 for answer in without.values()) >= 5
    assert [name for name in without if without[name] != with_secrets[name]] == []
    assert {answer[0] for answer in without.values()} == {200, 404}


def test_the_comparison_would_find_a_leak(node: Node) -> None:
    """A world that differs in something visible must not pass for the same."""
    actor = node.actor("partner-everything")
    client = Client(headers={"authorization": f"Bearer {node.tokens[actor.name]}"})
    places = hold_what_is_visible(node, shares_signals=True)
    requests = list_requests(places, of_api=True)
    before = ask_everything(client, requests)
    assert actor.organisation_id is not None
    record_report(
        actor,
        ensure_handling(owner_id=actor.organisation_id, tlp="AMBER"),
        make_evidence("xylazine", reference="L-99", days_ago=1, country="AT"),
    )
    after = ask_everything(client, requests)

    assert "/api/v1/reports {'purpose': 'early-warning'}" in [
        name for name in before if before[name] != after[name]
    ]
