"""A small register in the form of the seed files, and somebody who acts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tocsin.journal.services import ActorName
from tocsin.substances.models import GroupMember, Substance, SubstanceClass, SubstanceName
from tocsin.substances.services.state import lock_register, mark_register_changed

FILES = {
    "classes.csv": "id,name\nfentanyls,Fentanyls\nstimulants,Stimulants\n",
    "register/fentanyls.csv": (
        "id,name,kind,smiles,inchikey,formula,mass_da,cas,reviewed,route_1,route_2,note\n"
        "fentanyl,Fentanyl,substance,CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1,"
        "PJMPHNIQZUBGLI-UHFFFAOYSA-N,C22H28N2O,336.479,437-38-7,true,systematic name,PubChem,\n"
        "4-anpp,4-ANPP,substance,c1ccc(CCN2CCC(Nc3ccccc3)CC2)cc1,"
        "ZCMDXDQUYIWEKB-UHFFFAOYSA-N,C19H24N2,280.415,21409-26-7,false,,,\n"
    ),
    "register/stimulants.csv": (
        "id,name,kind,smiles,inchikey,formula,mass_da,cas,reviewed,route_1,route_2,note\n"
        "methamphetamine,Methamphetamine,substance,CN[C@@H](C)Cc1ccccc1,"
        "MYWUZJCMWCOHBA-VIFPVBQESA-N,C10H15N,149.237,537-46-2,false,,,the (S) form\n"
        "khat,Khat,substance,,,,,,false,,,a plant\n"
    ),
    "groups.csv": (
        "id,name,kind,class,formula,note\n"
        'fentanyl-analogue,"Fentanyl analogue, unspecified",class-group,fentanyls,,\n'
    ),
    "group_members.csv": "group,substance\nfentanyl-analogue,fentanyl\nfentanyl-analogue,4-anpp\n",
    "names/fentanyls.csv": (
        "substance,name,language,kind,source\n"
        "fentanyl,Fentanylum,la,INN,WHO\n"
        "fentanyl,China White,en,street,\n"
        "4-anpp,Despropionyl fentanyl,en,common,\n"
    ),
    "names/groups.csv": (
        "substance,name,language,kind,source\nfentanyl-analogue,Fentanyl analog,en,common,\n"
    ),
}


CURATOR = ActorName(person="curator", organisation="focal-point")


@pytest.fixture
def actor() -> ActorName:
    return CURATOR


@pytest.fixture(scope="module")
def without_register(module_db: Callable[[], AbstractContextManager[None]]) -> None:
    """Take the seed register away for the tests of a module."""
    with module_db():
        lock_register()
        for model in (GroupMember, SubstanceName, Substance, SubstanceClass):
            model.objects.all().delete()
        mark_register_changed()


@pytest.fixture
def empty_register(without_register: None, db: None) -> None:
    """A register without a substance; what the test changes is rolled back."""


def write_files(folder: Path, *changes: tuple[str, str, str]) -> Path:
    """Write the small register; each change is (file, text in it, text instead)."""
    for name, content in FILES.items():
        for file, old, new in changes:
            if file == name:
                assert old in content
                content = content.replace(old, new)
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def write_register(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the small register with the changes given."""
    return partial(write_files, tmp_path)
