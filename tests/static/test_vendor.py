"""What we ship of others is what its manifest says, and pages load nothing from elsewhere."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
VENDOR = ROOT / "static" / "vendor"
MANIFEST: list[dict[str, str]] = json.loads((VENDOR / "manifest.json").read_text())
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# What the Content-Security-Policy would refuse, and what would load from elsewhere.
FORBIDDEN = {
    "an address elsewhere": r"""\b(?:src|href|action|hx-\w+)\s*=\s*["']?\s*(?:https?:)?//""",
    "an inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "an inline style sheet": r"<style\b",
    "an inline style": r"""\sstyle\s*=\s*["']""",
    "an inline handler": r"""<[^>{%]*\son[a-z]+\s*=\s*["']""",
    "an htmx handler": r"\bhx-on\b",
    "a javascript: address": r"(?i)javascript:",
    "evaluated values": r"""hx-vals\s*=\s*["']js:""",
}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: str(entry["file"]))
def test_a_vendored_file_is_the_one_its_manifest_describes(entry: dict[str, str]) -> None:
    file = VENDOR / entry["file"]

    assert hashlib.sha256(file.read_bytes()).hexdigest() == entry["sha256"]
    assert file.parent.name == f"{entry['name']}-{entry['version']}"
    assert entry["source"] == f"npm: {entry['name']}"
    assert entry["licence"] in {"MIT", "Apache-2.0", "0BSD"}
    assert file.with_name("LICENSE").is_file()


def test_every_vendored_file_is_listed() -> None:
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    licences = {name for name in found if name.endswith("/LICENSE")}

    assert found - licences - {"manifest.json"} == {entry["file"] for entry in MANIFEST}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in TEMPLATES
        for match in pattern.finditer(path.read_text())
    ]

    assert found == []


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    sprite = next(VENDOR.glob("bootstrap-icons-*/icons.svg")).read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""\{%\s*icon\s+["']([\w-]+)["']""", path.read_text())
    }

    assert named - known == set()


def test_every_style_sheet_and_script_of_ours_is_loaded_somewhere() -> None:
    texts = [path.read_text() for path in TEMPLATES]
    loaded = {name for text in texts for name in re.findall(r"""static ['"]([^'"]+)['"]""", text)}
    ours = {
        path.relative_to(ROOT / "static").as_posix()
        for folder in ("css", "js")
        for path in (ROOT / "static" / folder).iterdir()
    }

    assert ours - loaded == set()
