"""What an auditor can find wrong with a log, where, and the words for it."""

from dataclasses import dataclass, field
from typing import Literal

from audit.plain_text import visible
from contracts.languages import Language

Pair = tuple[str, str]

Kind = Literal[
    "altered",
    "removed",
    "inserted",
    "reordered",
    "truncated",
    "rewritten",
    "forked",
    "checkpoint",
    "unreadable",
    "schema",
    "causation",
    "foreign",
]

KINDS: dict[Kind, Pair] = {
    "altered": ("bị sửa", "altered"),
    "removed": ("bị xoá", "removed"),
    "inserted": ("bị chèn thêm", "inserted"),
    "reordered": ("bị đổi chỗ", "reordered"),
    "truncated": ("bị cắt đuôi", "truncated"),
    "rewritten": ("bị viết lại", "rewritten"),
    "forked": ("lịch sử bị tách đôi", "forked"),
    "checkpoint": ("mốc kiểm chứng không hợp lệ", "checkpoint not valid"),
    "unreadable": ("không đọc được", "unreadable"),
    "schema": ("sai cấu trúc sự kiện", "not of its schema"),
    "causation": ("nguyên nhân đứng sau hệ quả", "caused by a later event"),
    "foreign": ("của dịch vụ khác", "of another service"),
}

DETAILS: dict[str, Pair] = {
    "record-not-leaf": (
        "bản ghi không phải là bản đã được băm",
        "the record is not the one that was hashed",
    ),
    "record-changed": (
        "bản ghi đã đổi; mã băm đã ký là của bản gốc",
        "the record was changed; the signed leaf is that of the original",
    ),
    "leaf-changed": (
        "mã băm ghi kèm đã đổi; bản ghi đúng là bản đã ký",
        "the stated leaf was changed; the record is the one that was signed",
    ),
    "not-in-tile": (
        "mã băm khác với mã trong ô đã ký",
        "the leaf differs from the one in the signed tile",
    ),
    "tile-changed": (
        "ô băm đã đổi; bản ghi đúng là bản đã ký",
        "the tile was changed; the record is the one that was signed",
    ),
    "position-changed": (
        "vị trí ghi kèm đã đổi thành {stated}; bản ghi đúng là bản đã ký",
        "the stated position was changed to {stated}; the record is the one that was signed",
    ),
    "positions-missing": ("thiếu vị trí này", "nothing stands at this position"),
    "position-twice": (
        "vị trí này xuất hiện lần nữa ở dòng {line}",
        "this position stands once more, in line {line}",
    ),
    "position-late": ("không đứng ở chỗ của nó", "does not stand in its place"),
    "version-missing": (
        "{stream}: thiếu phiên bản {version} trước vị trí này",
        "{stream}: version {version} is missing before this position",
    ),
    "version-twice": (
        "{stream}: phiên bản {version} xuất hiện hai lần",
        "{stream}: version {version} stands twice",
    ),
    "version-late": (
        "{stream}: phiên bản {version} đứng sau phiên bản cao hơn",
        "{stream}: version {version} stands behind a higher one",
    ),
    "event-twice": ("sự kiện {event} xuất hiện hai lần", "event {event} stands twice"),
    "shorter": (
        "mốc đã ký nói có {signed} bản ghi, ở đây chỉ đến {there}",
        "a signed checkpoint says {signed} records, here they end at {there}",
    ),
    "shorter-than-said": (
        "tệp kê khai nói có {signed} bản ghi, ở đây chỉ đến {there}",
        "the manifest says {signed} records, here they end at {there}",
    ),
    "between": (
        "khớp mốc {low}, không khớp mốc {high}: thay đổi nằm giữa hai mốc",
        "matches the checkpoint at {low}, not the one at {high}: the change lies between",
    ),
    "between-if": (
        "khớp mốc {low}, không khớp mốc {high}: thay đổi nằm giữa, trừ khi mốc {low} bị ký lại",
        (
            "matches the checkpoint at {low}, not the one at {high}: the change lies between, "
            "unless the log signed the one at {low} anew"
        ),
    ),
    "from-start": (
        "không khớp mốc {high}: thay đổi nằm ở một trong các bản ghi này",
        "does not match the checkpoint at {high}: the change is among these records",
    ),
    "two-roots": (
        "hai mốc cùng kích thước {size} đã được ký với hai gốc khác nhau",
        "two checkpoints of size {size} were signed with different roots",
    ),
    "signed-again": (
        "mốc {high} đã ký trước không là phần đầu của mốc {newer} đã ký sau",
        "the tree signed at {newer} does not begin with the one signed before at {high}",
    ),
    "not-a-key": (
        "dòng {line} của keys.txt không phải là khoá",
        "line {line} of keys.txt is no key",
    ),
    "not-a-note": ("mốc không đọc được: {why}", "a checkpoint cannot be read: {why}"),
    "other-log": ("mốc là của sổ khác: {origin}", "a checkpoint is of another log: {origin}"),
    "not-signed": (
        "mốc {size} không có chữ ký của khoá được tin cậy",
        "no trusted key has signed the checkpoint at {size}",
    ),
    "bad-signature": ("chữ ký trên mốc {size} sai", "a signature at {size} does not hold"),
    "retired-key": (
        "mốc {size} chỉ có chữ ký của khoá đã được thay ở {retired}",
        "the checkpoint at {size} is signed by a key replaced at {retired} alone",
    ),
    "no-line": ("dòng {line} không đọc được: {why}", "line {line} cannot be read: {why}"),
    "no-file": ("thiếu hoặc hỏng tệp {file}", "the file {file} is missing or damaged"),
    "no-record": ("bản ghi không đọc được: {why}", "the record cannot be read: {why}"),
    "no-event": ("{why}", "{why}"),
    "time-differs": (
        "time của bản ghi khác happened_at trong data",
        "the record's time is not the happened_at of its data",
    ),
    "later-cause": (
        "do sự kiện ở vị trí {cause} gây ra",
        "was caused by the event at position {cause}",
    ),
    "source": ("bản ghi đến từ {source}", "the record is from {source}"),
}


CHECKPOINTS = "checkpoints"
"""Where a fault is that is of no log."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`first` to `last` are the positions concerned, both included; None where there is none."""

    service: str
    kind: Kind
    first: int | None
    last: int | None
    detail: str
    values: dict[str, str | int] = field(default_factory=dict)

    def where(self) -> str:
        of = self.service or CHECKPOINTS
        of = visible(of)
        if self.first is None:
            return of
        if self.last in (None, self.first):
            return f"{of}:{self.first}"
        return f"{of}:{self.first}-{self.last}"

    def says(self, language: Language) -> str:
        """One sentence: kind and detail, in which nothing is hidden that an export says."""
        at = 0 if language == "vi" else 1
        return visible(f"{KINDS[self.kind][at]}: {DETAILS[self.detail][at].format(**self.values)}")
