"""Who acts on the state of a signal keeps it until the act is done."""

import threading
from pathlib import Path

from django.db import connections, transaction

from tests.reports.world import Row, make_world, send
from tocsin.pipeline import run_detection
from tocsin.signals.models import Signal
from tocsin.signals.services import lock_signal, triage_signal


def test_nobody_moves_a_signal_on_while_somebody_acts_on_its_state(
    own_database: str, tmp_path: Path
) -> None:
    world = make_world()
    send(world, tmp_path / "a.csv", [Row("A-1")])
    run_detection()
    signal = Signal.objects.for_writing().get()

    def triage() -> None:
        try:
            triage_signal(world.analyst, signal.pk, to_state="verifying")
        finally:
            connections.close_all()

    with transaction.atomic():
        assert lock_signal(signal.pk).state == "new"
        other = threading.Thread(target=triage)
        other.start()
        other.join(timeout=0.5)
        assert other.is_alive()
        assert lock_signal(signal.pk).state == "new"
    other.join()
    assert Signal.objects.for_writing().get().state == "verifying"
