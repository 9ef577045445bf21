"""`vongtay audit`: what an auditor does on a laptop, with an export and public keys.

Exit codes: 0 all is as it should be, 1 a fault or a difference was found, 2 it could not be told.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit import proofs as proving
from audit import timeline
from audit import verify as checking
from audit.checkpoint import Checkpoint
from audit.compare import compare
from audit.export import Export, NotAnExport, notes_in
from audit.faults import KINDS, Language
from audit.merkle import ProofFails
from audit.note import NotANote, NotSigned, Verifier
from audit.proofs import CannotBeProved, NotAProof
from audit.remote_log import LogDoesNotAnswer
from audit.signed import keys_from, keys_of, origin_in, service_of, signed_checkpoints
from audit.timeline import Shown
from console.addresses import SERVICES
from console.replay import from_export, from_kafka, heads, positions_in, replay_all
from console.shown_verdict import as_json, show_verdict
from console.taking_home import from_kafka as from_kafka_home
from console.taking_home import over_http
from eventing.record import UndecodableRecord, decode_envelope
from eventing.replay import NotThatFar, Replayed
from eventing.sources import HoleInTheLog

FAULT_EXIT_CODE, TROUBLE_EXIT_CODE = 1, 2
DIFFERENCES_SHOWN_MAX = 50

EXPLAINED = (
    CannotBeProved,
    LogDoesNotAnswer,
    NotAProof,
    UndecodableRecord,
    HoleInTheLog,
    KafkaError,
    NotANote,
    NotAnExport,
    NotThatFar,
    OSError,
    TimeoutError,
)

app = typer.Typer(no_args_is_help=True, help="Prove that nothing was altered, from an export.")

ExportPath = Annotated[Path, typer.Argument(exists=True, help="An export's folder, or one file.")]
Keys = Annotated[
    list[str],
    typer.Option("--key", help="A log's verifier key, or a file of them. Repeat for more."),
]
Witnesses = Annotated[
    list[str], typer.Option("--witness-key", help="A witness's verifier key, or a file of them.")
]
Checkpoints = Annotated[
    list[Path],
    typer.Option("--checkpoint", exists=True, help="A checkpoint that you have from elsewhere."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Lang = Annotated[Language, typer.Option("--lang", help="vi or en.")]
NONE: list[str] = []
NO_FILES: list[Path] = []


@contextmanager
def explained() -> Iterator[None]:
    """What a person can do something about is told in one sentence."""
    try:
        yield
    except EXPLAINED as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        raise typer.Exit(TROUBLE_EXIT_CODE) from None


def keys_in(given: Sequence[str]) -> list[str]:
    """Keys as they are, and those of files, a line each."""
    found: list[str] = []
    for each in given:
        path = Path(each)
        found += path.read_text("utf-8").splitlines() if path.is_file() else [each]
    return found


@contextmanager
def told(sizes: dict[str, int]) -> Iterator[checking.Told]:
    """A progress bar for each log, on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks = {name: progress.add_task(name, total=size or None) for name, size in sizes.items()}

        def tell(service: str, records: int) -> None:
            if service in tasks:
                progress.advance(tasks[service], records)

        yield tell


@app.command()
def verify(
    export: ExportPath,
    *,
    key: Keys = NONE,
    witness_key: Witnesses = NONE,
    checkpoint: Checkpoints = NO_FILES,
    as_json_: AsJson = False,
) -> None:
    """Check leaf hashes, tree, signatures, order, schemas; name what was altered and where."""
    with explained():
        outside = [note for path in checkpoint for note in notes_in(path.read_text("utf-8"))]
        with told({log.service: log.size for log in Export(export).manifest.logs}) as tell:
            verdict = checking.verify(
                export,
                outside=outside,
                keys=keys_in(key),
                witnesses=keys_in(witness_key),
                told=tell,
            )
    if as_json_:
        sys.stdout.write(json.dumps(as_json(verdict), ensure_ascii=False, indent=2) + "\n")
    else:
        show_verdict(verdict, Console())
    if not verdict.holds:
        raise typer.Exit(FAULT_EXIT_CODE)


def replay(
    export: Annotated[
        Path | None, typer.Argument(exists=True, help="An export's folder; or else --kafka.")
    ] = None,
    *,
    kafka: Annotated[str | None, typer.Option(help="Bootstrap servers, host:port.")] = None,
    at: Annotated[
        list[str], typer.Option("--at", help="A position to stop at, as registry:812.")
    ] = NONE,
    as_json_: AsJson = False,
) -> None:
    """Rebuild every open read model in memory, and print each digest with its positions."""
    if (export is None) == (kafka is None):
        raise typer.BadParameter("either an export or --kafka")
    with explained():
        positions = asyncio.run(heads(kafka)) if kafka else positions_in(export or Path())
        positions |= dict(map(_place, at))
        make_source = from_export(Export(export)) if export else from_kafka(kafka or "", positions)
        replayed = asyncio.run(replay_all(make_source, positions))
    if as_json_:
        rows = _digests(replayed)
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    for service, its_models in replayed.items():
        for name, each in its_models.items():
            vector = " ".join(f"{source}:{here}" for source, here in sorted(each.positions.items()))
            parked = f"  {each.parked} không dựng được · parked" if each.parked else ""
            print(f"{each.digest}  {service}.{name}  {vector}{parked}")


def _digests(replayed: Mapping[str, Mapping[str, Replayed]]) -> list[dict[str, Any]]:
    return [
        {
            "service": service,
            "read_model": name,
            "digest": each.digest,
            "positions": dict(each.positions),
            "parked": each.parked,
        }
        for service, its_models in replayed.items()
        for name, each in its_models.items()
    ]


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to; an export there is gone on with.")],
    *,
    kafka: Annotated[str | None, typer.Option(help="Bootstrap servers, host:port.")] = None,
    url: Annotated[
        list[str], typer.Option("--url", help="A service's address: registry=http://… Repeat.")
    ] = NONE,
    token_file: Annotated[
        Path | None, typer.Option(exists=True, help="An auditor's token, for --url.")
    ] = None,
    origin: Annotated[str | None, typer.Option(help="The logs' origin, if none is signed.")] = None,
    key: Keys = NONE,
    uncompressed: Annotated[bool, typer.Option("--uncompressed", help="Plain files.")] = False,
) -> None:
    """Take the logs home: records, checkpoints, keys, tiles. Repeat to go on."""
    if bool(url) == bool(kafka):
        raise typer.BadParameter("either --kafka or --url")
    urls = dict(map(_service_url, url))
    token = token_file.read_text("utf-8").strip() if token_file else None
    with explained(), told(dict.fromkeys(urls or SERVICES, 0)) as tell:
        if kafka:
            coming = from_kafka_home(
                folder, kafka, origin, keys_in(key), tell, compressed=not uncompressed
            )
            asyncio.run(coming)
        else:
            over_http(folder, urls, token, origin, tell, compressed=not uncompressed)
        manifest = Export(folder).manifest
    for log in manifest.logs:
        print(f"{log.service:<14} {log.size}")


def _service_url(text: str) -> tuple[str, str]:
    service, separator, url = text.partition("=")
    if not separator or not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"{text} is not such as registry=https://…")
    return service, url


@app.command()
def prove(
    export: ExportPath,
    place: Annotated[str, typer.Argument(help="Service and position, as registry:812.")],
    *,
    output: Annotated[Path | None, typer.Option("-o", help="A file; else to the screen.")] = None,
    key: Keys = NONE,
) -> None:
    """Prove that a record is in a signed log: a file that anyone can check without the export."""
    service, position = _place(place)
    with explained():
        opened = Export(export)
        origin = f"{opened.manifest.origin}/{service}"
        notes = [(note, False) for note in opened.notes() if origin_in(note) == origin]
        signed, _ = signed_checkpoints(
            service, origin, notes, keys_from(opened.keys(), keys_in(key), [])
        )
        text = proving.prove(opened, service, position, signed).text
        if output:
            output.write_text(text, "utf-8", newline="\n")
    if output is None:
        sys.stdout.write(text)


@app.command("check-proof")
def check_proof(
    proof: Annotated[Path, typer.Argument(exists=True, help="What `prove` wrote.")],
    *,
    key: Annotated[list[str], typer.Option("--key", help="The log's verifier key, or a file.")],
    language: Lang = "vi",
    as_json_: AsJson = False,
) -> None:
    """Check such a file with the log's public key alone, and show the record."""
    with explained():
        read = proving.proof_in(proof.read_text("utf-8"))
        name = origin_in(read.note)
        mine = [each for each in keys_of(keys_in(key)) if each.name == name]
        try:
            checkpoint = _checked(read, mine)
        except (NotSigned, ProofFails) as error:
            if as_json_:
                print(json.dumps({"holds": False, "says": str(error)}))
            else:
                print(f"✗ {error}")
            raise typer.Exit(FAULT_EXIT_CODE) from None
        shown = Shown(service_of(name), read.index + 1, decode_envelope(read.record))
    if as_json_:
        proved = {"holds": True, "origin": name, "position": read.index + 1}
        print(json.dumps(proved | {"size": checkpoint.size, "record": read.record.decode()}))
        return
    print(timeline.told(shown, language))
    print(
        f"✓ có trong sổ {name} gồm {checkpoint.size} bản ghi đã ký · is in the signed log of "
        f"{checkpoint.size} records"
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


@app.command()
def diff(export: ExportPath, other: ExportPath, *, as_json_: AsJson = False) -> None:
    """Hold two exports against each other. That one goes on longer is no difference."""
    with explained():
        one, two = Export(export), Export(other)
        found = {
            service: compare(
                one.leaves(service) if service in one.services else (),
                two.leaves(service) if service in two.services else (),
            )
            for service in dict.fromkeys([*one.services, *two.services])
        }
    if as_json_:
        print(json.dumps({service: asdict(each) for service, each in found.items()}, indent=2))
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


@app.command()
def show(
    export: ExportPath,
    what: Annotated[str, typer.Argument(help="A stream, or a place such as registry:812.")],
    *,
    language: Lang = "vi",
) -> None:
    """Show a stream, or what an event was caused by and what it caused, as a timeline."""
    with explained():
        opened = Export(export)
        service, _, position = what.partition(":")
        if service in opened.services and position.isdigit():
            events = timeline.chain(opened, service, int(position))
        else:
            events = timeline.stream(opened, what)
    if not events:
        sys.stderr.write(f"Không có gì ở đây · nothing is there: {what}\n")
        raise typer.Exit(FAULT_EXIT_CODE)
    print("\n\n".join(timeline.told(each, language) for each in events))


def _place(text: str) -> tuple[str, int]:
    service, _, position = text.partition(":")
    if not service or not position.isascii() or not position.isdigit():
        raise typer.BadParameter(f"{text} is no place such as registry:812")
    return service, int(position)
