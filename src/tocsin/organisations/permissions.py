"""What each role may do: one table, checked with the ``rules`` library."""

from rules.permissions import has_perm, set_perm
from rules.predicates import Predicate

from tocsin.errors import PermissionRefusedError
from tocsin.organisations.actors import Actor
from tocsin.organisations.vocabulary import Role

ROLES_BY_PERMISSION: dict[str, tuple[str, ...]] = {
    "evidence.read": (
        Role.READER,
        Role.REPORTER,
        Role.ANALYST,
        Role.RELEASER,
        Role.ADMINISTRATOR,
    ),
    "evidence.export": (Role.REPORTER, Role.ANALYST, Role.RELEASER),
    "report.import": (Role.REPORTER, Role.ANALYST),
    "report.correct": (Role.REPORTER, Role.ANALYST),
    "report.retract": (Role.REPORTER, Role.ANALYST),
    "name.decide": (Role.ANALYST,),
    "substance.add": (Role.ANALYST,),
    "substance.curate": (Role.ANALYST,),
    "signal.triage": (Role.ANALYST,),
    "detection.set": (Role.ANALYST,),
    "alert.draft": (Role.ANALYST, Role.RELEASER),
    "alert.release": (Role.RELEASER,),
    "alert.cancel": (Role.RELEASER,),
    "package.make": (Role.ANALYST, Role.RELEASER),
    "package.release": (Role.RELEASER,),
    "package.withdraw": (Role.RELEASER,),
    "table.make": (Role.ANALYST, Role.RELEASER),
    "table.release": (Role.RELEASER,),
    "journal.read": (Role.ADMINISTRATOR,),
    "people.manage": (Role.ADMINISTRATOR,),
    "retention.manage": (Role.ADMINISTRATOR,),
}
"""Permission to roles. A role that is not named does not have it."""


def _has_one_of(roles: tuple[str, ...]) -> Predicate:
    wanted = frozenset(str(role) for role in roles)

    def has_role(actor: Actor) -> bool:
        return bool(actor.roles & wanted)

    return Predicate(has_role)


for _permission, _roles in ROLES_BY_PERMISSION.items():
    set_perm(_permission, _has_one_of(_roles))  # type: ignore[no-untyped-call]


def is_permitted(actor: Actor, permission: str) -> bool:
    """Tell whether the actor's roles give the permission; False for one that does not exist."""
    return permission in ROLES_BY_PERMISSION and bool(
        has_perm(permission, actor)  # type: ignore[no-untyped-call]
    )


def require_permission(actor: Actor, permission: str) -> None:
    """Do nothing where the actor has the permission; otherwise raise PermissionRefusedError."""
    if not is_permitted(actor, permission):
        needed = ", ".join(str(role) for role in ROLES_BY_PERMISSION.get(permission, ()))
        held = ", ".join(sorted(actor.roles)) or "none"
        raise PermissionRefusedError(
            f"{permission}: your roles are {held}; expected one of: {needed or 'nobody'}"
        )
