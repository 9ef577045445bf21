"""What receipts say of themselves, per programme: data of its pack, read once."""

from functools import cache
from importlib.resources import files
from uuid import UUID

import msgspec

RECEIPT_FILE = "receipt.toml"


class Maker(msgspec.Struct, frozen=True):
    name: str
    address: str


class Title(msgspec.Struct, frozen=True):
    vi: str
    en: str


class ReceiptForm(msgspec.Struct, frozen=True):
    programme: UUID
    maker: Maker
    money: Title
    goods: Title


@cache
def installed() -> dict[UUID, ReceiptForm]:
    """The forms of all packs. Raises msgspec.MsgspecError for a file that is none."""
    packs = sorted(files("programmes").iterdir(), key=lambda pack: pack.name)
    found = [pack / RECEIPT_FILE for pack in packs if (pack / RECEIPT_FILE).is_file()]
    forms = [msgspec.toml.decode(file.read_bytes(), type=ReceiptForm) for file in found]
    return {form.programme: form for form in forms}
