#!/usr/bin/env python3
"""Django's command line. `demo` and `test` first make the environment they need, in .venv."""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit("Ringdove needs Python 3.11 or newer; this is Python " + sys.version.split()[0] + ".")


def main() -> None:
    from config import bootstrap  # needs nothing but Python

    bootstrap.enter(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
