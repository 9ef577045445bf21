"""What waits for a role, as a list of a service: each is a task that leads to its form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from contracts.languages import Words
from services.portal.desks.desk import Task, Tasks
from services.portal.desks.form import Form
from services.portal.desks.services import filled
from services.portal.desks.visit import Visit

TASKS_MAX = "50"
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """`due`: the field that says until when. `only`: which of the list wait for this."""

    what: Words
    form: Form
    service: str
    query: str
    asks: Mapping[str, str] = field(default_factory=dict)
    due: str = ""
    whole: bool = False
    """The service gives all of it, and takes no `limit`."""
    only: Callable[[Item], bool] = lambda _: True

    @property
    def tasks(self) -> Tasks:
        async def found(at: Visit) -> Sequence[Task]:
            """Raises Silent, NotAnswered."""
            limit = {} if self.whole else {"limit": TASKS_MAX}
            answer = await at.ask(self.service, self.query, {**self.asks, **limit})
            items = [each for each in answer["items"] if self.only(each)]
            return [self._task(at, each) for each in items[: int(TASKS_MAX)]]

        return found

    def _task(self, at: Visit, item: Item) -> Task:
        ids = {name: str(value) for name, value in item.items()}
        due = item.get(self.due) if self.due else None
        return Task(
            path=filled(self.form.path, ids),
            what=self.what.in_(at.language) + _how_much(at, item),
            due_on=date.fromisoformat(due) if due else None,
            unit_id=UUID(item["unit_id"]) if item.get("unit_id") else None,
        )


def _how_much(at: Visit, item: Item) -> str:
    """`: Áo ấm, 2 chiếc`, of what says so."""
    measure = item.get("measure")
    unit = "đồng" if measure is None else at.write.say("measure", measure)
    quantity = item.get("quantity", item.get("announced", item.get("amount")))
    if quantity is None:
        return ""
    said = f"{at.write.n(quantity)} {unit}"
    if (category := item.get("category")) is not None:
        said = f"{at.write.say('category', category)}, {said}"
    return f": {said}"
