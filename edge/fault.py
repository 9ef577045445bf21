"""One thing that is wrong with what a process is told, as a line of its own."""

from dataclasses import dataclass

from contracts.languages import Words


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where, and its cure, in both languages.

    `lasting`: no waiting mends it, and a process does not start with it.
    """

    where: str
    says: Words
    cure: Words
    lasting: bool = False

    def __str__(self) -> str:
        vi, en = (
            f"{says}. {cure[:1].upper()}{cure[1:]}."
            for says, cure in ((self.says.vi, self.cure.vi), (self.says.en, self.cure.en))
        )
        return f"{self.where}: {vi} · {en}"


def as_said(says: str) -> Words:
    """What a system or a library says, which knows one language."""
    return Words(vi=says, en=says)


def variable_of(name: str) -> str:
    return f"VONGTAY_{name.upper()}"
