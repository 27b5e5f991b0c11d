"""Our own JavaScript is little: files of one purpose, each of which says so at its beginning."""

from pathlib import Path

import pytest
from django.conf import settings

SCRIPTS = sorted((Path(settings.BASE_DIR) / "static" / "js").glob("*.js"))
# All lines of the product's own scripts, comments too; the simulator's, which is no part of the product, are not
# counted.
AT_MOST = 599
WIDEST = 160  # nothing is squeezed into fewer lines


def test_there_is_no_more_of_it() -> None:
    assert sum(len(path.read_text().splitlines()) for path in SCRIPTS) <= AT_MOST


EACH = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)


@EACH
def test_its_lines_are_not_squeezed(script: Path) -> None:
    assert max(map(len, script.read_text().splitlines())) <= WIDEST


@EACH
def test_each_says_what_it_is_for(script: Path) -> None:
    assert script.read_text().startswith("// ")
