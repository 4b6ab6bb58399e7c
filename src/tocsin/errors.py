"""Every error Tocsin raises on purpose, in one tree.

TocsinError
├── ConfigurationError            the node is not set up as it must be
│   └── DatabaseUnavailableError  no PostgreSQL answers
├── RefusedError                  a rule of the house says no
│   ├── PermissionRefusedError    the actor lacks the right
│   ├── UnscopedReadError         a shared record was read without saying for whom
│   ├── FourEyesError             the author tried to release their own draft
│   └── WrongStateError           the record is not in a state that allows the step
├── NotFoundError                 absent, or not visible: the same answer
│   └── ErasedError               held once, and erased when its time was over
├── JournalBrokenError            an entry of the journal was removed or altered
├── SubstanceError
│   ├── BadStructureError         a text is not a readable structure
│   ├── BadStructureClassError    a data file of the classes by structure contradicts itself
│   ├── BadCasNumberError         the check digit or form of a CAS number is wrong
│   ├── BadRegisterError          a data file of the register contradicts itself
│   ├── BadNameError              a text cannot be a name of a substance
│   └── DuplicateSubstanceError   the register already holds this substance
├── BadValueError                 a value cannot be that of a field of the event record
├── BadQuantityError              a unit is unknown, or two units measure different things
├── LawError
│   ├── BadLawFileError           a data file of the law contradicts the grammar
│   └── UnknownInstrumentError    no instrument or jurisdiction of this name is loaded
├── ImportFileError               a file as a whole cannot be taken
│   ├── UnreadableFileError       not a CSV or XLSX that can be read safely
│   ├── FileTooLargeError         past a stated limit
│   ├── PersonalDataError         a column looks like personal data
│   ├── BadProfileError           a profile contradicts itself or the file
│   └── BadHeadingError           the headings expected are not there
├── StaleReportError              a correction does not follow the version held
├── DetectionInputError           a series or setting no method can work on
├── DisclosureError               a table of counts that cannot be published as asked
├── PseudonymKeyError             a key of pseudonyms is absent, damaged or open to others
├── InvalidAlertError             an alert lacks what a released alert must have
├── InvalidPackageError           a package cannot be made or say what was asked
└── InvalidTableError             a table cannot be made or published as asked

Every class has a stable ``code``. A message names the object, what was found and what was
expected, and never holds personal data. HTTP status is mapped in ``web`` and ``api`` only.
"""

from typing import ClassVar


class TocsinError(Exception):
    """Base of every error raised on purpose."""

    code: ClassVar[str] = "tocsin"


class ConfigurationError(TocsinError):
    """The node is not set up as it must be."""

    code = "configuration"


class DatabaseUnavailableError(ConfigurationError):
    """No PostgreSQL answers where one is expected."""

    code = "database-unavailable"


class RefusedError(TocsinError):
    """A rule of the house says no."""

    code = "refused"


class PermissionRefusedError(RefusedError):
    """The actor lacks the right to do this."""

    code = "permission-refused"


class UnscopedReadError(RefusedError):
    """A shared record was read without saying for whom and why."""

    code = "unscoped-read"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model}: read without an actor; expected visible_to(actor, purpose=…) on the manager"
        )


class FourEyesError(RefusedError):
    """The author of a draft tried to release it."""

    code = "four-eyes"


class WrongStateError(RefusedError):
    """The record is not in a state that allows the step."""

    code = "wrong-state"

    def __init__(self, record: str, *, held: str, expected: str) -> None:
        super().__init__(f"{record}: is {held}; expected {expected}")
        self.held = held
        self.expected = expected


class NotFoundError(TocsinError):
    """Absent or not visible to the actor: the answer is the same."""

    code = "not-found"


class ErasedError(NotFoundError):
    """Visible to the actor, but its content was erased when its time was over."""

    code = "erased"


class JournalBrokenError(TocsinError):
    """An entry of the journal was removed or altered."""

    code = "journal-broken"


class SubstanceError(TocsinError):
    """Base of errors about substances and structures."""

    code = "substance"


class BadStructureError(SubstanceError):
    """A text is not a structure that can be read."""

    code = "bad-structure"


class BadStructureClassError(SubstanceError):
    """A data file of the classes by structure contradicts itself."""

    code = "bad-structure-class"


class BadCasNumberError(SubstanceError):
    """The form or the check digit of a CAS number is wrong."""

    code = "bad-cas-number"


class BadRegisterError(SubstanceError):
    """A data file of the register contradicts itself."""

    code = "bad-register"


class BadNameError(SubstanceError):
    """A text cannot be a name of a substance."""

    code = "bad-name"


class DuplicateSubstanceError(SubstanceError):
    """The register already holds this substance, under the key that is named."""

    code = "duplicate-substance"

    def __init__(self, substance: str, *, held_key: str, because: str) -> None:
        super().__init__(f"substance {substance!r}: already held as {held_key!r} ({because})")
        self.held_key = held_key


class ImportFileError(TocsinError):
    """A file as a whole cannot be taken."""

    code = "import-file"


class UnreadableFileError(ImportFileError):
    """Not a CSV or XLSX that can be read safely."""

    code = "unreadable-file"


class FileTooLargeError(ImportFileError):
    """Past a stated limit of size, rows or columns."""

    code = "file-too-large"


class PersonalDataError(ImportFileError):
    """A column, or an element of a document, looks like personal data, so nothing is stored."""

    code = "personal-data"

    def __init__(
        self, *, column: str, looks_like: str, part: str = "column", row: int | None = None
    ) -> None:
        place = f", row {row}" if row is not None else ""
        what = f"the {part}" if row is None else "what stands there"
        super().__init__(
            f"{part} {column!r}{place}: looks like {looks_like}; Tocsin takes no personal data. "
            f"Remove {what} and send the file again"
        )
        self.column = column
        self.looks_like = looks_like
        self.row = row


class BadProfileError(ImportFileError):
    """A profile contradicts itself."""

    code = "bad-profile"


class BadHeadingError(ImportFileError):
    """The headings that the profile expects are not in the file."""

    code = "bad-heading"


class StaleReportError(TocsinError):
    """A correction does not follow the version that is held."""

    code = "stale-report"

    def __init__(self, reference: str, *, held: int, received: int) -> None:
        super().__init__(
            f"report {reference}: received version {received}, but version {held} is already held"
        )
        self.held = held
        self.received = received


class DetectionInputError(TocsinError):
    """A series or a setting that no method can work on."""

    code = "detection-input"


class DisclosureError(TocsinError):
    """A table of counts contradicts itself, or cannot be published without telling a small cell."""

    code = "disclosure"


class PseudonymKeyError(TocsinError):
    """A key of pseudonyms is absent, damaged, or open to other users of the machine."""

    code = "pseudonym-key"


class InvalidAlertError(TocsinError):
    """An alert lacks what a released alert must have."""

    code = "invalid-alert"


class BadValueError(TocsinError):
    """A value cannot be that of a field of the event record.

    problem: a stable code, such as ``bad-date``. expected: in words.
    """

    code = "bad-value"

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(f"{problem}: expected {expected}")
        self.problem = problem
        self.expected = expected


class BadQuantityError(TocsinError):
    """A unit is unknown, or two units measure different things."""

    code = "bad-quantity"


class LawError(TocsinError):
    """A rule of law cannot be read or found."""

    code = "law"


class BadLawFileError(LawError):
    """A data file of the law contradicts the grammar or itself."""

    code = "bad-law-file"


class UnknownInstrumentError(LawError):
    """No instrument or jurisdiction of this name is loaded."""

    code = "unknown-instrument"


class InvalidPackageError(TocsinError):
    """A package cannot be made of these reports, or cannot say what was asked."""

    code = "invalid-package"


class InvalidTableError(TocsinError):
    """A table cannot be made of what was asked for, or not be published so."""

    code = "invalid-table"
