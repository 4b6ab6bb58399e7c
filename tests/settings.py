"""The settings of a node that lives only as long as the test run, in a folder of its own.

Set before the node's own settings are read: tests never touch the node of whoever runs them.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="tocsin-tests-"))
# As the node itself makes its folder: the database's own user must get through to its part.
_home.chmod(0o711)
atexit.register(shutil.rmtree, _home, ignore_errors=True)
for _name in ("TOCSIN_DATABASE_URL", "TOCSIN_OWNER_DATABASE_URL", "TOCSIN_ADDRESS", "TOCSIN_DEMO"):
    os.environ.pop(_name, None)
os.environ["TOCSIN_HOME"] = str(_home)

from tocsin.project.settings import *  # noqa: E402, F403  (reads the environment)

PASSWORD_HASHERS = ["tests.hashing.CheapArgon2PasswordHasher"]
