"""`vongtay audit prove`, `check-proof`, `diff` and `show`: what else an export tells."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from audit import proofs as proving
from audit import timeline
from audit.checkpoint import Checkpoint
from audit.compare import compare
from audit.export import Export
from audit.faults import KINDS
from audit.merkle import ProofFails
from audit.note import NotSigned, Verifier
from audit.plain_text import visible
from audit.signed import keys_from, keys_of, origin_in, service_of, signed_checkpoints
from audit.timeline import Shown
from console.audit_options import (
    FAULT_EXIT_CODE,
    NO_FILES,
    NONE,
    TROUBLE_EXIT_CODE,
    AsJson,
    Checkpoints,
    ExportPath,
    Keys,
    Lang,
    as_program_reads,
    explained,
    is_position,
    keys_in,
    notes_from,
    place_in,
)
from eventing.record import decode_envelope

DIFFERENCES_SHOWN_MAX = 50


@explained()
def prove(
    export: ExportPath,
    place: Annotated[str, typer.Argument(help="Service and position, as registry:812.")],
    *,
    output: Annotated[Path | None, typer.Option("-o", help="A file; else to the screen.")] = None,
    key: Keys = NONE,
    checkpoint: Checkpoints = NO_FILES,
) -> None:
    """Prove that a record is in a signed log: a file that anyone can check without the export."""
    service, position = place_in(place)
    opened = Export(export)
    outside = notes_from(checkpoint)
    notes = [
        (note, note in outside)
        for note in dict.fromkeys([*opened.notes(), *outside])
        if service_of(origin_in(note)) == service
    ]
    origin = f"{opened.manifest.origin}/{service}"
    if not opened.is_folder and notes:
        origin = origin_in(notes[0][0])
    signed, _ = signed_checkpoints(
        service, origin, notes, keys_from(opened.keys(), keys_in(key), [])
    )
    text = proving.prove(opened, service, position, signed).text
    if output:
        output.write_text(text, "utf-8", newline="\n")
    if output is None:
        sys.stdout.write(text)


@explained()
def check_proof(
    proof: Annotated[Path, typer.Argument(exists=True, help="What `prove` wrote.")],
    *,
    key: Annotated[list[str], typer.Option("--key", help="The log's verifier key, or a file.")],
    language: Lang = "vi",
    as_json_: AsJson = False,
) -> None:
    """Check such a file with the log's public key alone, and show the record."""
    read = proving.proof_in(proof.read_text("utf-8"))
    name = origin_in(read.note)
    mine = [each for each in keys_of(keys_in(key)) if each.name == name]
    try:
        checkpoint = _checked(read, mine)
    except (NotSigned, ProofFails) as error:
        if as_json_:
            print(as_program_reads({"holds": False, "says": str(error)}))
        else:
            print(f"✗ {visible(str(error))}")
        raise typer.Exit(FAULT_EXIT_CODE) from None
    shown = Shown(service_of(name), read.index + 1, decode_envelope(read.record))
    if as_json_:
        proved = {"holds": True, "origin": name, "position": read.index + 1}
        print(as_program_reads(proved | {"size": checkpoint.size, "record": read.record.decode()}))
        return
    print(timeline.told(shown, language))
    print(
        f"✓ có trong sổ {visible(name)} gồm {checkpoint.size} bản ghi đã ký · is in the signed log "
        f"of {checkpoint.size} records"
    )


def _checked(read: proving.Proof, keys: Sequence[Verifier]) -> Checkpoint:
    """By any of the keys that the log has had. Raises what `check_proof` raises."""
    refused: NotSigned | None = None
    for each in keys:
        try:
            return proving.check_proof(read, each)
        except NotSigned as error:
            refused = error
    raise refused or NotSigned("no key given is of this log")


@explained()
def diff(export: ExportPath, other: ExportPath, *, as_json_: AsJson = False) -> None:
    """Hold two exports against each other. That one goes on longer is no difference."""
    one, two = Export(export), Export(other)
    found = {
        service: compare(
            one.leaves(service) if service in one.services else (),
            two.leaves(service) if service in two.services else (),
        )
        for service in dict.fromkeys([*one.services, *two.services])
    }
    if as_json_:
        print(as_program_reads({service: asdict(each) for service, each in found.items()}))
    else:
        for service, each in found.items():
            same = "giống · same" if not each.differences else "KHÁC · DIFFERS"
            print(f"{service:<14} {each.size:>10} {each.other_size:>10}  {same}")
            for difference in each.differences[:DIFFERENCES_SHOWN_MAX]:
                vi, en = KINDS[difference.kind]
                print(f"    {service}:{difference.position}  {vi} · {en}")
            if (more := len(each.differences) - DIFFERENCES_SHOWN_MAX) > 0:
                print(f"    … {more} (--json)")
    if any(each.differences for each in found.values()):
        raise typer.Exit(FAULT_EXIT_CODE)


@explained()
def show(
    export: ExportPath,
    what: Annotated[str, typer.Argument(help="A stream, or a place such as registry:812.")],
    *,
    language: Lang = "vi",
    as_json_: AsJson = False,
) -> None:
    """Show a stream, or what an event was caused by and what it caused, as a timeline."""
    opened = Export(export)
    service, _, position = what.partition(":")
    if service in opened.services and is_position(position):
        events = timeline.chain(opened, service, int(position))
    else:
        events = timeline.stream(opened, what)
    if not events:
        sys.stderr.write(f"Không có gì ở đây · nothing is there: {what}\n")
        raise typer.Exit(TROUBLE_EXIT_CODE)
    if as_json_:
        print(as_program_reads([timeline.as_json(each) for each in events]))
    else:
        print("\n\n".join(timeline.told(each, language) for each in events))
        sys.stderr.write(
            "Chỉ đọc, chưa kiểm chứng: hãy chạy `vongtay audit verify` · only read, not verified\n"
        )
    if any(each.is_altered for each in events):
        raise typer.Exit(FAULT_EXIT_CODE)
