"""One target under atheris, which looks for inputs that reach new code: used by ``make fuzz``."""

import os
import sys

import atheris
import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
with atheris.instrument_imports(include=["tocsin", "tests.fuzz", "json"]):
    django.setup()
    from tests.fuzz.targets import run


def main() -> None:
    """Run the target that the first argument names; the others are libFuzzer's own."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, lambda content: run(name, content))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
