"""What of a need stays in the registry: what it really is, its sealed fields, and the text.

It is always there, so that nothing tells whether there was something to hide.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.field_types import CategoryCode
from contracts.registry import Specification
from programmes.rules import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """`category` is the real one; `facts` are the specification's sealed fields."""

    category: CategoryCode
    text: str | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def written(self) -> str:
        """What is sealed: the same detail is always the same text."""
        told = {"category": self.category, "facts": dict(self.facts), "text": self.text}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> "Detail":
        told = json.loads(text)
        return cls(category=told["category"], text=told["text"], facts=told["facts"])


def detail_of(category: Category, asked: Specification, text: str | None) -> Detail:
    """The part of what was asked that no event tells."""
    sealed = {each.name for each in category.fields if each.openness == "sealed"}
    facts = {name: value for name, value in asked.items() if name in sealed}
    return Detail(category=category.code, text=text, facts=facts)
