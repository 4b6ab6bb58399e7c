"""Who acts: the value that every permission and every visibility question is asked with."""

from dataclasses import dataclass, field

from tocsin.journal.services import ActorName


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in the roles of their organisation, the node's own process, or the public.

    organisation_id: None only for the public. person_id: None for the node and the public.
    """

    name: str
    organisation_id: int | None
    organisation_key: str
    person_id: int | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def journal_name(self) -> ActorName:
        """How the journal names this actor."""
        return ActorName(person=self.name, organisation=self.organisation_key)


PUBLIC = Actor(name="public", organisation_id=None, organisation_key="")
"""Somebody who has not logged in."""
