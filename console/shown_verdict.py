"""What a verification came to, for a person on a terminal and for a program."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from audit.faults import Fault
from audit.plain_text import visible
from audit.report import Digest, witness_shown
from audit.verify import Verdict, Verified

FAULTS_SHOWN_MAX = 50


def show_verdict(verdict: Verdict, console: Console) -> None:
    console.print(_table(verdict))
    for log in verdict.logs:
        _show_what_is_open(log, console)
    if any(log.signed_up_to > log.kept_up_to for log in verdict.logs):
        console.print(_not_kept([log for log in verdict.logs if log.signed_up_to > log.kept_up_to]))
    if not verdict.keys_are_given and any(log.checkpoints for log in verdict.logs):
        console.print(
            "Khoá kiểm chứng lấy từ chính bản xuất: hãy so với khoá đã công bố (--key) · the keys "
            "are those of the export itself: compare them with what was published (--key)"
        )
    for service in verdict.not_there:
        console.print(
            f"{_name(service)}: có khoá (--key) nhưng bản xuất không có sổ này · there is a key "
            "(--key), but the export has nothing of this log"
        )
    faults = verdict.faults
    for fault in faults[:FAULTS_SHOWN_MAX]:
        console.print(f"[red]✗[/red] [bold]{escape(fault.where())}[/bold] {_says(fault)}")
    if len(faults) > FAULTS_SHOWN_MAX:
        console.print(f"… {len(faults) - FAULTS_SHOWN_MAX} (--json)")
    if not verdict.holds:
        console.print(f"[red]✗[/red] {len(faults)} lỗi · faults")
    elif verdict.is_signed:
        console.print("[green]✓[/green] Nguyên vẹn đến mốc đã ký · unaltered as far as signed")
    else:
        console.print(
            "[yellow]?[/yellow] Không có lỗi bên trong, nhưng không phải bản ghi nào cũng đối "
            "chiếu được với mốc đã ký: chưa kết luận được · no fault within, but not every record "
            "could be held against a signed checkpoint: it could not be told"
        )


def _name(service: str) -> str:
    return escape(visible(service))


def _says(fault: Fault) -> str:
    return escape(f"{fault.says('vi')} · {fault.says('en')}")


def _table(verdict: Verdict) -> Table:
    table = Table()
    for heading, right in (
        ("Sổ\nlog", False),
        ("Bản ghi\nrecords", True),
        ("Đã ký đến\nsigned up to", True),
        ("Mốc khớp\ncheckpoints match", True),
        ("Gốc\nroot", False),
        ("Chứng nhân\nwitnesses", False),
    ):
        table.add_column(heading, justify="right" if right else "left")
    for log in verdict.logs:
        table.add_row(
            _name(log.service),
            str(log.size),
            str(log.signed_up_to),
            f"{log.matches}/{log.checkpoints}",
            f"{log.root.hex()[:16]}…",
            escape("\n".join(map(witness_shown, log.witnesses[-1:]))),
        )
    return table


def _show_what_is_open(log: Verified, console: Console) -> None:
    if log.unchecked:
        console.print(
            f"{_name(log.service)}: không có khoá công khai để kiểm {log.unchecked} mốc (--key) · "
            f"there is no public key to check {log.unchecked} checkpoints with (--key)"
        )
    if log.position > log.signed_up_to:
        console.print(
            f"{_name(log.service)}: {log.signed_up_to + 1}-{log.position} không nằm dưới "
            "mốc đã ký nào · are under no signed checkpoint that matches"
        )
    if log.not_compared:
        console.print(
            f"{_name(log.service)}: từ {log.not_compared.first} không đối chiếu được với "
            f"{log.not_compared.checkpoints} mốc, vì thiếu bản ghi ở trước · from "
            f"{log.not_compared.first} on, {log.not_compared.checkpoints} checkpoints could be "
            "held against nothing, since something before is not there"
        )


def _not_kept(logs: Sequence[Verified]) -> str:
    places = ", ".join(f"{log.service}:{log.kept_up_to + 1}-{log.signed_up_to}" for log in logs)
    return escape(
        f"{visible(places)}: chỉ có chữ ký của chính sổ; nếu nơi giữ sổ viết lại rồi ký lại tất "
        "cả thì ở đây không thấy được (--checkpoint, --witness-key) · signed by the log alone; had "
        "its operator written it anew and signed it all again, nothing here could tell"
    )


def as_json(verdict: Verdict, digests: Sequence[Digest] = ()) -> dict[str, Any]:
    return {
        "holds": verdict.holds,
        "is_signed": verdict.is_signed,
        "keys_are_given": verdict.keys_are_given,
        "not_there": verdict.not_there,
        "other_faults": [_fault_as_json(fault) for fault in verdict.other_faults],
        "logs": [
            {
                "service": log.service,
                "origin": log.origin,
                "records": log.size,
                "last_position": log.position,
                "root": log.root.hex(),
                "signed_up_to": log.signed_up_to,
                "kept_elsewhere_up_to": log.kept_up_to,
                "checkpoints": log.checkpoints,
                "checkpoints_matching": log.matches,
                "checkpoints_unchecked": log.unchecked,
                "not_compared": asdict(log.not_compared) if log.not_compared else None,
                "newest_checkpoint": log.newest.note if log.newest else None,
                "keys": log.keys,
                "witnesses": log.witnesses,
                "has_tiles": log.has_tiles,
                "faults": [_fault_as_json(fault) for fault in log.faults],
                "faults_left_out": log.faults_left_out,
            }
            for log in verdict.logs
        ],
        "digests": [asdict(digest) for digest in digests],
    }


def show_digests(digests: Sequence[Digest]) -> None:
    for each in digests:
        vector = " ".join(f"{source}:{at}" for source, at in sorted(each.positions.items()))
        parked = f"  {each.parked} không dựng được · parked" if each.parked else ""
        print(f"{each.digest}  {each.service}.{each.read_model}  {vector}{parked}")


def _fault_as_json(fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "first": fault.first,
        "last": fault.last,
        "detail": fault.detail,
        "values": fault.values,
        "says": fault.says("en"),
        "says_vi": fault.says("vi"),
    }
