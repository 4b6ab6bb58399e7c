"""The tree of commands."""

import typer

from tocsin.cli import (
    backup,
    doctor,
    evidence,
    fhir,
    identity,
    journal,
    law,
    node,
    packages,
    record,
    registers,
    tables,
)
from tocsin.cli.pseudonyms import command as pseudonyms
from tocsin.cli.tools import detect

app = typer.Typer(
    name="tocsin",
    help=(
        "Early warning of new synthetic drugs: load what laboratories send, see what is new, "
        "warn those who must know."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(node.init)
app.command("serve")(node.serve)
app.command("demo")(node.demo)
app.command("worker", hidden=True)(node.worker)
app.command("import")(evidence.import_file)
app.command("import-fhir")(fhir.import_fhir)
app.command("detect")(evidence.detect)
app.command("resolve")(registers.resolve)
app.command("signals")(registers.signals)
app.command("alerts")(registers.alerts)
app.add_typer(identity.app, name="substances")
app.add_typer(record.app, name="record")
app.add_typer(packages.app, name="packages")
app.add_typer(tables.app, name="tables")
app.add_typer(journal.app, name="journal")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)

app.command("pseudonymise")(pseudonyms.pseudonymise)

tools = typer.Typer(help="Work on files alone, without a node.", no_args_is_help=True)
tools.command("detect")(detect.detect)
tools.command("classify")(law.classify_file)
app.add_typer(tools, name="tools")

app.command("status")(law.status)
rules = typer.Typer(help="The rules of law that are loaded.", no_args_is_help=True)
rules.command("diff")(law.difference)
rules.command("lint")(law.lint)
app.add_typer(rules, name="law")
