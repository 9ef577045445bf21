"""Signed notes: a text with signatures that anyone can check (C2SP signed-note, tlog-cosignature).

A key is written `<name>+<hash, 8 hex digits>+<base64 of algorithm byte and key>`; a name has no
spaces and no plus sign. Algorithm 1 is Ed25519 over the text, 4 a witness's timed cosignature.
"""

import base64
import hashlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = 1, 4
KEY_HASH_BYTES = 4
DASH = "\N{EM DASH} "
BLANK = " \t\r"
NOTE_BYTES_MAX = 64 * 1024
_NAME = re.compile(r"[^\s+]+")


class NotANote(Exception):
    """The text is not of the form of a signed note, or of a key."""


class NotSigned(Exception):
    """No signature of a key asked for is on the note, or one does not hold."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its owner's name."""

    name: str
    algorithm: int
    public: bytes

    @property
    def key_hash(self) -> bytes:
        material = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(material).digest()[:KEY_HASH_BYTES]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_hash.hex()}+{key}"

    def holds(self, text: str, signature: bytes) -> bool:
        if self.algorithm == COSIGNATURE:
            if len(signature) != 8 + 64:
                return False
            (seconds,) = struct.unpack(">Q", signature[:8])
            message, signature = _cosigned(text, seconds), signature[8:]
        else:
            message = text.encode()
        try:
            _public_key(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            # ValueError: the bytes are no key of this kind.
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its owner's name. `seed` is 32 bytes."""

    name: str
    algorithm: int
    seed: bytes

    @property
    def verifier(self) -> Verifier:
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return Verifier(self.name, self.algorithm, public)

    def line(self, text: str, seconds: int = 0) -> str:
        """The signature line of a text. `seconds` since 1970 are for cosignatures alone."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        if self.algorithm == COSIGNATURE:
            signature = struct.pack(">Q", seconds) + key.sign(_cosigned(text, seconds))
        else:
            signature = key.sign(text.encode())
        return str(SignatureLine(self.name, self.verifier.key_hash, signature))

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.algorithm]) + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_hash.hex()}+{key}"


@lru_cache(maxsize=64)
def _public_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """`key_hash` says by which of the name's keys `signature` claims to be."""

    name: str
    key_hash: bytes
    signature: bytes

    @property
    def signer(self) -> tuple[str, bytes]:
        return self.name, self.key_hash

    def __str__(self) -> str:
        signed = base64.b64encode(self.key_hash + self.signature).decode()
        return f"{DASH}{self.name} {signed}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends with a newline."""

    text: str
    lines: tuple[SignatureLine, ...]

    def signed_by(self, verifier: Verifier) -> bool:
        """Raises NotSigned when a signature of this key does not hold."""
        mine = self.lines_of(verifier)
        if not all(verifier.holds(self.text, line.signature) for line in mine):
            raise NotSigned(f"the signature of {verifier.name} does not hold")
        return bool(mine)

    def lines_of(self, verifier: Verifier) -> list[SignatureLine]:
        signer = (verifier.name, verifier.key_hash)
        return [line for line in self.lines if line.signer == signer]


def sign(text: str, signers: Iterable[Signer]) -> str:
    """Raises NotANote when the text does not end with a newline."""
    if not text.endswith("\n"):
        raise NotANote("a note's text ends with a newline")
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def notes_of_text(text: str) -> list[str]:
    """Notes that stand one behind another in a text, whose last newline may be missing.

    A note is the lines up to the first empty one, and the signature lines that follow it. What is
    none is given as it is: whoever reads it says so.
    """
    found: list[list[str]] = []
    signed = False
    for line in text.split("\n"):
        if signed and line.startswith(DASH):
            found[-1].append(line)
        elif line:
            if signed or not found:
                found.append([])
            found[-1].append(line)
            signed = False
        elif found and not signed:
            found[-1].append("")
            signed = True
    return ["".join(f"{line}\n" for line in note) for note in found]


def read(note: str) -> Note:
    """Raises NotANote."""
    try:
        size = len(note.encode())
    except UnicodeEncodeError:
        raise NotANote("a note is text in UTF-8") from None
    if size > NOTE_BYTES_MAX:
        raise NotANote(f"a note has at most {NOTE_BYTES_MAX} bytes")
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NotANote("text and signatures are parted by an empty line")
    return Note(text + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))


def _signature(line: str) -> SignatureLine:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise NotANote("a signature is base64") from None
    if not line.startswith(DASH) or not _NAME.fullmatch(name) or len(raw) <= KEY_HASH_BYTES:
        raise NotANote("a signature line has a dash, a name, and base64")
    return SignatureLine(name, raw[:KEY_HASH_BYTES], raw[KEY_HASH_BYTES:])


def verifier(text: str) -> Verifier:
    """Raises NotANote."""
    name, key_hash, raw = _key(text)
    known = Verifier(name, raw[0], raw[1:])
    if known.algorithm not in {ED25519, COSIGNATURE} or known.key_hash.hex() != key_hash:
        raise NotANote("the key's hash is not that of its name and bytes")
    return known


def signer(text: str) -> Signer:
    """Raises NotANote."""
    if not text.startswith("PRIVATE+KEY+"):
        raise NotANote("a private key begins with PRIVATE+KEY+")
    name, key_hash, raw = _key(text.removeprefix("PRIVATE+KEY+"))
    known = Signer(name, raw[0], raw[1:])
    if known.verifier.key_hash.hex() != key_hash:
        raise NotANote("the key's hash is not that of its name and bytes")
    return known


def _key(text: str) -> tuple[str, str, bytes]:
    try:
        name, key_hash, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise NotANote("a key is a name, a hash and base64, joined by plus signs") from None
    if not _NAME.fullmatch(name) or len(raw) != 1 + 32:
        raise NotANote("a key has a name without spaces, and 33 bytes")
    return name, key_hash, raw
