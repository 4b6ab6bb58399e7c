"""A process that runs one import and says how far it is; made to be killed.

Arguments: name of the database, account, number of the import, rows in a batch.
"""

import sys

import django
from django.db import connections


def main(database: str, account: str, import_id: int, batch_rows: int) -> None:
    from tocsin.organisations.queries import get_actor  # noqa: PLC0415  (after django.setup)
    from tocsin.reports.services import opening, run_import  # noqa: PLC0415  (after django.setup)

    connections["default"].settings_dict["NAME"] = database
    opening.BATCH_ROWS = batch_rows
    run_import(
        get_actor(account),
        import_id,
        report_progress=lambda rows: print(rows, flush=True),  # noqa: T201  (read by the test)
    )


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
