"""What the season comes to, kept in season.facts: every run anywhere must give the same.

`make season-facts` plays the season and keeps its facts anew, their digest in README.md too.
"""

import hashlib
import json
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from console.facts import digest_of
from console.run_folder import PROJECT
from deploy.embedded.stack import temporary
from tests.support.stack import Stack
from tests.system.season import play_a_season

KEPT = Path(__file__).with_name("season.facts")
README = PROJECT / "README.md"
RENEW = "where that is meant, `make season-facts` keeps them anew: look at what it changes"
BEGINS = "SHA-256 "
MARK_BYTES = 3
MARK_LENGTH = 4
SHOWN_MAX = 20


def kept_of(facts: Sequence[str]) -> str:
    """The text to keep: the digest of all, then a line of each service's type and day.

    A line counts its facts and has a mark of each (24 bits of its SHA-256), so that a fact which
    was not there can be named; the digest of all is what holds them.
    """
    groups: dict[str, Counter[str]] = {}
    for fact in facts:
        groups.setdefault(_group(fact), Counter())[_mark(fact)] += 1
    lines = (
        f"{group} {marks.total()} {''.join(sorted(marks.elements()))}"
        for group, marks in sorted(groups.items())
    )
    return "\n".join([BEGINS + digest_of(facts), *lines, ""])


def digest_in(kept: str) -> str:
    return kept.partition("\n")[0].removeprefix(BEGINS)


def differences(facts: Sequence[str], kept: str) -> list[str]:
    """Where the facts are not those that were kept: how many there are, and what is new."""
    if digest_of(facts) == digest_in(kept):
        return []
    before = dict(_read(kept))
    now: dict[str, list[str]] = {group: [] for group in before}
    for fact in facts:
        now.setdefault(_group(fact), []).append(fact)
    found = [
        line
        for group, these in sorted(now.items())
        for line in _differs(group, these, before.get(group, Counter()))
    ]
    return found or ["the same marks and another digest"]


def _differs(group: str, now: Iterable[str], before: Mapping[str, int]) -> list[str]:
    left, new = Counter(before), []
    for fact in now:
        mark = _mark(fact)
        if left[mark]:
            left[mark] -= 1
        else:
            new.append(fact)
    if not new and not left.total():
        return []
    lines = [f"{group}: {left.total()} facts are gone, {len(new)} are new"]
    lines += [f"  new: {fact}" for fact in new[:SHOWN_MAX]]
    return lines


def _group(fact: str) -> str:
    said = json.loads(fact)
    day = said["data"]["happened_at"][: len("2024-10-07")]
    return f"{said['service']} {said['type']} v{said['typeversion']} {day}"


def _mark(fact: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(fact.encode()).digest()[:MARK_BYTES]).decode()


def _read(kept: str) -> Iterable[tuple[str, Counter[str]]]:
    for line in kept.splitlines()[1:]:
        group, _count, marks = line.rsplit(" ", 2)
        each = (marks[at : at + MARK_LENGTH] for at in range(0, len(marks), MARK_LENGTH))
        yield group, Counter(each)


def main() -> None:
    with temporary() as servers, tempfile.TemporaryDirectory(prefix="vongtay-season-") as folder:
        stack = Stack(servers.postgres, servers.kafka)
        kept = kept_of(play_a_season(stack, Path(folder)).facts)
    before = digest_in(KEPT.read_text(encoding="utf-8"))
    KEPT.write_text(kept, encoding="utf-8")
    shown = README.read_text(encoding="utf-8")
    README.write_text(shown.replace(before, digest_in(kept)), encoding="utf-8")
    sys.stdout.write(f"{BEGINS}{digest_in(kept)}\n")


if __name__ == "__main__":
    main()
