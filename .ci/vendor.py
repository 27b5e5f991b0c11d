"""Fetch the third-party files under static/vendor from npm, and write their manifest anew.

    python .ci/vendor.py

Needs npm. A developer runs it to take a newer version; neither tests nor production do.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
FILES = {
    "bootstrap@5.3.9": ("MIT", ["dist/css/bootstrap.min.css"]),
    "sortablejs@1.15.7": ("MIT", ["Sortable.min.js"]),
    "tom-select@2.6.2": (
        "Apache-2.0",
        ["dist/js/tom-select.complete.min.js", "dist/css/tom-select.bootstrap5.min.css"],
    ),
    "idiomorph@0.8.0": ("0BSD", ["dist/idiomorph-ext.min.js"]),
}
ICON_PACKAGE, ICON_LICENCE = "bootstrap-icons@1.13.2", "MIT"
ICONS = [
    "arrow-clockwise",
    "arrow-counterclockwise",
    "arrow-down",
    "arrow-left-right",
    "arrow-right",
    "arrow-up",
    "arrows-move",
    "bell",
    "braces",
    "calendar3",
    "chat-left-text",
    "check-circle-fill",
    "check-lg",
    "chevron-down",
    "chevron-right",
    "circle",
    "circle-half",
    "clock",
    "clock-history",
    "copy",
    "download",
    "envelope",
    "exclamation-circle-fill",
    "exclamation-triangle-fill",
    "flag",
    "folder",
    "folder2-open",
    "funnel",
    "gear",
    "graph-up-arrow",
    "grip-vertical",
    "hourglass-split",
    "house",
    "info-circle",
    "layout-sidebar",
    "layout-sidebar-reverse",
    "lightning-charge",
    "list",
    "list-check",
    "moon-stars",
    "pause-fill",
    "pencil",
    "people",
    "person",
    "person-dash",
    "person-plus",
    "phone",
    "play-fill",
    "plus-lg",
    "question-circle",
    "search",
    "send",
    "shuffle",
    "signpost-split",
    "slash-circle",
    "stop-fill",
    "sun",
    "tag",
    "three-dots",
    "trash",
    "upload",
    "x-lg",
]
# A source map we do not ship would stop the hashing of static files.
SOURCE_MAP = re.compile(rb"\n?(/\*|//)# sourceMappingURL=.*$", re.MULTILINE)


def main() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    entries = [entry for package in FILES for entry in take(package)] + [take_icons()]
    VENDOR.joinpath("manifest.json").write_text(json.dumps(entries, indent=2) + "\n")


def take(package: str) -> list[dict[str, str]]:
    """Copy the files of `package` into its folder; return their lines of the manifest."""
    licence, files = FILES[package]
    with tempfile.TemporaryDirectory() as scratch:
        source = unpack(package, Path(scratch))
        folder = folder_with_licence(package, source)
        for file in files:
            content = SOURCE_MAP.sub(b"", source.joinpath(file).read_bytes())
            folder.joinpath(Path(file).name).write_bytes(content)
    return [entry(package, licence, folder / Path(file).name) for file in files]


def take_icons() -> dict[str, str]:
    """Join our icons into one sprite; return its line of the manifest."""
    with tempfile.TemporaryDirectory() as scratch:
        source = unpack(ICON_PACKAGE, Path(scratch))
        sprite = folder_with_licence(ICON_PACKAGE, source) / "icons.svg"
        symbols = "\n".join(symbol(source, name) for name in sorted(ICONS))
    sprite.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n')
    return entry(ICON_PACKAGE, ICON_LICENCE, sprite)


def symbol(source: Path, name: str) -> str:
    drawing = source.joinpath("icons", f"{name}.svg").read_text()
    inner = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", drawing).replace("\n", "")
    return f'<symbol id="{name}" viewBox="0 0 16 16" fill="currentColor">{inner}</symbol>'


def unpack(package: str, scratch: Path) -> Path:
    subprocess.run(["npm", "pack", "--silent", package], cwd=scratch, check=True)
    with tarfile.open(next(scratch.glob("*.tgz"))) as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def folder_with_licence(package: str, source: Path) -> Path:
    folder = VENDOR / package.replace("@", "-")
    folder.mkdir(parents=True)
    shutil.copyfile(source / "LICENSE", folder / "LICENSE")
    return folder


def entry(package: str, licence: str, file: Path) -> dict[str, str]:
    name, version = package.split("@")
    return {
        "name": name,
        "version": version,
        "licence": licence,
        "file": file.relative_to(VENDOR).as_posix(),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "source": f"npm: {name}",
    }


if __name__ == "__main__":
    main()
