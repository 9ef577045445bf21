"""Writes the vectors of docs/audit-format.md anew, after what a record looks like was changed.

`.venv/bin/python -m tests.audit.write_vectors`. The page's words stay as they are, and what is to
be said of each vector; `test_audit_format.py` checks them by code that shares nothing with this.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from uuid import UUID

from audit.checkpoint import Checkpoint
from audit.export import CheckpointLine, line_of
from audit.merkle import inclusion_proof, root_of, subtrees_of
from audit.note import COSIGNATURE, ED25519, Signer
from audit.proofs import Proof
from contracts.donations import AccountBalance, EntryLine, FundEntryBooked, FundOpened
from eventing.installation import Installation
from eventing.record import Why, encode, leaf_hash

PAGE = Path(__file__).parents[2] / "docs" / "audit-format.md"
HAPPENED = datetime.fromisoformat("2024-10-07T09:00:00+07:00")
RECORDED = datetime.fromisoformat("2024-10-07T02:00:00.123456+00:00")
COSIGNED_AT = 1_700_000_000
KEEPER = UUID("5b0e8b7c-33a1-4f0e-9d6d-0d0c3c1f9a01")
PROGRAMME = UUID("9a3d5c1e-1c7f-4f57-b8a4-6d2f7e8b9c03")
FUND = UUID("0f7c1f34-7f0b-4b1e-8a55-5a1f6d0b2c02")
OTHER_FUND = UUID("0f7c1f34-7f0b-4b1e-8a55-5a1f6d0b2c09")
LOG = Signer("vongtay.example/donations", ED25519, b"\x01" * 32)
SUCCESSOR = Signer("vongtay.example/donations", ED25519, b"\x02" * 32)
WITNESS = Signer("witness.example", COSIGNATURE, b"\x05" * 32)


HERE = Installation("vongtay.example")
IDS = [
    UUID("019264b4-717b-84c6-8c69-f7f05c2e6fae"),
    UUID("019264b4-717b-8b3c-a7d4-fb25e302ed3a"),
    UUID("019264b4-717b-876e-a915-980e0ed36102"),
]


def fund_opened(fund, name):
    return FundOpened(
        fund_id=fund,
        programme_id=PROGRAMME,
        unit_id=UUID(int=4),
        name=name,
        opened_by=KEEPER,
        happened_at=HAPPENED,
    )


BOOKED = FundEntryBooked(
    fund_id=FUND,
    programme_id=PROGRAMME,
    entry_id=UUID("3c9f2f0a-54c4-4f3a-9a54-7f6f1c9d2b04"),
    lines=(
        EntryLine(account="bank", debit=1_500_000, credit=0),
        EntryLine(account="contributions", debit=0, credit=1_500_000),
    ),
    balances=(
        AccountBalance(account="bank", debit=1_500_000, credit=0),
        AccountBalance(account="contributions", debit=0, credit=1_500_000),
    ),
    paper="contribution-1",
    happened_at=HAPPENED,
)


def records():
    caused = Why(actor=KEEPER, causation=IDS[0])
    events = [
        (FUND, 1, fund_opened(FUND, "Quỹ học bổng"), Why(actor=KEEPER)),
        (FUND, 2, BOOKED, caused),
        (OTHER_FUND, 1, fund_opened(OTHER_FUND, 'Quỹ "Áo ấm" 2024/2025'), Why(actor=KEEPER)),
    ]
    return [
        encode("donations", f"fund-{fund}", version, event_id, event, RECORDED, why, HERE).record
        for event_id, (fund, version, event, why) in zip(IDS, events, strict=True)
    ]


def checkpoint_line(size, note):
    line = CheckpointLine(size, note)
    text = json.dumps({"size": line.size, "note": line.note}, ensure_ascii=False)
    return text.replace('": ', '":').replace(', "note"', ',"note"')


def blocks():
    """Each block's text, by the words that stand before it on the page."""
    log = records()
    leaves = [leaf_hash(each) for each in log]
    at = {size: Checkpoint(LOG.name, size, root_of(leaves[:size])) for size in (2, 3)}
    newest = at[3].signed(LOG) + WITNESS.line(at[3].text, COSIGNED_AT)
    hashes = tuple(inclusion_proof(1, 3, subtrees_of(leaves)))
    return {
        "`donations/000000000001.ndjson`": b"".join(
            line_of(position, each) for position, each in enumerate(log, 1)
        ).decode(),
        "`checkpoints.ndjson`: at": "".join(
            f"{line}\n"
            for line in (checkpoint_line(2, at[2].signed(LOG)), checkpoint_line(3, newest))
        ),
        "`donations/tile/0/000.p/3`": "".join(f"{leaf.hex()}\n" for leaf in leaves),
        "Of the export above, checkpoints that both signed": "".join(
            f"{line}\n"
            for line in (
                checkpoint_line(2, at[2].signed(LOG, SUCCESSOR)),
                checkpoint_line(3, at[3].signed(SUCCESSOR)),
            )
        ),
        "### A proof": Proof(log[1], 1, hashes, newest).text,
    }


def main():
    page = PAGE.read_text("utf-8")
    head, vectors = page[: page.index("## 11.")], page[page.index("## 11.") :]
    for before, text in blocks().items():
        start = vectors.index(before)
        block = re.compile(r"(```\w*\n).*?(```)", re.DOTALL).search(vectors, start)
        assert block is not None, before
        vectors = vectors[: block.start()] + block[1] + text + block[2] + vectors[block.end() :]
    PAGE.write_text(head + vectors, "utf-8")


if __name__ == "__main__":
    main()
