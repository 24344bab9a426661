"""``python -m hefed.custodian``: the key custodian's commands. Exit codes: 0 done, 1 refused or broken, 2 usage."""

import typer

from hefed.custodian.commands import key, pinning, releases, sharing, work

app = typer.Typer(
    help="Holds a study's secret key and answers the server's requests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for commands in (key.app, pinning.app, work.app, sharing.app):
    app.add_typer(commands)
app.add_typer(releases.approvers_app, name="approvers")
app.add_typer(releases.releases_app, name="releases")


if __name__ == "__main__":
    app()
