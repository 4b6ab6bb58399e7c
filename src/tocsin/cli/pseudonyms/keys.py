"""A key of pseudonyms: one per purpose, in a file that only its owner can read."""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import stat
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tocsin.errors import PseudonymKeyError

KEY_BYTES: Final = 32
PSEUDONYM_BYTES: Final = 15
PURPOSE: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")
_MOST_BYTES: Final = 4096
_DOMAIN: Final = b"tocsin pseudonym 1"


@dataclass(frozen=True, slots=True)
class PseudonymKey:
    """A secret that makes the same pseudonym of the same reference, for one purpose."""

    purpose: str
    secret: bytes = field(repr=False)

    def derive_pseudonym(self, reference: str) -> str:
        """Derive the pseudonym of a case reference, empty for an empty one.

        Case, spaces at the ends and repeated spaces make no difference. 120 bits of
        HMAC-SHA256 in base32, behind the purpose.

        >>> PseudonymKey("toxicology", b"k" * 32).derive_pseudonym(" case  7")
        'toxicology-SW5UHCFYW3DDQPL4P64623EK'
        """
        written = " ".join(unicodedata.normalize("NFKC", reference).casefold().split())
        if not written:
            return ""
        message = b"\0".join((_DOMAIN, self.purpose.encode(), written.encode()))
        digest = hmac.new(self.secret, message, hashlib.sha256).digest()
        return f"{self.purpose}-{base64.b32encode(digest[:PSEUDONYM_BYTES]).decode()}"


def make_key(path: Path, purpose: str) -> PseudonymKey:
    """Write a new key that only its owner can read; nothing that exists is touched.

    Raises PseudonymKeyError where the file exists or cannot be written, or the purpose is no word
    of lower-case letters, digits and hyphens.
    """
    if not PURPOSE.fullmatch(purpose):
        raise PseudonymKeyError(
            f"purpose {purpose!r}: expected up to 30 lower-case letters, digits and hyphens, "
            "such as toxicology"
        )
    key = PseudonymKey(purpose, secrets.token_bytes(KEY_BYTES))
    text = (
        "# Key of Tocsin pseudonyms. It stays where the persons are known: never send it, never\n"
        "# load it into a node. Who has it can tell whose pseudonym is whose. Keep a copy: without\n"
        "# it the same case gets another pseudonym.\n"
        f'purpose = "{purpose}"\n'
        f'key = "{base64.b32encode(key.secret).decode()}"\n'
    )
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise PseudonymKeyError(f"key file {path}: exists; expected a new name") from error
    except OSError as error:
        raise PseudonymKeyError(
            f"key file {path}: cannot be written ({error.strerror}); expected a folder to write in"
        ) from error
    with os.fdopen(opened, "w", encoding="utf-8") as stream:
        stream.write(text)
    return key


def read_key(path: Path) -> PseudonymKey:
    """Read a key that nobody but its owner can read.

    Raises PseudonymKeyError where it is absent, damaged, or open to others.
    """
    try:
        with path.open("rb") as stream:
            found = os.fstat(stream.fileno())
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise PseudonymKeyError(
            f"key file {path}: cannot be read ({error.strerror}); expected one made with "
            "`tocsin pseudonymise --new-key`"
        ) from error
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        raise PseudonymKeyError(f"key file {path}: expected an ordinary file of your own")
    if found.st_mode & 0o077:
        raise PseudonymKeyError(
            f"key file {path}: other users of this machine can read it; expected a key that only "
            "you can read. Make a new one, or `chmod 600` if nobody has read it"
        )
    try:
        held = tomllib.loads(content.decode())
        purpose, secret = str(held["purpose"]), base64.b32decode(str(held["key"]))
    except (ValueError, KeyError, binascii.Error) as error:
        raise PseudonymKeyError(f"key file {path}: is damaged; expected purpose and key") from error
    if len(secret) != KEY_BYTES or not PURPOSE.fullmatch(purpose):
        raise PseudonymKeyError(f"key file {path}: is damaged; expected a key of {KEY_BYTES} bytes")
    return PseudonymKey(purpose, secret)
