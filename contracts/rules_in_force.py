"""Which rules a decision rested on: named in its event, so that it can be judged by them later."""

from dataclasses import dataclass

from contracts.field_types import Digest, PackCode, PackVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesInForce:
    """One version of a programme's pack. `digest` is SHA-256 of the version's file, hex."""

    pack: PackCode
    version: PackVersion
    digest: Digest
