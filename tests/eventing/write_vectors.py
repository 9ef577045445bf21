"""Writes the vectors of docs/record-format.md anew, after what a record looks like was changed.

`.venv/bin/python -m tests.eventing.write_vectors`. The page's words stay as they are;
`test_record.py` builds the same records and compares.
"""

import re

from eventing.record import leaf_hash
from tests.eventing.test_record import DOCUMENT, VECTORS


def main() -> None:
    page = DOCUMENT.read_text("utf-8")
    for name, vector in VECTORS.items():
        record = vector().record
        text = f"### {name}\n\n```json\n{record.decode()}\n```\n\nLeaf: `{leaf_hash(record).hex()}`"
        block = re.compile(
            rf"^### {re.escape(name)}\n.*?^Leaf: `[0-9a-f]*`", re.DOTALL | re.MULTILINE
        )
        found = block.search(page)
        assert found is not None, f"the page lacks the heading of {name}"
        page = page[: found.start()] + text + page[found.end() :]
    DOCUMENT.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
