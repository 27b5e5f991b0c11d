"""Paths of the API description, such as ``/companies/{company_key}/events``."""

import re
from functools import lru_cache

COMPANY = r"/companies/[^/]+"
NAME = re.compile(r"\{[^/{}]+\}")


def fits(template: str | None, path: str) -> bool:
    """Is this a call of that operation? No template fits all; the company may be left out."""
    return template is None or _pattern(template).fullmatch(path.rstrip("/")) is not None


@lru_cache(maxsize=256)
def _pattern(template: str) -> re.Pattern[str]:
    fixed = [re.escape(part) for part in NAME.split("/" + template.strip("/"))]
    whole = "[^/]+".join(fixed)
    return re.compile(whole if whole.startswith("/companies/") else COMPANY + whole)
