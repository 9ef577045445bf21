"""The page that others write verifiers from: its vectors, by code that shares nothing with ours."""

import base64
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.note import verifier
from audit.proofs import check_proof, proof_in
from audit.verify import verify

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "audit-format.md").read_text("utf-8")
VECTORS = PAGE[PAGE.index("## 11.") :]


def block(after):
    """The fenced block that follows a heading or a name."""
    found = re.search(r"```\w*\n(.*?)```", VECTORS[VECTORS.index(after) :], re.DOTALL)
    assert found is not None, after
    return found[1]


MANIFEST = block("`manifest.json`")
LINES = block("`donations/000000000001.ndjson`")
CHECKPOINTS = block("`checkpoints.ndjson`")
KEYS = block("`keys.txt`")
TILE = b"".join(map(bytes.fromhex, block("`donations/tile").split()))
PROOF = block("### A proof")
LOG_KEY, WITNESS_KEY = block("### Keys").split()
SUCCESSOR = block("### A key and its successor").strip()
BOTH, AFTER = block("Of the export above, checkpoints that both signed").splitlines()


def leaf_of(record):
    return sha256(b"\x00" + record).digest()


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves):
    """As section 4 says it."""
    if not leaves:
        return sha256(b"").digest()
    subtrees = []
    for leaf in leaves:
        subtrees.append((0, leaf))
        while len(subtrees) > 1 and subtrees[-1][0] == subtrees[-2][0]:
            height, right = subtrees.pop()
            _, left = subtrees.pop()
            subtrees.append((height + 1, node(left, right)))
    root = subtrees.pop()[1]
    while subtrees:
        root = node(subtrees.pop()[1], root)
    return root


def public_key(text):
    name, key_hash, encoded = text.split("+", 2)
    raw = base64.b64decode(encoded)
    assert sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == key_hash
    return name, bytes.fromhex(key_hash), raw[0], raw[1:]


def check_signature(note, key):
    name, key_hash, algorithm, public = public_key(key)
    text, _, lines = note.partition("\n\n")
    for line in lines.split("\n"):
        dash, who, encoded = (*line.split(" "), "", "")[:3]
        raw = base64.b64decode(encoded)
        if (dash, who, raw[:4]) == ("—", name, key_hash):
            signature, message = raw[4:], f"{text}\n"
            if algorithm == 4:
                seconds = int.from_bytes(signature[:8], "big")
                message, signature = f"cosignature/v1\ntime {seconds}\n{message}", signature[8:]
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message.encode())
            return text.split("\n")
    raise AssertionError("not signed")


def test_roots_of_the_reference_inputs():
    rows = [line.split() for line in block("### Roots").splitlines()]
    leaves = [leaf_of(b"" if text == '""' else bytes.fromhex(text)) for text, _ in rows]
    assert len(rows) == 8
    for size, (_, root) in enumerate(rows, 1):
        assert root_of(leaves[:size]).hex() == root


def test_roots_of_numbers():
    rows = [line.split() for line in block("Leaves of the decimal numbers").splitlines()]
    leaves = [leaf_of(str(number).encode()) for number in range(70_000)]
    assert len(rows) == 8
    for size, root in rows:
        assert root_of(leaves[: int(size)]).hex() == root


def test_the_keys_are_those_of_the_seeds():
    for text, name, algorithm, seed in (
        (LOG_KEY, "vongtay.example/donations", 1, b"\x01" * 32),
        (WITNESS_KEY, "witness.example", 4, b"\x05" * 32),
    ):
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        assert public_key(text)[0] == name
        assert public_key(text)[2:] == (algorithm, public)


def test_the_export_by_the_page_alone():
    lines = [json.loads(line) for line in LINES.splitlines()]
    leaves = [leaf_of(line["record"].encode()) for line in lines]
    assert [line["position"] for line in lines] == [1, 2, 3]
    assert [line["leaf"] for line in lines] == [leaf.hex() for leaf in leaves]
    assert b"".join(leaves) == TILE
    notes = [json.loads(line) for line in CHECKPOINTS.splitlines()]
    assert [note["size"] for note in notes] == [2, 3]
    for note in notes:
        origin, size, root = check_signature(note["note"], KEYS.strip())
        assert (origin, int(size)) == ("vongtay.example/donations", note["size"])
        assert base64.b64decode(root) == root_of(leaves[: note["size"]])
    check_signature(notes[1]["note"], WITNESS_KEY)


def test_the_proof_by_the_page_alone():
    head, _, note = PROOF.partition("\n\n")
    _, extra, index, *hashes = head.split("\n")
    result = leaf_of(base64.b64decode(extra.removeprefix("extra ")))
    _, size, root = check_signature(note, LOG_KEY)
    f, s = int(index.removeprefix("index ")), int(size) - 1
    for each in map(base64.b64decode, hashes):
        assert s
        if f % 2 or f == s:
            result = node(each, result)
            while f and f % 2 == 0:
                f, s = f // 2, s // 2
        else:
            result = node(result, each)
        f, s = f // 2, s // 2
    assert s == 0
    assert result == base64.b64decode(root)


def test_ours_says_the_same_of_the_proof():
    assert check_proof(proof_in(PROOF), verifier(LOG_KEY)).size == 3


@pytest.fixture
def export(tmp_path):
    (tmp_path / "donations/tile/0/000.p").mkdir(parents=True)
    for name, text in {
        "manifest.json": MANIFEST,
        "donations/000000000001.ndjson": LINES,
        "checkpoints.ndjson": CHECKPOINTS,
        "keys.txt": KEYS,
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "donations/tile/0/000.p/3").write_bytes(TILE)
    return tmp_path


def test_ours_says_that_the_export_holds(export):
    verdict = verify(export, keys=[LOG_KEY], witnesses=[WITNESS_KEY])
    assert verdict.holds
    (log,) = verdict.logs
    assert (log.size, log.matches, log.witnesses) == (3, 2, ("witness.example@1700000000",))


# --- the table of changes ---


def with_record_changed(lines, number, old, new):
    line = json.loads(lines[number])
    record = line["record"].replace(old, new)
    assert record != line["record"]
    return line | {"record": record}


def rewritten(lines, number, old, new):
    line = with_record_changed(lines, number, old, new)
    line["leaf"] = leaf_of(line["record"].encode()).hex()
    return changed(lines, number, line)


def changed(lines, number, line):
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return [*lines[:number], text, *lines[number + 1 :]]


def only_record(lines):
    return changed(lines, 1, with_record_changed(lines, 1, "1500000", "1500001"))


def only_leaf(lines):
    line = json.loads(lines[1])
    return changed(lines, 1, line | {"leaf": "0" + line["leaf"][1:]})


CHANGES = [
    (only_record, False),
    (only_leaf, False),
    (lambda lines: [lines[0], lines[2]], False),
    (lambda lines: [lines[0], lines[1], lines[1], lines[2]], False),
    (lambda lines: [lines[1], lines[0], lines[2]], False),
    (lambda lines: lines[:2], False),
    (lambda lines: rewritten(lines, 1, "1500000", "1500001"), True),
    (lambda lines: rewritten(lines, 2, "Áo ấm", "Ao am"), True),
    (lambda lines: rewritten(lines, 2, "Áo ấm", "Ao am"), False),
    (lambda lines: [lines[0], lines[2].replace('"position":3', '"position":2')], False),
    (lambda lines: [lines[0], lines[1].replace('"leaf"', '"lief"'), lines[2]], False),
    (None, False),
]
TABLE = re.findall(r"^\| .* \| ((?:\w+ [\d-]+(?:, )?)+) \|$", VECTORS, re.MULTILINE)


def test_each_row_of_the_table_is_tried():
    assert len(TABLE) == len(CHANGES)


@pytest.mark.parametrize(("change", "tile", "said"), [
    (*change, said) for change, said in zip(CHANGES, TABLE, strict=False)
])  # fmt: skip
def test_ours_says_what_the_table_says(export, change, tile, said):
    chunk = export / "donations/000000000001.ndjson"
    if change is None:
        chunk.unlink()
    else:
        lines = change(LINES.splitlines())
        chunk.write_text("\n".join(lines) + "\n", "utf-8")
    if tile:
        leaves = [leaf_of(json.loads(line)["record"].encode()) for line in lines]
        (export / "donations/tile/0/000.p/3").write_bytes(b"".join(leaves))
    found = {
        f"{fault.kind} {fault.first}-{fault.last}"
        for fault in verify(export, keys=[LOG_KEY]).faults
    }
    expected = set()
    for each in said.split(", "):
        kind, place = each.split()
        expected.add(f"{kind} {place if '-' in place else f'{place}-{place}'}")
    assert found == expected


@pytest.mark.parametrize(
    ("old", "new", "size"),
    [("donations\\n3", "donationz\\n3", 3), ('{"size":3', "garbage", None)],
)
def test_a_checkpoint_of_no_log_is_a_fault(export, old, new, size):
    assert CHECKPOINTS.count(old) == 1
    (export / "checkpoints.ndjson").write_text(CHECKPOINTS.replace(old, new), "utf-8")
    faults = verify(export, keys=[LOG_KEY]).faults
    assert [(fault.kind, fault.first) for fault in faults] == [("checkpoint", size)]


def without_checkpoints(export):
    (export / "checkpoints.ndjson").unlink()
    return [LOG_KEY]


def without_the_newest_checkpoint(export):
    (export / "checkpoints.ndjson").write_text(CHECKPOINTS.splitlines()[0] + "\n", "utf-8")
    return [LOG_KEY]


def without_keys(export):
    (export / "keys.txt").unlink()
    return []


def without_logs(export):
    manifest = json.loads(MANIFEST) | {"logs": []}
    (export / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (export / "checkpoints.ndjson").unlink()
    return []


def with_a_key_of_another_log(_export):
    public = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32).public_key().public_bytes_raw()
    name, raw = "vongtay.example/registry", b"\x01" + public
    key_hash = sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    return [LOG_KEY, f"{name}+{key_hash}+{base64.b64encode(raw).decode()}"]


@pytest.mark.parametrize(
    "change",
    [
        without_checkpoints,
        without_the_newest_checkpoint,
        without_keys,
        without_logs,
        with_a_key_of_another_log,
    ],
)
def test_no_fault_and_yet_it_could_not_be_told(export, change):
    verdict = verify(export, keys=change(export))
    assert verdict.holds
    assert not verdict.is_signed


@pytest.mark.parametrize(
    ("notes", "listed", "faults"),
    [
        ((BOTH, AFTER), True, []),
        ((BOTH, CHECKPOINTS.splitlines()[1]), True, ["checkpoint 3"]),
        ((BOTH, AFTER), False, ["checkpoint 3"]),
    ],
)
def test_a_key_and_its_successor(export, notes, listed, faults):
    (export / "checkpoints.ndjson").write_text("\n".join(notes) + "\n", "utf-8")
    (export / "keys.txt").write_text(f"{LOG_KEY}\n{SUCCESSOR if listed else ''}\n", "utf-8")
    check_signature(json.loads(BOTH)["note"], SUCCESSOR)
    check_signature(json.loads(AFTER)["note"], SUCCESSOR)
    verdict = verify(export, keys=[LOG_KEY])
    assert [f"{fault.kind} {fault.first}" for fault in verdict.faults] == faults


# --- what a line is, and a record ---


def said_of(export, raw):
    (export / "checkpoints.ndjson").unlink()
    (export / "donations/tile/0/000.p/3").unlink()
    (export / "donations/000000000001.ndjson").write_bytes(raw)
    return [
        f"{fault.kind} {fault.first}" + (f"-{fault.last}" if fault.last != fault.first else "")
        for fault in verify(export, keys=[LOG_KEY]).faults
    ]


def vectors(heading):
    return [json.loads(line) for line in block(heading).splitlines()]


@pytest.mark.parametrize("vector", vectors("### Lines"), ids=lambda vector: vector["new"][:40])
def test_what_a_line_is(export, vector):
    lines = LINES.encode().splitlines(keepends=True)
    old, new = vector["old"].encode(), vector["new"].encode().replace("⟨ff⟩".encode(), b"\xff")
    assert old in lines[1]
    lines[1] = lines[1].replace(old, new, 1)
    assert said_of(export, b"".join(lines)) == vector["said"]


@pytest.mark.parametrize("vector", vectors("### Records"), ids=lambda vector: vector["new"][:60])
def test_what_a_record_is(export, vector):
    lines = LINES.splitlines()
    record = json.loads(lines[1])["record"]
    assert vector["old"] in record
    record = record.replace(vector["old"], vector["new"], 1)
    line = {"position": 2, "leaf": leaf_of(record.encode()).hex(), "record": record}
    raw = "\n".join(changed(lines, 1, line)) + "\n"
    assert said_of(export, raw.encode()) == vector["said"]
