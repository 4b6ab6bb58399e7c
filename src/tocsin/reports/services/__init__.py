"""All writing of evidence: files, report versions, written names, profiles."""

from tocsin.reports.services.imports import (
    lease_next_import,
    receive_file,
    request_stop,
    run_import,
)
from tocsin.reports.services.names import decide_name, reconsider_names, undo_name_decision
from tocsin.reports.services.opening import open_profiled_table
from tocsin.reports.services.outcomes import ImportOutcome, check_file, derive_outcome
from tocsin.reports.services.previews import (
    FilePreview,
    JudgedRow,
    judge_first_rows,
    preview_file,
    require_profile_fits,
    write_marked_import,
    write_marked_upload,
)
from tocsin.reports.services.profiles import save_profile
from tocsin.reports.services.versions import correct_report, record_report, retract_report

__all__ = [
    "FilePreview",
    "ImportOutcome",
    "JudgedRow",
    "check_file",
    "correct_report",
    "decide_name",
    "derive_outcome",
    "judge_first_rows",
    "lease_next_import",
    "open_profiled_table",
    "preview_file",
    "receive_file",
    "reconsider_names",
    "record_report",
    "request_stop",
    "require_profile_fits",
    "retract_report",
    "run_import",
    "save_profile",
    "undo_name_decision",
    "write_marked_import",
    "write_marked_upload",
]
