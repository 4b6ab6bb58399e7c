"""The command ``tocsin``: every command, and how an error of the house is said."""

import os
import sys

import platformdirs

_DEMO = sys.argv[1:2] == ["demo"]
if _DEMO:
    # The demonstration is a node of its own, so that it never mixes with a real one.
    os.environ["TOCSIN_DEMO"] = "1"
    os.environ.setdefault("TOCSIN_HOME", str(platformdirs.user_data_path("tocsin-demo")))
os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.project.settings"

from tocsin.errors import TocsinError  # noqa: E402  (settings read the environment on import)


def main() -> None:
    """Run the command line; an error of the house is one line on standard error and exit code 1."""
    try:
        import django  # noqa: PLC0415  (a broken configuration must be said in one line, too)

        django.setup()
        from tocsin.cli.commands import app  # noqa: PLC0415  (needs Django's settings)

        app()
    except TocsinError as error:
        sys.stderr.write(f"tocsin: {error}\n")
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        sys.stderr.write("tocsin: stopped; what was stored stays\n")
        raise SystemExit(130) from None
