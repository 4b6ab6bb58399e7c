"""Commands that say what is one and the same: merge, split, resolve, and what was decided."""

from typing import Annotated

import typer

from tocsin.cli.console import get_console_actor, open_node, print_json, say
from tocsin.errors import NotFoundError
from tocsin.organisations.actors import Actor
from tocsin.organisations.queries import get_actor
from tocsin.reports.identity_queries import (
    count_what_follows,
    list_consequences,
    list_resolvable_reports,
    list_spellings,
)
from tocsin.reports.services import (
    merge_substances,
    resolve_group,
    split_substance,
    undo_group_resolution,
    undo_merge,
)
from tocsin.substances.models import IdentityEvent
from tocsin.substances.queries import (
    get_entry,
    get_substance,
    list_identity_events,
    list_names,
)

Reason = Annotated[str, typer.Option(help="Why; kept with the event.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for a program.")]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="In this person's name.")]

app = typer.Typer(help="What is one and the same substance.", no_args_is_help=True)


@app.command("merge")
def merge(
    former: Annotated[str, typer.Argument(metavar="FORMER", help="Key that gives way.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="Key that it stands for now.")],
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would follow only.")] = False,
    person: Person = "",
    as_json: AsJson = False,
) -> None:
    """Let one substance stand for another; an unknown feature for what it turned out to be."""
    with open_node():
        actor = _get_actor(person)
        if dry_run:
            follows = count_what_follows(actor, get_entry(former))
            say(
                f"{former} → {get_substance(into).key}: {follows.names} names, "
                f"{follows.spellings} spellings, {follows.findings} findings in "
                f"{follows.reports} reports would follow."
            )
            return
        event = merge_substances(actor, former, into, reason=reason)
        _print_event(actor, event, as_json=as_json)


@app.command("undo-merge")
def take_merge_back(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key that was merged.")],
    reason: Reason,
    person: Person = "",
    as_json: AsJson = False,
) -> None:
    """Let a merged substance stand for itself again, with what it brought."""
    with open_node():
        actor = _get_actor(person)
        _print_event(actor, undo_merge(actor, key, reason=reason), as_json=as_json)


@app.command("split")
def split(
    subject: Annotated[str, typer.Argument(metavar="FROM", help="Key that loses names.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="Key that gets them.")],
    reason: Reason,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="A name of the register; repeatable."),
    ] = None,
    spelling: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="A spelling in reports; repeatable."),
    ] = None,
    person: Person = "",
    as_json: AsJson = False,
) -> None:
    """Give names of one substance to another, and the findings written so."""
    with open_node():
        actor = _get_actor(person)
        source = get_substance(subject)
        names: dict[str, list[int]] = {text: [] for text in name or []}
        for held in list_names(source).filter(text__in=names):
            names[held.text].append(held.pk)
        spellings: dict[str, list[int]] = {text: [] for text in spelling or []}
        for written in list_spellings(actor, source).filter(text__in=spellings):
            spellings[written.text].append(written.pk)
        for text, ids in (*names.items(), *spellings.items()):
            if not ids:
                raise NotFoundError(f"name {text[:80]!r}: not found under {source.key}")
        event = split_substance(
            actor,
            subject,
            into,
            name_ids=[pk for ids in names.values() for pk in ids],
            written_name_ids=[pk for ids in spellings.values() for pk in ids],
            reason=reason,
        )
        _print_event(actor, event, as_json=as_json)


@app.command("resolve-group")
def resolve(
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Key of the group.")],
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="Key of what it was.")],
    reason: Reason,
    reference: Annotated[
        list[str] | None,
        typer.Option(metavar="REFERENCE", help="A report by its reference; repeatable."),
    ] = None,
    person: Person = "",
    as_json: AsJson = False,
) -> None:
    """Say which member a group stands for in some of one's own reports."""
    with open_node():
        actor = _get_actor(person)
        wanted = set(reference or [])
        reports = list_resolvable_reports(actor, get_substance(group))
        held = {one.reference: one.pk for one in reports.filter(reference__in=wanted)}
        for text in sorted(wanted - held.keys()):
            raise NotFoundError(
                f"report {text[:80]!r}: not found among your organisation's reports of {group}"
            )
        event = resolve_group(actor, group, member, report_ids=list(held.values()), reason=reason)
        _print_event(actor, event, as_json=as_json)


@app.command("undo-resolution")
def take_resolution_back(
    event_id: Annotated[int, typer.Argument(metavar="EVENT", help="Number of the event.")],
    reason: Reason,
    person: Person = "",
    as_json: AsJson = False,
) -> None:
    """Take back what a resolution of a group said, where reports still say it."""
    with open_node():
        actor = _get_actor(person)
        event = undo_group_resolution(actor, event_id, reason=reason)
        _print_event(actor, event, as_json=as_json)


@app.command("history")
def history(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key of a substance or group.")],
    as_json: AsJson = False,
) -> None:
    """Say what a key stands for now, and every event that made it so, newest first."""
    with open_node():
        entry = get_entry(key)
        events = list(list_identity_events(get_console_actor(), entry))
        if as_json:
            print_json(
                {
                    "id": entry.key,
                    "stands_for": entry.standing.key,
                    "events": [_describe(event) for event in events],
                }
            )
            return
        say(f"{entry.key}: {entry.name}; stands for {entry.standing.key}")
        for event in events:
            say(_write(event))


def _get_actor(person: str) -> Actor:
    return get_actor(person) if person else get_console_actor()


def _describe(event: IdentityEvent) -> dict[str, object]:
    return {
        "event": event.pk,
        "kind": event.kind,
        "subject": event.subject.key,
        "into": event.into.key,
        "undoes": event.undoes_id,
        "reason": event.reason,
        "decided_by": event.decided_by,
        "decided_at": event.decided_at,
        "names": [effect.text for effect in event.effects.all()],
    }


def _write(event: IdentityEvent) -> str:
    return (
        f"{event.decided_at:%Y-%m-%d %H:%M}  {event.pk}  {event.kind}: {event.subject.key} → "
        f"{event.into.key}, by {event.decided_by}: {event.reason}"
    )


def _print_event(actor: Actor, event: IdentityEvent, *, as_json: bool) -> None:
    followed = list_consequences(actor, [event]).count()
    if as_json:
        print_json({**_describe(event), "followed": followed})
        return
    say(_write(event))
    say(f"{event.effects.count()} names moved, {followed} spellings or reports you see followed.")
