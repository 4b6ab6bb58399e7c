"""Entries of the register that turn out to be one, or two; forms, unknown features, products."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from rdkit import Chem

from tocsin.errors import (
    BadRegisterError,
    DuplicateSubstanceError,
    NotFoundError,
    RefusedError,
    WrongStateError,
)
from tocsin.journal.queries import list_entries
from tocsin.journal.services import ActorName
from tocsin.organisations.actors import PUBLIC
from tocsin.science.chemical_forms import find_form
from tocsin.science.structures import parse_structure
from tocsin.substances.formats.form_files import read_forms
from tocsin.substances.formats.register_files import SEED_DIRECTORY, read_register
from tocsin.substances.models import Substance, SubstanceForm, SubstanceName
from tocsin.substances.queries import (
    find_substance_ids,
    get_entry,
    get_substance,
    list_forms,
    list_groups,
    list_identity_events,
    list_members,
    list_names,
    list_substances,
    resolve_text,
)
from tocsin.substances.services import (
    Component,
    PossibleClass,
    PossibleFormula,
    UnknownDescription,
    add_name,
    add_substance,
    load_register,
    merge_entries,
    record_product,
    record_unknown,
    split_entry,
    unmerge_entry,
)
from tocsin.substances.vocabulary import NameKind

pytestmark = pytest.mark.django_db

Write = Callable[..., Path]
FORMS = (
    "substance,kind,form,name,smiles,inchikey,cas,source\n"
    "fentanyl,salt,citrate,Fentanyl citrate,"
    "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1.O=C(O)CC(O)(CC(=O)O)C(=O)O,"
    "IVLVTNPOHDFFCJ-UHFFFAOYSA-N,990-73-8,a source\n"
)


@pytest.fixture
def register(empty_register: None, write_register: Write, actor: ActorName) -> Path:
    folder = write_register()
    (folder / "forms.csv").write_text(FORMS, encoding="utf-8")
    load_register(actor, folder)
    return folder


def list_texts(key: str) -> list[str]:
    return [name.text for name in list_names(get_substance(key))]


def test_what_was_merged_is_found_under_the_other_by_every_name_and_identifier(
    register: Path, actor: ActorName
) -> None:
    merge_entries(actor, "4-anpp", "fentanyl", reason="a trial")

    for text in (
        "4-ANPP",
        "Despropionyl fentanyl",
        "21409-26-7",
        "ZCMDXDQUYIWEKB-UHFFFAOYSA-N",
        "c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1",
    ):
        found = resolve_text(text).substance
        assert found is not None and found.key == "fentanyl", text
    assert get_substance("4-anpp").key == "fentanyl"
    assert get_entry("4-anpp").key == "4-anpp"
    assert find_substance_ids(["4-anpp"]) == {"4-anpp": get_entry("fentanyl").pk}
    assert "4-anpp" not in set(list_substances().values_list("key", flat=True))
    assert [one.key for one in list_substances("Despropionyl")] == ["fentanyl"]
    assert "4-ANPP" in list_texts("fentanyl")
    group = get_substance("fentanyl-analogue")
    assert [one.key for one in list_members(group)] == ["fentanyl"]
    assert [one.key for one in list_groups(get_substance("fentanyl"))] == ["fentanyl-analogue"]


def test_loading_the_files_again_neither_takes_back_a_merge_nor_a_split(
    register: Path, actor: ActorName
) -> None:
    merge_entries(actor, "4-anpp", "fentanyl", reason="a trial")
    name = SubstanceName.objects.get(text="Fentanylum")
    split_entry(actor, "fentanyl", "khat", name_ids=[name.pk], reason="a trial")
    before = list(SubstanceName.objects.order_by("pk").values())
    assert not load_register(actor, register).has_changes
    assert list(SubstanceName.objects.order_by("pk").values()) == before

    names = register / "names/fentanyls.csv"
    grown = names.read_text(encoding="utf-8").replace("Fentanylum,la,INN", "Fentanylum,la,common")
    names.write_text(grown + "4-anpp,ANPP,en,code,\n", encoding="utf-8")
    loaded = load_register(actor, register)

    assert (loaded.names_added, loaded.names_changed, loaded.names_withdrawn) == (1, 1, 0)
    assert "ANPP" in list_texts("fentanyl")
    assert list_texts("khat") == ["Fentanylum"]
    unmerge_entry(actor, "4-anpp", reason="it was none")
    assert set(list_texts("4-anpp")) == {"4-ANPP", "ANPP", "Despropionyl fentanyl"}
    with pytest.raises(DuplicateSubstanceError, match="khat"):
        add_name(actor, "fentanyl", "Fentanylum", "la")
    split_entry(actor, "khat", "fentanyl", name_ids=[name.pk], reason="back")
    assert SubstanceName.objects.get(pk=name.pk).registered_under is None


def test_history_of_identity_says_who_decided_what_and_why(
    register: Path, actor: ActorName
) -> None:
    merge = merge_entries(actor, "4-anpp", "fentanyl", reason="a trial")
    back = unmerge_entry(actor, "4-anpp", reason="it was none")
    events = list(list_identity_events(PUBLIC, get_entry("4-anpp")))

    assert events == [back, merge]
    assert [(one.kind, one.decided_by, one.reason) for one in events] == [
        ("split", "curator", "it was none"),
        ("merged", "curator", "a trial"),
    ]
    assert back.undoes == merge
    actions = [entry.action for entry in list_entries().filter(record_type="substance")]
    assert sorted(actions)[-2:] == ["substance.merged", "substance.split"]


def test_what_cannot_be_one_is_not_merged(register: Path, actor: ActorName) -> None:
    for former, into, error in (
        ("fentanyl", "fentanyl", RefusedError),
        ("fentanyl", "fentanyl-analogue", RefusedError),
        ("fentanyl", "nothing", NotFoundError),
        ("nothing", "fentanyl", NotFoundError),
    ):
        with pytest.raises(error):
            merge_entries(actor, former, into, reason="a trial")
    merge_entries(actor, "4-anpp", "fentanyl", reason="a trial")
    with pytest.raises(WrongStateError):
        merge_entries(actor, "4-anpp", "khat", reason="again")
    with pytest.raises(RefusedError):
        merge_entries(actor, "fentanyl", "4-anpp", reason="round in a ring")
    with pytest.raises(WrongStateError):
        unmerge_entry(actor, "khat", reason="never was")
    with pytest.raises(WrongStateError):
        split_entry(actor, "4-anpp", "khat", name_ids=[], reason="a trial")
    with pytest.raises(RefusedError):
        split_entry(actor, "khat", "khat", name_ids=[], reason="a trial")
    foreign = SubstanceName.objects.filter(substance__key="fentanyl").first()
    assert foreign is not None
    with pytest.raises(NotFoundError):
        split_entry(actor, "khat", "fentanyl", name_ids=[foreign.pk], reason="a trial")


def test_a_substance_that_was_merged_is_not_added_again(register: Path, actor: ActorName) -> None:
    merge_entries(actor, "4-anpp", "fentanyl", reason="a trial")
    smiles = "c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1"
    with pytest.raises(DuplicateSubstanceError, match="'fentanyl'"):
        add_substance(actor, name="New thing", substance_class="fentanyls", smiles=smiles)


def test_a_form_resolves_to_its_substance_by_its_own_identifiers(
    register: Path, actor: ActorName
) -> None:
    for text in ("990-73-8", "IVLVTNPOHDFFCJ-UHFFFAOYSA-N"):
        found = resolve_text(text)
        assert found.substance is not None
        assert (found.substance.key, found.form) == ("fentanyl", "citrate")
    merge_entries(actor, "fentanyl", "4-anpp", reason="a trial")
    assert [one.name for one in list_forms(get_substance("4-anpp"))] == ["Fentanyl citrate"]
    found = resolve_text("990-73-8")
    assert found.substance is not None and found.substance.key == "4-anpp"


def test_forms_follow_their_file(register: Path, actor: ActorName) -> None:
    assert not load_register(actor, register).has_changes
    (register / "forms.csv").write_text(FORMS.replace("a source", "another"), encoding="utf-8")
    assert load_register(actor, register).forms_changed == 1
    (register / "forms.csv").write_text(FORMS.splitlines()[0] + "\n", encoding="utf-8")
    assert load_register(actor, register).forms_withdrawn == 1
    assert not SubstanceForm.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("fentanyl,salt", "fentanil,salt", "substance of the register", id="substance"),
        pytest.param("salt", "powder", "one of salt", id="kind"),
        pytest.param("IVLVTNPOHDFFCJ", "IVLV", "InChIKey", id="InChIKey"),
        pytest.param("990-73-8", "990-73-9", "CAS", id="check digit"),
        pytest.param("a source", "", "a text", id="no source"),
        pytest.param("Fentanyl citrate", "…", "a name", id="name"),
        pytest.param(",a source", "", "8 cells", id="cells"),
        pytest.param("kind,form", "form,kind", "substance,kind", id="headings"),
        pytest.param(",cas,", ",cas,", "no other form has", id="twice"),
    ],
)
def test_a_file_of_forms_that_contradicts_itself_is_refused(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    text = FORMS.replace(old, new, 1)
    if old == new:
        text += FORMS.splitlines()[1] + "\n"
    (tmp_path / "forms.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadRegisterError, match=expected):
        read_forms(tmp_path, {"fentanyl"})


def test_shipped_forms_are_forms_of_their_substances_by_structure() -> None:
    substances = {one.key: one for one in read_register().substances}
    forms = read_forms(SEED_DIRECTORY, substances)
    own = {one.inchikey for one in substances.values()}
    assert len(forms) > 200
    for one in forms:
        parent = find_form(one.smiles)
        assert parent is not None, one.name
        held = substances[one.substance_key]
        assert parse_structure(one.smiles).inchikey == one.inchikey, one.name
        assert Chem.GetFormalCharge(Chem.MolFromSmiles(one.smiles)) == 0, one.name
        assert parent.parent.inchikey[:14] == held.inchikey[:14], one.name
        assert parent.form == one.form, one.name
        assert one.inchikey not in own, one.name


UNKNOWN = UnknownDescription(
    precursor_mz=Decimal("383.24420"),
    formulas=(PossibleFormula("C22H30N4O2", Decimal("1.2"), Decimal("0.9")),),
    classes=(
        PossibleClass("stimulants", Decimal("0.2")),
        PossibleClass("fentanyls", Decimal("0.7"), "fragment m/z 188.14"),
    ),
)


def test_an_unknown_feature_is_held_with_its_hypotheses_and_becomes_known(
    register: Path, actor: ActorName
) -> None:
    entry = record_unknown(actor, name="Unknown 17", description=UNKNOWN)
    found = resolve_text("unknown 17").substance

    assert found is not None and found.key == entry.key
    assert (entry.kind, entry.substance_class.key, entry.formula) == (
        "unknown",
        "fentanyls",
        "C22H30N4O2",
    )
    assert [one.probability for one in entry.unknown.classes.all()] == [
        Decimal("0.7"),
        Decimal("0.2"),
    ]
    assert not entry.is_group
    event = merge_entries(actor, entry.key, "fentanyl", reason="reference standard")
    assert event.kind == "unknown-resolved"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"precursor_mz": Decimal(0)}, RefusedError, id="no mass"),
        pytest.param({"polarity": "neutral"}, RefusedError, id="no polarity"),
        pytest.param({"formulas": (PossibleFormula("C"),) * 2}, RefusedError, id="twice"),
        pytest.param(
            {"classes": (PossibleClass("fentanyls", Decimal("1.1")),)}, RefusedError, id="over one"
        ),
        pytest.param(
            {"classes": (PossibleClass("nothing", Decimal("0.1")),)}, NotFoundError, id="class"
        ),
    ],
)
def test_an_unknown_feature_outside_its_bounds_is_refused(
    register: Path, actor: ActorName, changes: dict[str, object], error: type[Exception]
) -> None:
    values = {"precursor_mz": Decimal("383.2"), **changes}
    with pytest.raises(error):
        record_unknown(actor, name="Unknown 17", description=UnknownDescription(**values))  # type: ignore[arg-type]
    assert not Substance.objects.filter(kind="unknown").exists()


def test_a_product_has_each_component_once_with_its_role(register: Path, actor: ActorName) -> None:
    held = [Component("fentanyl", "active", percent=Decimal("1.5")), Component("khat")]
    entry = record_product(
        actor, name="Blue tablet", components=held, brand="crown", label_claim="oxycodone"
    )
    assert [(one.substance.key, one.role) for one in entry.product.components.all()] == [
        ("fentanyl", "active"),
        ("khat", "unknown"),
    ]
    assert entry.substance_class.key == "undetermined"
    for components, error in (
        ([], RefusedError),
        ([held[0], held[0]], RefusedError),
        ([Component(entry.key)], RefusedError),
        ([Component("fentanyl", "hero")], RefusedError),
        ([Component("fentanyl", percent=Decimal(101))], RefusedError),
        ([Component("nothing")], NotFoundError),
    ):
        with pytest.raises(error):
            record_product(actor, name="Red tablet", components=components)
    with pytest.raises(DuplicateSubstanceError):
        record_product(actor, name="blue tablet", components=held)


def test_an_abbreviation_is_a_kind_of_name(register: Path, actor: ActorName) -> None:
    assert (
        add_name(actor, "methamphetamine", "MA", kind=NameKind.ABBREVIATION).kind == "abbreviation"
    )
