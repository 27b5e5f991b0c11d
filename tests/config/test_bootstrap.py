"""The environment is made by a subprocess in a real clone elsewhere; here, what it decides."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import bootstrap


def answers(python: Path, *, version: str, prefix: Path | None = None) -> None:
    """Let a stand-in for the environment's Python say where it is and which one; "" breaks it."""
    words = f"{prefix or python.parent.parent}\\t{version}"
    python.write_text(f"#!/bin/sh\n[ '{version}' ] && printf '{words}\\n'\n")
    python.chmod(0o755)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with lock files and a .venv whose Python answers that it is whole."""
    (tmp_path / "requirements").mkdir()
    for name in ("production", "development"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(name)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    answers(python, version="3.11")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", python)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "stamp.json")
    return tmp_path


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed, instead of installing it."""
    names: list[str] = []
    python = bootstrap.PYTHON
    monkeypatch.setattr(bootstrap, "_make_venv", lambda: answers(python, version="3.11"))
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
    monkeypatch.setattr(os, "execve", pytest.fail)

    bootstrap.enter(["manage.py", "migrate"])

    assert installed == []


def test_the_demo_starts_again_inside_the_environment(
    project: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _, arguments, __: started.append(arguments))

    bootstrap.enter(["manage.py", "demo"])

    assert started == [[str(bootstrap.PYTHON), "manage.py", "demo"]]
    assert installed == ["production.txt"]


@pytest.mark.parametrize("version", ["", "3.12"])
def test_installs_again_when_the_python_of_the_stamp_is_gone(
    project: Path, installed: list[str], version: str
) -> None:
    bootstrap.install("production")
    answers(bootstrap.PYTHON, version=version)
    bootstrap.install("production")

    assert installed == ["production.txt", "production.txt"]


def test_installs_again_when_its_python_takes_itself_for_another(
    project: Path, installed: list[str]
) -> None:
    bootstrap.install("production")
    answers(bootstrap.PYTHON, version="3.11", prefix=Path("/usr"))
    bootstrap.install("production")

    assert installed == ["production.txt", "production.txt"]


def test_an_environment_that_lost_its_packages_is_made_anew(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if "venv" in command:
            made.append([str(part) for part in command[1:]])
        elif "django" in command[-1]:
            return subprocess.CompletedProcess(command, 1, stdout="")
        return subprocess.CompletedProcess(command, 0, stdout="")

    bootstrap.STAMP.write_text('{"production": "whatever"}')
    monkeypatch.setattr(subprocess, "run", run)
    bootstrap._make_venv()

    assert made == [["-m", "venv", "--clear", str(bootstrap.VENV)]]


@pytest.mark.parametrize("lost", [False, True])
def test_only_a_python_that_takes_itself_for_the_environments_is_kept(
    project: Path, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    """Without pyvenv.cfg it is the machine's own, where nothing may be installed."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--clear", "--without-pip", bootstrap.VENV], check=True
    )
    if lost:
        (bootstrap.VENV / "pyvenv.cfg").unlink()
    made: list[bool] = []
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run

    def watched(command: list[str], **options: bool) -> subprocess.CompletedProcess[bytes]:
        if "venv" not in command:
            return run(command, **options)
        made.append("--clear" in command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(bootstrap, "_uv", lambda: "uv")
    monkeypatch.setattr(subprocess, "run", watched)
    bootstrap._make_venv()

    assert made == [True] * lost


def test_a_second_start_that_is_still_outside_says_so_and_ends(
    project: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    surroundings: dict[str, str] = {}
    monkeypatch.setattr(os, "execve", lambda _, __, given: surroundings.update(given))
    bootstrap.enter(["manage.py", "demo"])
    monkeypatch.setattr(os, "environ", surroundings)

    with pytest.raises(SystemExit, match=r"Delete \.venv and start again"):
        bootstrap.enter(["manage.py", "demo"])


def test_what_runs_inside_does_not_hand_the_mark_on(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(bootstrap.ENTERING, "1")
    monkeypatch.setattr(sys, "prefix", str(bootstrap.VENV))

    bootstrap.enter(["manage.py", "migrate"])

    assert bootstrap.ENTERING not in os.environ
