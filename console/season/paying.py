"""What leaves the funds: advances for a gift day, settled in time or late, and a hospital paid."""

from datetime import date
from typing import Any
from uuid import UUID

from console.season.register import season_id
from console.season.stage import SCHOLARSHIPS, SURGERY, Stage

ENTRUSTED = {"transfer": "coordinator", "cash": "storekeeper"}
"""Who hands out what was advanced, by how they get it."""
SETTLED_IN_TIME = "transfer"
HOSPITAL_IS_PAID_BY = date(2025, 4, 30)


async def advance_scholarships(stage: Stage) -> None:
    """All that was given is advanced: what lies at the bank to one, the cash to another."""
    given = dict.fromkeys(ENTRUSTED, 0)
    for sponsor in stage.sponsors(SCHOLARSHIPS):
        gift = sponsor[SCHOLARSHIPS]
        given[gift.get("paid_in", "transfer")] += gift["brings"]
    for paid_in, person in ENTRUSTED.items():
        await _pay(
            stage,
            season_id(stage.seed, "payment", SCHOLARSHIPS, paid_in),
            paid_in,
            fund_id=_fund(stage, SCHOLARSHIPS),
            purpose="advance",
            amount=given[paid_in],
            person_id=stage.people[person],
            due_on=stage.today,
        )


async def settle_advance(stage: Stage) -> None:
    """One of the two accounts for it within the week; the other does not."""
    await _settle(
        stage, season_id(stage.seed, "payment", SCHOLARSHIPS, SETTLED_IN_TIME), returned=0
    )


async def settle_overdue_advances(stage: Stage) -> None:
    """Those that stand in the accountant's list; what nobody signed for comes back."""
    overdue = await stage.client.listed(
        "donations",
        "/payments/to-settle",
        by=stage.people["accountant"],
        fund_id=str(_fund(stage, SCHOLARSHIPS)),
    )
    for payment in overdue:
        returned = max(0, min(payment["amount"], await _not_signed_for(stage, SCHOLARSHIPS)))
        await _settle(stage, UUID(payment["payment_id"]), returned=returned)


async def pay_hospital(stage: Stage) -> None:
    surgery = stage.pack.season[SURGERY]
    await _pay(
        stage,
        season_id(stage.seed, "payment", SURGERY),
        "transfer",
        fund_id=_fund(stage, SURGERY),
        purpose="partner",
        amount=surgery["amount"],
        partner=surgery["hospital"],
        due_on=HOSPITAL_IS_PAID_BY,
    )


async def _pay(stage: Stage, payment_id: UUID, paid_in: str, **body: Any) -> None:
    """Prepared by the accountant, authorised by the approver, paid by the cashier."""
    path = f"/payments/{payment_id}"
    paper = "PC" if paid_in == "cash" else "UNC"
    reference = f"{paper}-{stage.today:%Y%m%d}-{str(payment_id)[:4].upper()}"
    await stage.as_(stage.people["accountant"]).put("donations", path, **body)
    await stage.as_(stage.people["approver"]).judge("donations", path, "authorisation")
    await stage.as_(stage.people["cashier"]).judge(
        "donations", path, "making", paid_in=paid_in, reference=reference
    )


async def _settle(stage: Stage, payment_id: UUID, *, returned: int) -> None:
    await stage.as_(stage.people["accountant"]).judge(
        "donations",
        f"/payments/{payment_id}",
        "settlement",
        returned=returned,
        returned_in="cash" if returned else None,
    )


async def _not_signed_for(stage: Stage, drive: str) -> int:
    """What is still open of the advances of the drive's fund, in đồng."""
    book = await stage.client.query(
        "donations", f"/funds/{_fund(stage, drive)}", by=stage.people["accountant"]
    )
    balances = {one["account"]: one["balance"] for one in book["accounts"]}
    open_still: int = balances.get("advances", 0)
    return open_still


def _fund(stage: Stage, drive: str) -> UUID:
    return season_id(stage.seed, "fund", drive)
