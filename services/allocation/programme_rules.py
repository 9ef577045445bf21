"""What matching takes from the programme packs: the clothes sizes, smallest first."""

from programmes import packs


def clothes_sizes() -> tuple[str, ...]:
    return tuple(step.label for step in packs.installed().of_the_register.versions[-1].sizes)
