"""What the desk of gifts chooses from: the campaign's category and pledges."""

from collections.abc import Sequence

from services.portal.desks.form import Option
from services.portal.desks.visit import Visit
from services.portal.read_models.named import campaigns

A_PAGE = "200"


async def category_of_campaign(at: Visit) -> Sequence[Option]:
    campaign = await at.ask("donations", f"/campaigns/{at.request.path_params['campaign_id']}")
    code = campaign["category"]
    return [Option(code, at.write.say("category", code))]


async def pledges_of_campaign(at: Visit) -> Sequence[Option]:
    """Those of which something is still to come."""
    asked = {"campaign_id": at.request.path_params["campaign_id"], "limit": A_PAGE}
    found = await at.ask("donations", "/pledges", asked)
    return [
        Option(
            each["pledge_id"],
            f"{at.write.n(each['quantity_outstanding'])} {at.write.say('measure', each['measure'])}"
            f" ({each['pledge_id'][-6:]})",
        )
        for each in found["items"]
        if not each["fulfilled"]
    ]


async def campaigns_known(at: Visit) -> Sequence[Option]:
    known = await at.door.rows.where(campaigns, limit=int(A_PAGE))
    named = [Option(str(row.campaign_id), row.name) for row in known]
    return sorted(named, key=lambda option: option.label)
