"""`vongtay audit witness`: watch logs from elsewhere, and cosign what only grows.

It needs a key of its own, the logs' public keys and their addresses, and nothing else of them.
"""

import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from audit.note import COSIGNATURE, NotANote, Signer, signer
from audit.plain_text import visible
from audit.signed import keys_of
from audit.witness import Seen, Watched, Witness
from audit.witness_door import shown
from console.audit_options import FAULT_EXIT_CODE, explained, keys_in

LOOK_EVERY_S = 30.0
SEED_BYTES = 32
FINDINGS = {
    "cosigned": "đã đồng ký · cosigned",
    "nothing-signed": "chưa có mốc nào · nothing is signed yet",
    "silent": "không trả lời · does not answer",
    "not-signed": "TỪ CHỐI: không có chữ ký đúng · REFUSED: not signed by the log",
    "went-back": "TỪ CHỐI: sổ ngắn lại · REFUSED: the log went back",
    "forked": "TỪ CHỐI: lịch sử khác · REFUSED: another history",
    "not-ours": (
        "TỪ CHỐI: mốc đang giữ không phải do chứng nhân này ký · REFUSED: the checkpoint kept here "
        "was not cosigned by this witness"
    ),
}

KeyFile = Annotated[Path, typer.Option("--key-file", help="The witness's private key.")]


@explained()
def new_witness_key(
    name: Annotated[str, typer.Argument(help="The witness's name, such as witness.example.")],
    file: Annotated[Path, typer.Argument(help="Where the private key goes; never over another.")],
) -> None:
    """Make a witness's key; its public one is printed, for whoever wants to trust it."""
    made = Signer(name, COSIGNATURE, secrets.token_bytes(SEED_BYTES))
    signer(str(made))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{made}\n")
    print(made.verifier)


@explained()
def witness(
    *,
    key_file: KeyFile,
    folder: Annotated[Path, typer.Option(help="Keeps one checkpoint for each log.")],
    log: Annotated[
        list[str],
        typer.Option("--log", help="Origin and address: vongtay.example/registry=https://…"),
    ],
    log_key: Annotated[
        list[str], typer.Option("--log-key", help="A log's verifier key, or a file of them.")
    ],
    host: Annotated[str, typer.Option(help="Where it shows what it cosigned.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any that is free.")] = 8300,
    every: Annotated[float, typer.Option(min=1, help="Seconds between looks.")] = LOOK_EVERY_S,
    once: Annotated[bool, typer.Option("--once", help="Look once; 1 if one was refused.")] = False,
) -> None:
    """Watch logs and cosign each checkpoint that extends the one seen before; refuse others."""
    own = signer(key_file.read_text("utf-8"))
    if own.algorithm != COSIGNATURE:
        raise NotANote("a witness's key is one for cosignatures")
    with closing(Witness(own, folder, _watched(log, keys_in(log_key)))) as watching:
        if not once:
            _watch(watching, own, host, port, every)
            return
        seen = watching.look()
    _say(seen)
    if any(each.is_alarm for each in seen):
        raise typer.Exit(FAULT_EXIT_CODE)


def _watch(watching: Witness, own: Signer, host: str, port: int, every: float) -> None:
    with shown(watching, host, port) as at, _until_interrupted():
        print(f"{own.verifier}\nhttp://{host}:{at}", flush=True)
        before: list[tuple[str, str, int]] = []
        while True:
            seen = watching.look()
            # What has not changed is no news.
            _say([each for each in seen if _news(each) not in before])
            before = [_news(each) for each in seen]
            time.sleep(every)


def _news(seen: Seen) -> tuple[str, str, int]:
    return seen.origin, seen.finding, seen.size


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        print("\nĐã dừng · stopped")


def _watched(logs: Sequence[str], keys: Sequence[str]) -> list[Watched]:
    """Raises NotANote."""
    known = keys_of(keys)
    found: list[Watched] = []
    for each in logs:
        origin, separator, url = each.partition("=")
        if not separator or not url.startswith(("http://", "https://")):
            raise typer.BadParameter(f"{each} is not such as vongtay.example/registry=https://…")
        mine = tuple(key for key in known if key.name == origin)
        if not mine:
            raise typer.BadParameter(f"no --log-key is of {origin}")
        found.append(Watched(mine, url))
    return found


def _say(seen: Sequence[Seen]) -> None:
    for each in seen:
        out = sys.stderr if each.is_alarm else sys.stdout
        says = f": {visible(each.says)}" if each.says else ""
        print(f"{each.origin} {each.size}  {FINDINGS[each.finding]}{says}", file=out, flush=True)
