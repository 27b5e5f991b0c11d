"""What the documents promise to list, they list."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""env(?:iron)?(?:\.\w+\(|\[)\s*["']([A-Z][A-Z_]+)["']""")
WRITTEN = re.compile(r"`([A-Z][A-Z_]+)(?:=\d)?`")
# Or by the runner of our tests.
SET_BY_OURSELVES = {
    *("DJANGO_ALLOW_ASYNC_UNSAFE", "PATH", "PYTEST_XDIST_WORKER", "USUAL_BROKER", "USUAL_URL")
}


def test_every_environment_variable_is_explained() -> None:
    files = [
        file
        for folder in ("config", "people", "vibes", "campaigns", "tests")
        for file in (ROOT / folder).rglob("*.py")
        if file != Path(__file__)
    ]
    read = {name for file in files for name in READ.findall(file.read_text())}
    written = set(WRITTEN.findall((ROOT / "docs" / "configuration.md").read_text()))

    assert read - written - SET_BY_OURSELVES == set()


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    asked += [package for extra in extras for package in extra]
    names = {re.split(r"[\[>=<]", package)[0] for package in asked}
    listed = (ROOT / "docs" / "dependencies.md").read_text()

    assert {name for name in names if not re.search(rf"\b{name}\b", listed)} == set()


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text())

    assert [link for link in links if not (ROOT / link).exists()] == []
