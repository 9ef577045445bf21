"""What the door itself says no to."""

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
