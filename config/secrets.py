"""Secrets a developer's machine makes up for itself; production gets its own from the environment."""

import base64
import json
import os
import secrets
from pathlib import Path


def kept_secrets(folder: Path) -> dict[str, str]:
    """Django's secret key and a Fernet key, made once and kept in `folder`/secrets.json (mode 600)."""
    path = folder / "secrets.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write_once(path, {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEY": _fernet_key()})
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _write_once(path: Path, values: dict[str, str]) -> None:
    # Several processes may start at once: link() lets exactly one of them win.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(values))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()
