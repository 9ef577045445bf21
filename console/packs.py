"""`python -m console.packs [folder …]` checks packs; `… lock [folder …]` locks new versions.

The packs of this repository, and those in further folders.
"""

import sys
from pathlib import Path

from programmes.packs import FOLDER, PackNotValid, lock_new_versions, read


def main(arguments: list[str]) -> int:
    locking = arguments[:1] == ["lock"]
    roots = [FOLDER, *(Path(each) for each in arguments[int(locking) :])]
    if locking:
        for root in roots:
            for folder in sorted(root.iterdir()):
                if (folder / "versions").is_dir():
                    for name in lock_new_versions(folder):
                        print(f"locked: {folder.name}/versions/{name}")
    try:
        packs = read(roots)
    except PackNotValid as error:
        print(error, file=sys.stderr)
        return 1
    for pack in packs.all:
        for rules in pack.versions:
            print(f"{pack.code}@{rules.version} from {rules.in_force_from} {rules.named.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
