"""Loading is repeatable and takes nothing away; what people add is checked and journalled."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from tocsin.errors import (
    BadCasNumberError,
    BadNameError,
    BadRegisterError,
    BadStructureError,
    DuplicateSubstanceError,
    NotFoundError,
)
from tocsin.journal.models import JournalEntry
from tocsin.journal.services import ActorName
from tocsin.substances.models import GroupMember, RegisterState, Substance, SubstanceName
from tocsin.substances.queries import (
    PossibleTautomer,
    get_substance,
    list_possible_tautomers,
    resolve_text,
)
from tocsin.substances.services import RegisterLoad, add_name, add_substance, load_register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_register")]


def _entries() -> list[tuple[str, str, str]]:
    entries = JournalEntry.objects.filter(person="curator").order_by("sequence")
    return list(entries.values_list("action", "record_id", "person"))


def test_the_first_loading_writes_everything_and_one_entry(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    assert load_register(actor, write_register()) == RegisterLoad(
        classes_added=2, substances_added=5, names_added=4, members_added=2
    )
    assert _entries() == [("register.loaded", "seed", "curator")]
    entry = JournalEntry.objects.get(person="curator")
    assert (entry.details["substances_added"], entry.details["names_added"]) == (5, 4)


def test_the_second_loading_writes_nothing(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    revision = RegisterState.objects.get().revision
    assert load_register(actor, write_register()) == RegisterLoad()
    assert RegisterState.objects.get().revision == revision
    assert len(_entries()) == 1


def test_loading_changed_files_changes_and_withdraws_only_what_the_files_brought(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    add_name(actor, "fentanyl", "Fentanil", "it")
    add_substance(actor, name="Ethanol", substance_class="stimulants", smiles="CCO")
    changed = write_register(
        ("names/fentanyls.csv", "fentanyl,China White,en,street,\n", ""),
        ("names/fentanyls.csv", "INN,WHO", "INN,WHO list 1"),
        ("register/stimulants.csv", "khat,Khat,substance,,,,,,false,,,a plant\n", ""),
        ("register/stimulants.csv", "the (S) form", "the (S) isomer"),
        ("group_members.csv", "fentanyl-analogue,4-anpp\n", ""),
    )
    assert load_register(actor, changed) == RegisterLoad(
        substances_changed=1, names_changed=1, names_withdrawn=1, members_withdrawn=1
    )
    assert sorted(SubstanceName.objects.values_list("text", flat=True)) == [
        "Despropionyl fentanyl",
        "Fentanil",
        "Fentanyl analog",
        "Fentanylum",
    ]
    assert sorted(Substance.objects.values_list("key", flat=True)) == [
        "4-anpp",
        "ethanol",
        "fentanyl",
        "fentanyl-analogue",
        "khat",
        "methamphetamine",
    ]
    assert get_substance("methamphetamine").note == "the (S) isomer"
    assert GroupMember.objects.count() == 1


def test_the_files_take_over_a_substance_that_a_person_added_and_keep_its_name(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    without = write_register(
        ("register/stimulants.csv", "khat,Khat,substance,,,,,,false,,,a plant\n", "")
    )
    load_register(actor, without)
    add_substance(actor, name="KHAT (leaves)", key="khat", substance_class="stimulants")
    assert load_register(actor, write_register()) == RegisterLoad(substances_left=1)
    assert get_substance("khat").name == "KHAT (leaves)"
    Substance.objects.filter(key="khat").update(name="KHAT")
    assert load_register(actor, write_register()) == RegisterLoad(substances_changed=1)
    assert get_substance("khat").name == "Khat"
    assert list(SubstanceName.objects.filter(substance__key="khat").values_list("text")) == [
        ("KHAT",)
    ]
    assert load_register(actor, write_register()) == RegisterLoad()


def test_files_that_contradict_themselves_write_nothing(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    with pytest.raises(BadRegisterError):
        load_register(actor, write_register(("register/fentanyls.csv", "437-38-7", "437-38-8")))
    assert (Substance.objects.count(), _entries()) == (0, [])


def test_a_name_is_added_once_and_journalled_once(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    first = add_name(actor, "4-anpp", " ANPP-4 ", "en", "code", "lab list")
    again = add_name(actor, "4-anpp", "ANPP-4", "en", "common")
    assert (first.pk, first.text, first.kind, first.origin) == (
        again.pk,
        "ANPP-4",
        "code",
        "added",
    )
    assert _entries()[1:] == [("substance.named", "4-anpp", "curator")]


@pytest.mark.parametrize(
    ("text", "kind", "language"),
    [
        ("", "common", ""),
        (" - ", "common", ""),
        ("x\0y", "common", ""),
        ("x" * 501, "common", ""),
        ("α" * 200, "common", ""),
        ("Apache", "slang", ""),
        ("Apache", "common", "x" * 11),
        ("Apache", "common", "\0"),
    ],
)
def test_a_text_that_cannot_be_a_name_is_refused(
    write_register: Callable[..., Path], actor: ActorName, text: str, kind: str, language: str
) -> None:
    load_register(actor, write_register())
    with pytest.raises(BadNameError):
        add_name(actor, "fentanyl", text, language, kind)
    assert len(_entries()) == 1


def test_a_name_of_an_unknown_substance_is_refused(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    with pytest.raises(NotFoundError):
        add_name(actor, "fentanil", "Apache")


def test_a_new_substance_is_unreviewed_and_has_its_identifiers_derived(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    added = add_substance(
        actor, name="N-Ethyl test", substance_class="stimulants", smiles="OCC", cas="64-17-5"
    )
    held = Substance.objects.get(pk=added.pk)
    assert (held.key, held.smiles, held.inchikey, held.formula, str(held.mass_da)) == (
        "nethyl-test",
        "CCO",
        "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
        "C2H6O",
        "46.069",
    )
    assert (held.reviewed, held.origin, held.kind, held.cas) == (
        False,
        "added",
        "substance",
        "64-17-5",
    )
    assert _entries()[1:] == [("substance.added", "nethyl-test", "curator")]


def test_a_salt_is_held_as_its_parent_and_the_journal_says_what_was_changed(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    added = add_substance(
        actor, name="Test", substance_class="stimulants", smiles="CC(=O)C[NH3+].[Cl-]"
    )
    assert added.smiles == "CC(=O)CN"
    entry = JournalEntry.objects.get(action="substance.added")
    assert entry.details["structure_changes"] == ["charge", "hydrochloride"]
    assert list_possible_tautomers("CC(O)=CN") == [PossibleTautomer("test", "Test", "keto-enol")]
    assert list_possible_tautomers(added.smiles) == []


@pytest.mark.parametrize(
    ("name", "key", "smiles", "cas", "held"),
    [
        ("Something", "fentanyl", "", "", "fentanyl"),
        ("FENTANYL HCl", "new", "", "", "fentanyl"),
        ("Something", "new", "c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1", "", "4-anpp"),
        ("Something", "new", "Cl.c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1", "", "4-anpp"),
        ("Something", "new", "", "537-46-2", "methamphetamine"),
    ],
)
def test_a_substance_that_is_held_already_is_refused_naming_it(
    write_register: Callable[..., Path],
    actor: ActorName,
    name: str,
    key: str,
    smiles: str,
    cas: str,
    held: str,
) -> None:
    load_register(actor, write_register())
    with pytest.raises(DuplicateSubstanceError) as refusal:
        add_substance(
            actor, name=name, key=key, substance_class="stimulants", smiles=smiles, cas=cas
        )
    assert refusal.value.held_key == held
    assert len(_entries()) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"substance_class": "nothing"}, NotFoundError),
        ({"substance_class": "\0"}, NotFoundError),
        ({"name": " "}, BadNameError),
        ({"name": "α", "key": "Not A Key"}, BadNameError),
        ({"name": "物質"}, BadNameError),
        ({"smiles": "C1CC"}, BadStructureError),
        ({"cas": "64-17-6"}, BadCasNumberError),
    ],
)
def test_a_substance_that_cannot_be_read_is_refused(
    write_register: Callable[..., Path],
    actor: ActorName,
    changes: dict[str, str],
    error: type[Exception],
) -> None:
    load_register(actor, write_register())
    wanted = {"name": "Ethanol", "substance_class": "stimulants"} | changes
    with pytest.raises(error):
        add_substance(actor, **wanted)
    assert len(_entries()) == 1


def test_a_name_rolled_back_leaves_no_trace_in_the_index(
    write_register: Callable[..., Path], actor: ActorName
) -> None:
    load_register(actor, write_register())
    with pytest.raises(RuntimeError, match="undo"), transaction.atomic():
        add_name(actor, "fentanyl", "Apache powder")
        assert resolve_text("Apache powder").tier == "exact"
        raise RuntimeError("undo")
    assert resolve_text("Apache powder").tier != "exact"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"kind": "class-group"}, id="a group has no structure"),
        pytest.param({"reviewed": True, "route_2": ""}, id="one route is no review"),
        pytest.param({"kind": "mixture"}, id="unknown kind"),
        pytest.param({"inchikey": ""}, id="SMILES without InChIKey"),
    ],
)
def test_the_database_itself_refuses(
    write_register: Callable[..., Path], actor: ActorName, changes: dict[str, object]
) -> None:
    load_register(actor, write_register())
    with pytest.raises(IntegrityError), transaction.atomic():
        Substance.objects.filter(key="fentanyl").update(**changes)
