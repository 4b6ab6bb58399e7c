import csv
import io
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from tests.web.conftest import Network
from tocsin.reports.models import EvidenceImport

HEAD = "reference,event_type,date,country,region,area,substance"


def make_rows(prefix: str, *substances: str) -> str:
    today = timezone.localdate().isoformat()
    lines = [
        f"{prefix}-{number},seizure,{today},AT,AT13,,{substance}"
        for number, substance in enumerate(substances)
    ]
    return "\n".join([HEAD, *lines]) + "\n"


def read_csv(client: Client, path: str) -> list[dict[str, str]]:
    content = b"".join(client.get(path).streaming_content)  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=","))


def test_the_node_reads_what_it_sees_and_a_partner_itself(
    network: Network,
    enter: Callable[[str], Client],
    take_in: Callable[..., EvidenceImport],
    count_queries: Callable[[Client, str], int],
) -> None:
    own, partner = network.own.pk, network.partner.pk
    take_in(make_rows("A", "xylazine", "unheard-of thing"), audience=(partner,))
    one = count_queries(enter("analyst"), "/quality/")
    sent = {"sender": "partner-analyst", "file_name": "b.csv"}
    take_in(make_rows("B", "xylazine"), audience=(own,), **sent)
    take_in(make_rows("C", "a secret name"), **sent)

    page = enter("analyst").get("/quality/").content.decode()
    assert page.count("<tr data-row>") == 2
    assert count_queries(enter("analyst"), "/quality/") == one
    told = {
        row["Sender"]: (row["Reports"], row["Unknown names"])
        for row in read_csv(enter("analyst"), "/quality/?format=csv&sort=-reports")
    }
    assert told == {"Focal Point": ("2", "1"), "Customs Office": ("1", "0")}
    [own_row] = read_csv(enter("partner-analyst"), "/quality/?format=csv&event_type=seizure")
    assert (own_row["Sender"], own_row["Reports"]) == ("Customs Office", "2")
    assert read_csv(enter("analyst"), "/quality/?format=csv&until=2020-01-01") == []
    path = "/quality/focal-point/seizure/"
    assert enter("partner-analyst").get(path).status_code == 404
    sender = enter("analyst").get(path).content.decode()
    assert '<meter min="0" max="100" value="100" aria-label="region">' in sender
    assert "1 spelling stands for no substance yet, in 1 findings" in sender
