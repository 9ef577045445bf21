"""The roles that permissions name. They are code because permissions are.

Their words, and further pairs that one person may not hold together, are programme data: data adds
pairs, and never takes one of these away.
"""

ROLES = frozenset(
    {
        "accountant",
        "approver",
        "auditor",
        "cashier",
        "child-protection-officer",
        "collaborator",
        "commune-officer",
        "contact-reader",
        "coordinator",
        "inspector",
        "leader",
        "operator",
        "organisation-keeper",
        "partner",
        "planner",
        "privacy-officer",
        "sponsor",
        "storekeeper",
        "teacher",
        "verifier",
    }
)

MAY_AS_WELL = {"inspector": "auditor"}
"""Who holds the first may all that the second may."""

OF_PROGRAMS = frozenset({"contact-reader"})
"""Held by a program and never by a human."""

INCOMPATIBLE = frozenset({frozenset({"accountant", "cashier"})})
"""One person never holds both at one time, in whatever units."""
