"""All writing of evidence: files, report versions, written names, profiles."""

from tocsin.reports.services.batches import Verdict
from tocsin.reports.services.drafts import (
    KeptDraft,
    KnownDraft,
    Withheld,
    discard_draft,
    keep_draft,
    remove_old_drafts,
)
from tocsin.reports.services.exports import export_records
from tocsin.reports.services.fhir import FhirOutcome, FhirResult, receive_fhir
from tocsin.reports.services.identity import (
    MOST_REPORTS_RESOLVED,
    merge_substances,
    resolve_group,
    split_substance,
    undo_group_resolution,
    undo_merge,
)
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
    UnknownName,
    describe_unknown_names,
    judge_first_rows,
    preview_file,
    require_profile_fits,
    write_marked_import,
    write_marked_upload,
)
from tocsin.reports.services.profiles import save_profile
from tocsin.reports.services.spectra import (
    keep_spectrum,
    open_spectrum,
    remove_unnamed_spectra,
)
from tocsin.reports.services.versions import correct_report, record_report, retract_report

__all__ = [
    "MOST_REPORTS_RESOLVED",
    "FhirOutcome",
    "FhirResult",
    "FilePreview",
    "ImportOutcome",
    "JudgedRow",
    "KeptDraft",
    "KnownDraft",
    "UnknownName",
    "Verdict",
    "Withheld",
    "check_file",
    "correct_report",
    "decide_name",
    "derive_outcome",
    "describe_unknown_names",
    "discard_draft",
    "export_records",
    "judge_first_rows",
    "keep_draft",
    "keep_spectrum",
    "lease_next_import",
    "merge_substances",
    "open_profiled_table",
    "open_spectrum",
    "preview_file",
    "receive_fhir",
    "receive_file",
    "reconsider_names",
    "record_report",
    "remove_old_drafts",
    "remove_unnamed_spectra",
    "request_stop",
    "require_profile_fits",
    "resolve_group",
    "retract_report",
    "run_import",
    "save_profile",
    "split_substance",
    "undo_group_resolution",
    "undo_merge",
    "undo_name_decision",
    "write_marked_import",
    "write_marked_upload",
]
