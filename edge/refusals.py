"""What the door itself says no to. `edge/words.py` says it in both languages."""

from eventing.decider import Rejection


class NotSignedIn(Rejection):
    code = "not-signed-in"
    kind = "forbidden"


class NotAllowed(Rejection):
    code = "not-allowed"
    kind = "forbidden"

    def __init__(self, permission: str) -> None:
        self.permission = permission


class OutsideYourUnit(Rejection):
    code = "outside-your-unit"
    kind = "forbidden"


class NotFound(Rejection):
    code = "not-found"
    kind = "absent"


class NotYetHappened(Rejection):
    code = "not-yet-happened"


class KeyMissing(Rejection):
    code = "idempotency-key-missing"


class KeyNotValid(Rejection):
    code = "idempotency-key-not-valid"


class IfMatchNotValid(Rejection):
    code = "if-match-not-valid"


class MinPositionNotValid(Rejection):
    code = "min-position-not-valid"


class CursorNotValid(Rejection):
    code = "cursor-not-valid"


class LimitNotValid(Rejection):
    code = "limit-not-valid"

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most


class UnitNotSaid(Exception):
    """A fault of ours: the route served somebody without saying in which unit they may."""
