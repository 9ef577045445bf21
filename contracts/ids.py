"""Whose an id is, by the name of the field that holds it: so an id says how open it is."""

from contracts.field_types import Openness

PERSONS = frozenset(
    {
        "account_id",
        "person_id",
        "child_id",
        "household_id",
        "from_child_id",
        "from_household_id",
        "into_child_id",
        "other_child_id",
        "sponsor_id",
        "subject_id",
        "replaced_child_id",
        "handed_to",
        "on_behalf_of",
    }
)
"""The fields that name a person, an account or a household, besides those that end in `_by`."""

THINGS = frozenset(
    {
        "addressee_id",
        "allocation_id",
        "arrival_id",
        "campaign_id",
        "cause_event_id",
        "contribution_id",
        "contribution_line_id",
        "delivery_id",
        "direct_gift_id",
        "entry_id",
        "export_id",
        "from_unit_id",
        "fund_id",
        "grant_id",
        "group_id",
        "key_id",
        "line_id",
        "lot_id",
        "message_id",
        "need_id",
        "news_id",
        "opening_id",
        "parent_id",
        "payment_id",
        "pledge_id",
        "programme_id",
        "replaced_need_id",
        "report_id",
        "result_id",
        "run_id",
        "runner_up_need_id",
        "subscription_id",
        "successor_id",
        "unit_id",
    }
)
"""The fields that name something else."""


def openness_of_id(field: str) -> Openness:
    """How open the id in a field is, by the name of the field. Raises ValueError: not known."""
    name = field.removesuffix("s") if field.endswith("_ids") else field
    if name in PERSONS or name.endswith("_by"):
        return "pseudonymous"
    if name in THINGS:
        return "open"
    raise ValueError(f"{field}: contracts/ids.py does not say whose id it is")
