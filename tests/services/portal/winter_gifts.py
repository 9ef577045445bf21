"""What was given in the winter: a thousand used jackets, and money."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from contracts import allocation as al
from contracts import donations as do
from programmes import packs
from tests.services.portal.story import (
    CAMPAIGN,
    CODE,
    COORDINATOR,
    ENTERPRISE,
    FUND,
    GIVER,
    JACKETS,
    MONEY,
    PROGRAMME,
    SEALED,
    STOREKEEPER,
    VOID_CODE,
    Story,
    hashed,
    named,
)

RULES = packs.installed().of_the_register.versions[0].named


def gifts(story: Story) -> None:
    for sponsor, kind, name in (
        (ENTERPRISE, "enterprise", "Công ty May Ấm"),
        (GIVER, "individual", None),
    ):
        registered = do.SponsorRegistered(
            sponsor_id=sponsor,
            person_id=None,
            kind=kind,  # type: ignore[arg-type]
            public_name=name,
            name=SEALED,
            email=SEALED,
            illustrative=True,
            registered_by=COORDINATOR,
            happened_at=story.at,
        )
        story.donations(f"sponsor-{sponsor}", registered)
    fund = do.FundOpened(
        fund_id=FUND,
        programme_id=PROGRAMME,
        unit_id=UUID(int=39),
        name="Nguồn vận động mùa đông 2024",
        opened_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations(f"fund-{FUND}", fund)
    campaign = do.CampaignOpened(
        campaign_id=CAMPAIGN,
        programme_id=PROGRAMME,
        fund_id=FUND,
        name="Áo ấm mùa đông 2024",
        category="warm-clothes",
        target=1200,
        measure="piece",
        starts_on=date(2024, 11, 1),
        ends_on=date(2025, 2, 28),
        illustrative=True,
        rules=RULES,
        opened_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations(f"campaign-{CAMPAIGN}", campaign)
    _jackets(story)
    _money(story)


def _jackets(story: Story) -> None:
    stream = f"contribution-{JACKETS}"
    pledge = do.PledgeMade(
        pledge_id=named("pledge"),
        programme_id=PROGRAMME,
        campaign_id=CAMPAIGN,
        sponsor_id=ENTERPRISE,
        kind="goods",
        category="warm-clothes",
        quantity=1000,
        measure="piece",
        earmark=do.Earmark(),
        rules=RULES,
        made_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations(f"pledge-{pledge.pledge_id}", pledge)
    sizes = [("H120", "female", 400, 320, 60, 20), ("H130", "male", 600, 480, 90, 30)]
    lines = tuple(
        do.ContributionLine(
            line_id=named("line", size),
            category="warm-clothes",
            specification={"size": size, "gender": gender},
            quantity=total,
            measure="piece",
        )
        for size, gender, total, *_ in sizes
    )
    story.donations(
        stream,
        do.ContributionAnnounced(
            contribution_id=JACKETS,
            programme_id=PROGRAMME,
            campaign_id=CAMPAIGN,
            fund_id=FUND,
            sponsor_id=ENTERPRISE,
            pledge_id=pledge.pledge_id,
            kind="goods",
            lines=lines,
            quantity=sum(line.quantity for line in lines),
            measure="piece",
            earmark=do.Earmark(),
            rules=RULES,
            two_persons=(),
            announced_by=COORDINATOR,
            happened_at=story.at,
        ),
    )
    story.at += timedelta(days=3)
    story.donations(
        stream,
        do.ContributionReceived(
            contribution_id=JACKETS,
            programme_id=PROGRAMME,
            paid_in=None,
            received_by=STOREKEEPER,
            happened_at=story.at,
        ),
        by=STOREKEEPER,
    )
    inspected = tuple(
        do.InspectedLine(
            line_id=named("line", size),
            category="warm-clothes",
            specification={"size": size, "gender": gender},
            measure="piece",
            announced=total,
            good=good,
            mendable=mendable,
            refused=refused,
        )
        for size, gender, total, good, mendable, refused in sizes
    )
    for count, line in enumerate(inspected, 1):
        story.donations(
            stream,
            do.ContributionLineInspected(
                contribution_id=JACKETS,
                programme_id=PROGRAMME,
                line=line,
                **found(inspected[:count]),
                inspected_by=STOREKEEPER,
                happened_at=story.at,
            ),
            by=STOREKEEPER,
        )
    accepted = story.donations(
        stream,
        do.ContributionAccepted(
            contribution_id=JACKETS,
            programme_id=PROGRAMME,
            campaign_id=CAMPAIGN,
            fund_id=FUND,
            sponsor_id=ENTERPRISE,
            pledge_id=pledge.pledge_id,
            kind="goods",
            paid_in=None,
            lines=inspected,
            measure="piece",
            **found(inspected),
            earmark=do.Earmark(),
            announced_by=COORDINATOR,
            received_by=STOREKEEPER,
            inspected_by=(STOREKEEPER,),
            accepted_by=COORDINATOR,
            happened_at=story.at,
        ),
    )
    counted = do.ContributionCounted(
        pledge_id=pledge.pledge_id,
        programme_id=PROGRAMME,
        contribution_id=JACKETS,
        correction=0,
        quantity=800,
        quantity_counted=800,
        happened_at=story.at,
    )
    story.donations(f"pledge-{pledge.pledge_id}", counted, because_of=accepted)
    _receipt(story, JACKETS, ENTERPRISE, VOID_CODE, number=6, quantity=800)
    _cancel(story, JACKETS, VOID_CODE, number=6)
    _receipt(story, JACKETS, ENTERPRISE, CODE, number=7, quantity=800, replaces=6)
    for line in inspected:
        lot = al.LotOpened(
            lot_id=named("lot", line.line_id),
            programme_id=PROGRAMME,
            campaign_id=CAMPAIGN,
            fund_id=FUND,
            contribution_id=JACKETS,
            contribution_line_id=line.line_id,
            sponsor_id=ENTERPRISE,
            kind="goods",
            category="warm-clothes",
            specification=line.specification,
            quantity=line.good,
            measure="piece",
            earmark=do.Earmark(),
            received_by=STOREKEEPER,
            inspected_by=(STOREKEEPER,),
            accepted_by=COORDINATOR,
            happened_at=story.at,
        )
        story.allocation(f"lot-{lot.lot_id}", lot, because_of=accepted)
        apart = al.LotHeldApart(
            lot_id=named("apart", line.line_id),
            programme_id=PROGRAMME,
            campaign_id=CAMPAIGN,
            fund_id=FUND,
            contribution_id=JACKETS,
            contribution_line_id=line.line_id,
            sponsor_id=ENTERPRISE,
            kind="goods",
            category="warm-clothes",
            specification=line.specification,
            quantity=line.mendable,
            measure="piece",
            earmark=do.Earmark(),
            received_by=STOREKEEPER,
            inspected_by=(STOREKEEPER,),
            accepted_by=COORDINATOR,
            happened_at=story.at,
        )
        story.allocation(f"lot-{apart.lot_id}", apart, because_of=accepted)


def _receipt(
    story: Story,
    contribution: UUID,
    sponsor: UUID,
    code: str,
    *,
    number: int,
    quantity: int,
    replaces: int | None = None,
) -> None:
    issued = do.ReceiptIssued(
        book="A",
        year=2024,
        number=number,
        programme_id=PROGRAMME,
        contribution_id=contribution,
        sponsor_id=sponsor,
        kind="goods",
        lines=(do.ReceiptedLine(category="warm-clothes", specification={}, quantity=quantity),),
        quantity=quantity,
        measure="piece",
        code=SEALED,
        code_hash=hashed(code),
        signatories=SEALED,
        replaces=(
            None if replaces is None else do.NumberedReceipt(book="A", year=2024, number=replaces)
        ),
        issued_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations("receipt-book-A-2024", issued)
    receipted = do.ContributionReceipted(
        contribution_id=contribution,
        programme_id=PROGRAMME,
        book="A",
        year=2024,
        number=number,
        code_hash=hashed(code),
        happened_at=story.at,
    )
    story.donations(f"contribution-{contribution}", receipted)


def _cancel(story: Story, contribution: UUID, code: str, *, number: int) -> None:
    void = do.ReceiptCancelled(
        book="A",
        year=2024,
        number=number,
        programme_id=PROGRAMME,
        contribution_id=contribution,
        code_hash=hashed(code),
        reason="wrong-giver",
        cancelled_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations("receipt-book-A-2024", void)
    told = do.ContributionReceiptCancelled(
        contribution_id=contribution,
        programme_id=PROGRAMME,
        book="A",
        year=2024,
        number=number,
        reason="wrong-giver",
        happened_at=story.at,
    )
    story.donations(f"contribution-{contribution}", told)


def _money(story: Story) -> None:
    line = do.ContributionLine(
        line_id=named("line", "money"),
        category="scholarship",
        specification={},
        quantity=50_000_000,
        measure="dong",
    )
    announced = do.ContributionAnnounced(
        contribution_id=MONEY,
        programme_id=PROGRAMME,
        campaign_id=CAMPAIGN,
        fund_id=FUND,
        sponsor_id=GIVER,
        pledge_id=None,
        kind="money",
        lines=(line,),
        quantity=50_000_000,
        measure="dong",
        earmark=do.Earmark(),
        rules=RULES,
        two_persons=(),
        announced_by=COORDINATOR,
        happened_at=story.at,
    )
    story.donations(f"contribution-{MONEY}", announced)
    _book(story, "accepted", str(MONEY), "bank", "contributions", 50_000_000)


def _book(
    story: Story, name: str, paper: str, debit: do.Account, credit: do.Account, amount: int
) -> None:
    booked = do.FundEntryBooked(
        fund_id=FUND,
        programme_id=PROGRAMME,
        entry_id=named("entry", name),
        lines=(
            do.EntryLine(account=debit, debit=amount, credit=0),
            do.EntryLine(account=credit, debit=0, credit=amount),
        ),
        balances=(
            do.AccountBalance(account=debit, debit=amount, credit=0),
            do.AccountBalance(account=credit, debit=0, credit=amount),
        ),
        paper=paper,
        happened_at=story.at,
    )
    story.donations(f"fund-{FUND}", booked)


def found(lines: Sequence[do.InspectedLine]) -> dict[str, int]:
    return {
        "good": sum(line.good for line in lines),
        "mendable": sum(line.mendable for line in lines),
        "refused": sum(line.refused for line in lines),
    }
