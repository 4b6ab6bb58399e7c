from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from tests.web.conftest import Network
from tests.web.test_quality import read_csv
from tocsin.organisations.queries import get_node_actor
from tocsin.reports.models import EvidenceImport, Report
from tocsin.retention.models import LegalHold, RetentionPeriod
from tocsin.retention.services import erase_expired

ROWS = "reference,event_type,date,country,region,area,substance\nA-1,seizure,2020-03-04,AT,,,xylazine\n"
PERIOD = "/retention/periods/seizure/"


def test_a_period_is_shown_before_it_holds_and_what_went_after(
    network: Network,
    enter: Callable[[str], Client],
    take_in: Callable[..., EvidenceImport],
) -> None:
    take_in(ROWS)
    keeper, reader = enter("administrator"), enter("reader")
    assert reader.get("/retention/").status_code == 403
    assert reader.post(PERIOD, {"days": 1, "reason": "Now."}).status_code == 403
    assert keeper.post(PERIOD, {"days": 0, "reason": ""}).status_code == 422

    asked = {"days": 1000, "reason": "As our act says."}
    shown = keeper.post(PERIOD, asked).content.decode()
    assert "Kept for 1,000 days" in shown or "Kept for 1000 days" in shown
    assert "Focal Point" in shown
    assert RetentionPeriod.objects.count() == 0
    answer = keeper.post(PERIOD, {**asked, "confirmed": "1"}, follow=True)
    assert "The period holds from the next night on." in answer.content.decode()
    [report] = Report.objects.for_writing()
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert erase_expired(get_node_actor(), today=tomorrow) == 1

    for client in (keeper, reader):
        [row] = read_csv(client, "/retention/erased/?format=csv")
        assert (row["Night"], row["Owner"], row["Month of the events"], row["Reports"]) == (
            tomorrow.isoformat(),
            "Focal Point",
            "2020-03",
            "1",
        )
        assert client.get("/retention/erased/").status_code == 200
    gone = reader.get(f"/reports/{report.pk}/")
    assert gone.status_code == 410
    assert f"was erased on {tomorrow}" in gone.content.decode()
    partner = enter("partner-analyst")
    assert read_csv(partner, "/retention/erased/?format=csv") == []


def test_a_hold_is_placed_and_lifted_with_reasons(
    network: Network,
    enter: Callable[[str], Client],
    take_in: Callable[..., EvidenceImport],
) -> None:
    take_in(ROWS)
    [report] = Report.objects.for_writing()
    keeper = enter("administrator")
    new = "/retention/holds/new/"
    reason = {"reason": "A court asked for it."}
    assert keeper.get(new).status_code == 200
    both = keeper.post(new, {**reason, "report": report.pk, "organisation": "customs"})
    assert "Give either the number of a report or an organisation" in both.content.decode()
    absent = keeper.post(new, {**reason, "report": 999_999_999})
    assert (absent.status_code, "not found" in absent.content.decode()) == (422, True)

    assert keeper.post(new, {**reason, "report": report.pk}).status_code == 302
    assert keeper.post(new, {**reason, "organisation": "customs"}).status_code == 302
    page = keeper.get("/retention/").content.decode()
    assert f"report {report.pk}" in page
    assert "Customs Office, all types of event" in page
    hold = LegalHold.objects.get(report=report)
    lift = f"/retention/holds/{hold.pk}/lift/"
    assert keeper.get(lift).status_code == 200
    assert keeper.post(lift, {"reason": "The case is closed."}).status_code == 302
    assert keeper.post(lift, {"reason": "Again."}).status_code == 422
    assert "lifted" in keeper.get("/retention/").content.decode()
