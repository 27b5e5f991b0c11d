"""Make the project's own environment, with nothing but Python's standard library.

`enter` is what manage.py calls; `python3 -m config.bootstrap development` does the same by hand.
The environment is .venv beside manage.py, filled from the locked, hashed requirements. A stamp in
it remembers what was installed and for which Python, so that the next start costs next to nothing.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "ringdove-requirements.json"
NEEDS = {"demo": "production", "test": "development"}
# What the environment's Python answers when it is whole: where it is, and its version.
PROBE = "import sys, django; print(sys.prefix, '%d.%d' % sys.version_info[:2], sep='\\t')"
# Succeeds when the environment's Python is new enough and its own, with or without packages.
FIT = (
    "import os, sys;"
    "sys.exit(sys.version_info < (3, 11) or os.path.realpath(sys.prefix) != sys.argv[1])"
)
# Set while starting again inside .venv, so that a start which does not get there is the last.
ENTERING = "RINGDOVE_ENTERING_VENV"
# What uv calls the few pip settings that a company's network makes necessary.
UV_NAMES = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}


def enter(argv: list[str]) -> None:
    """Return at once inside a fit environment; else make it and start `argv` again inside it.

    Only `demo`, `test` and a bare start make anything. Other commands use .venv when this Python
    has no Django, and otherwise run where they are, as anywhere.
    """
    command = argv[1] if len(argv) > 1 else ""
    again = os.environ.pop(ENTERING, None)
    if again and not _inside():
        sys.exit("Python does not enter .venv, which must be broken. Delete .venv and start again.")
    if command in NEEDS and not os.environ.get("NO_VENV"):
        install(NEEDS[command])
    elif importlib.util.find_spec("django"):
        return
    elif not command:
        install("production")
    elif not PYTHON.exists():
        sys.exit("Django is not installed here. `python3 manage.py demo` makes the environment.")
    if not _inside():
        surroundings = os.environ | {ENTERING: "1"}
        os.execve(PYTHON, [str(PYTHON), *argv], surroundings)  # noqa: S606  # another Python


def install(requirements: str) -> None:
    """Bring .venv up to requirements/`requirements`.txt; two at once wait for each other."""
    if _is_current(requirements):
        return
    with _alone():
        if not _is_current(requirements):
            _make_venv()
            _say(f"Installing what {requirements} needs into .venv …")
            _install(ROOT / "requirements" / f"{requirements}.txt")
            _stamp(requirements)


def _inside() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()


def _is_current(requirements: str) -> bool:
    """Whether .venv holds what the lock file says now. The development set holds the other."""
    stamps = _stamps()
    enough = {requirements, "development"}
    return any(stamps.get(name) == _digest(name) for name in enough) and _is_whole()


def _is_whole() -> bool:
    """Whether the Python in .venv really is its own, has Django and is the one it was filled for.

    A stamp outlives a Python that was upgraded beneath it, a lost pyvenv.cfg, lost packages.
    """
    found = _version()
    return found is not None and _stamps().get("python", found) == found


def _version() -> str | None:
    """Such as 3.12; None when .venv does not work."""
    try:
        asked = subprocess.run(
            [PYTHON, "-I", "-c", PROBE], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    prefix, _, version = asked.stdout.strip().partition("\t")
    return version if version and Path(prefix).resolve() == VENV.resolve() else None


def _stamps() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return kept


def _stamp(requirements: str) -> None:
    version = _version()
    if version is None:
        sys.exit("The new .venv does not work: its Python cannot import Django.")
    draft = STAMP.with_suffix(f".{os.getpid()}")
    now = {requirements: _digest(requirements), "python": version}
    draft.write_text(json.dumps(_stamps() | now))
    draft.replace(STAMP)


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / "requirements" / f"{requirements}.txt").read_bytes()).hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        sys.exit("Ringdove runs on Linux and macOS; on Windows use WSL.")
    with Path(__file__).open() as lock:  # any file that is always there will do
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    """A working .venv with pip or uv in it: a good one is kept, a broken one is made anew.

    Packages missing before the first stamp only mean that an installation was cut short. But what
    takes itself for the machine's own Python is never kept: everything would be installed there.
    """
    fit = _works("-I", "-c", FIT, str(VENV.resolve()))
    if fit and (_is_whole() or not _stamps()) and (_works("-m", "pip", "--version") or _uv()):
        return
    if importlib.util.find_spec("ensurepip") is None:
        _install_ensurepip()
    _say("Making .venv …")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False)
    if made.returncode:
        sys.exit("Python could not make an environment in .venv; its own words are above.")


def _works(*arguments: str) -> bool:
    try:
        return not subprocess.run([PYTHON, *arguments], capture_output=True, check=False).returncode
    except OSError:
        return False


def _install_ensurepip() -> None:
    """Debian and Ubuntu cut `venv` out of Python into a package of its own."""
    package = f"python3.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.exit(
            f"This Python cannot make environments. On Debian or Ubuntu: apt install {package}"
        )
    _say(f"Installing {package} …")
    subprocess.run([apt, "update", "-qq"], check=False)
    subprocess.run([apt, "install", "-qq", "-y", package], check=True)


def _install(file: Path) -> None:
    """With uv, which is many times faster; with pip where uv cannot do it."""
    if _uv() is None:
        _pip("-r", ROOT / "requirements" / "bootstrap.txt")
    uv = _uv()
    if uv:
        options = ["-q", "--python", str(PYTHON), "--require-hashes", "-r", str(file)]
        done = subprocess.run([uv, "pip", "install", *options], env=_uv_env(), check=False)
        if done.returncode == 0:
            return
        _say("uv could not install everything; trying pip, which takes a minute or two …")
    if _pip("-r", file):
        sys.exit("The packages could not be installed; pip's own words are above.")


def _uv() -> str | None:
    return shutil.which("uv", path=f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")


def _pip(*arguments: str | Path) -> int:
    quiet = ["-q", "--disable-pip-version-check", "--require-virtualenv", "--require-hashes"]
    return subprocess.run(
        [PYTHON, "-m", "pip", "install", *quiet, *arguments], check=False
    ).returncode


def _uv_env() -> dict[str, str]:
    """This environment, with pip's index and certificates: uv reads no pip settings."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    lines = (line.partition("=") for line in listed.stdout.splitlines())
    pip = {name.rpartition(".")[2]: value.strip("'") for name, _, value in lines}
    return {UV_NAMES[name]: pip[name] for name in UV_NAMES.keys() & pip} | os.environ


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    install(sys.argv[1] if len(sys.argv) > 1 else "production")
