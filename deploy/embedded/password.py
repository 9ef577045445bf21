"""A random password in a file that only its owner reads, made when it is first asked for."""

import secrets
from pathlib import Path

BYTES = 24


def password_in(path: Path) -> str:
    if not path.exists():
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(BYTES))
        unfinished.rename(path)
    return path.read_text()
