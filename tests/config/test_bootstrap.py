"""The environment is made by a subprocess in a real clone elsewhere; here, what it decides."""

import os
from pathlib import Path

import pytest

from config import bootstrap


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with lock files and a .venv whose python exists."""
    (tmp_path / "requirements").mkdir()
    for name in ("production", "development"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(name)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", python)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "stamp.json")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed, instead of installing it."""
    names: list[str] = []
    monkeypatch.setattr(bootstrap, "_make_venv", lambda: None)
    monkeypatch.setattr(bootstrap, "_install", lambda file: names.append(file.name))
    return names


def test_installs_once(project: Path, installed: list[str]) -> None:
    bootstrap.install("production")
    bootstrap.install("production")

    assert installed == ["production.txt"]


def test_installs_again_when_the_lock_file_changed(project: Path, installed: list[str]) -> None:
    bootstrap.install("production")
    (project / "requirements" / "production.txt").write_text("newer")
    bootstrap.install("production")

    assert installed == ["production.txt", "production.txt"]


def test_the_development_set_is_enough_for_the_demo(project: Path, installed: list[str]) -> None:
    bootstrap.install("development")
    bootstrap.install("production")

    assert installed == ["development.txt"]


def test_other_commands_run_where_they_are(
    project: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "execv", pytest.fail)

    bootstrap.enter(["manage.py", "migrate"])

    assert installed == []


def test_the_demo_starts_again_inside_the_environment(
    project: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, arguments: started.append(arguments))

    bootstrap.enter(["manage.py", "demo"])

    assert started == [[str(bootstrap.PYTHON), "manage.py", "demo"]]
    assert installed == ["production.txt"]
