"""Weekly counts as series: since when a place counts as looked at."""

from datetime import date, timedelta

from tocsin.signals.series import MatrixTotal, SeriesCell, Totals, group_series

FIRST = date(2012, 1, 2)
MISTYPED = date(1925, 1, 5)


def make_cell(week_on: date, count: int = 1) -> SeriesCell:
    return SeriesCell("xylazine", "biological", "IE", "", week_on, count, week_on)


def make_totals(*weeks: date) -> Totals:
    return Totals(MatrixTotal("biological", "IE", "", week_on, 1) for week_on in weeks)


def test_a_lone_old_day_begins_no_series() -> None:
    weeks = [FIRST + timedelta(weeks=week) for week in (0, 3, 50)]
    cells = [make_cell(week_on) for week_on in (MISTYPED, *weeks)]
    until = FIRST + timedelta(weeks=59)

    (group,) = group_series(cells, make_totals(MISTYPED, *weeks), until=until)

    assert group.first_week == FIRST
    assert group.counts.shape == (1, 60)
    assert group.counts[0].nonzero()[0].tolist() == [0, 3, 50]


def test_a_silence_of_five_years_begins_nothing_anew() -> None:
    later = FIRST + timedelta(weeks=260)

    (group,) = group_series(
        [make_cell(FIRST), make_cell(later)], make_totals(FIRST, later), until=later
    )

    assert group.first_week == FIRST
    assert group.counts.sum() == 2
