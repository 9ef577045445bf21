import shutil
from datetime import date

import pytest

from contracts.roles import ROLES
from programmes import packs
from programmes.packs import PackNotValid, lock_new_versions, read
from tests.programmes.conftest import PACKS

PACK, REGISTERS = "mountain-school", "hanoi-3874"


def test_each_programme_has_its_pack_and_the_register_one():
    installed = packs.installed()
    assert [pack.code for pack in installed.all] == ["hanoi-3874", PACK]
    assert installed.of_the_register.code == "hanoi-3874"
    assert installed.of_programme("7/KH-TH").code == PACK
    assert installed.of_programme("8/KH-TH") is None


def test_a_version_is_in_force_from_its_day_and_is_named_with_its_digest():
    pack = packs.installed().of_programme("7/KH-TH")
    assert pack.on(date(2023, 12, 31)) is None
    rules = pack.on(date(2024, 1, 1))
    locked = (PACKS / PACK / "versions.lock").read_text(encoding="utf-8")
    assert locked == f"{rules.named.digest}  1.toml\n"
    assert (rules.named.pack, rules.named.version) == (PACK, 1)


def test_what_any_version_names_has_words():
    called = packs.installed().called
    assert called("category", "bicycle", "vi") == "Xe đạp"
    assert called("category", "warm-clothes", "en") == "Warm clothes"
    assert called("measure", "litre", "en") == "litres"
    assert called("category", "gone", "en") == "gone"


def test_every_role_has_words():
    assert all(packs.installed().role(role) for role in ROLES)


@pytest.fixture
def folder(tmp_path):
    """A copy of the invented pack beside the plan's own."""
    for source in (packs.FOLDER / "hanoi-3874", PACKS / PACK):
        shutil.copytree(source, tmp_path / source.name)
    return tmp_path


def change(folder, file, old, new, *, lock=True, pack=PACK):
    path = folder / pack / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if lock:
        (folder / pack / "versions.lock").unlink()
        lock_new_versions(folder / pack)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("age_limit_years = 18", "age_limit_years =", "1.toml: "),
        ("age_limit_years = 18", 'age_limit_years = "x"', "$.age_limit_years"),
        ("age_limit_years = 18", "age_limit_year = 18", "age_limit_years"),
        ("required = false", "requird = false", "categories[0].fields[1].requird: no such key"),
        ("version = 1", "version = 2", "version: 1.toml says `version = 1`"),
        ('code = "bicycle"\nvi = "Xe đạp"', 'code = "Xe đạp"\nvi = "x"', "categories.Xe đạp"),
        ('measures = ["meal"]', 'measures = ["kg"]', "categories.meals.measures"),
        ('measures = ["meal"]', "measures = []", "categories.meals.measures"),
        ('national_package = "nutrition"', 'national_package = "food"', "national_package"),
        ('scale = "frame"', 'scale = "wheel"', "fields.frame.scale"),
        (
            'kind = "text"\nopenness = "sealed"',
            'kind = "text"\nopenness = "open"',
            "text is always sealed",
        ),
        ('how = "exact"', 'how = "in-band"', "fields.diet.match.how"),
        ('how = "exact"', 'how = "exact", steps_larger = 1', "steps_larger"),
        (
            "valid_until = 2027-01-01",
            "valid_until = 2022-01-01",
            "standards.2022-2025: valid_until",
        ),
        ("minimum = 0\nmaximum = 17", "minimum = 18\nmaximum = 17", "fields.age.minimum"),
        ('from_register = "size"', 'from_register = "gender"', "from_register"),
        ('travels_as = "care"', 'travels_as = "cure"', "categories.therapy.travels_as"),
        ('travels_as = "care"', 'travels_as = "therapy"', "categories.therapy.travels_as"),
        (
            'measures = ["meal"]',
            'measures = ["meal"]\nat_most_in_a_season = 0',
            "categories.meals.at_most_in_a_season: at least 1",
        ),
        (
            'travels_as = "care"',
            'travels_as = "care"\nat_most_in_a_season = 1',
            "at_most_in_a_season: what travels under another code",
        ),
        ("height_cm_min = 130", "height_cm_min = 129", "scales.height.steps.A2"),
        (
            "age_limit_years = 18",
            'incompatible_roles = [["storekeeper", "verifier"]]\nage_limit_years = 18',
            "incompatible_roles: roles are of no programme",
        ),
        ('["received", "dispatched"]', '["received", "king"]', "two_persons"),
        (
            '["received", "dispatched"]',
            '["approved", "dispatched"]',
            "two_persons: approved, dispatched: are two persons in every programme",
        ),
        (
            '["received", "dispatched"]',
            '["announced", "dispatched"]',
            "two_persons: announced, dispatched: nobody knows both",
        ),
        (
            "[[national_packages]]",
            '[[roles]]\ncode = "verifier"\nvi = "x"\nen = "x"\n\n[[national_packages]]',
            "roles: roles are of no programme",
        ),
        (
            'any_of = ["none", "poor", "near-poor"]',
            'any_of = ["rich"]',
            "eligibility.anybody.any_of",
        ),
        (
            '[[eligibility]]\ncategory = "meals"',
            '[[eligibility]]\ncategory = "food"',
            "eligibility",
        ),
        (
            (
                'category = "raincoat"\nname = "anybody"\nversion = 1\n'
                'any_of = ["none", "poor", "near-poor"]'
            ),
            'category = "raincoat"\nname = "for-a-group"\nversion = 1\nany_of = ["group"]',
            "categories.raincoat.fields.size.from_register: no child may get it",
        ),
        (
            '[[eligibility]]\ncategory = "raincoat"',
            '[[eligibility]]\ncategory = "milk"',
            "categories.raincoat.eligibility: nobody may get it",
        ),
        ("band_from_points = [2, 1]", "band_from_points = [1, 2]", "priority.band_from_points"),
        ("near-poor = 1", "lovely = 1", "priority.points.lovely"),
        (
            'code = "dong"\nvi = "đồng"',
            'code = "dong"\nvi = "VND"',
            "measures.dong: means",
        ),
        ('en = "Milk"', 'en = ""', "categories.milk: words"),
    ],
)
def test_a_pack_that_says_nonsense_is_refused_where_it_says_it(folder, old, new, told):
    change(folder, "versions/1.toml", old, new)
    with pytest.raises(PackNotValid) as refusal:
        read([folder])
    assert told in str(refusal.value)
    assert PACK in str(refusal.value)


def test_a_locked_version_never_changes(folder):
    change(folder, "versions/1.toml", "age_limit_years = 18", "age_limit_years = 17", lock=False)
    with pytest.raises(PackNotValid, match="was locked and has changed"):
        read([folder])


def test_a_locked_version_never_goes(folder):
    (folder / PACK / "versions" / "1.toml").unlink()
    with pytest.raises(PackNotValid, match="was locked and is gone"):
        read([folder])


def test_the_next_version_is_in_force_later_and_the_first_stays(folder):
    first = (folder / PACK / "versions/1.toml").read_text(encoding="utf-8")
    later = first.replace("version = 1\n", "version = 2\n", 1)
    file = folder / PACK / "versions/2.toml"
    file.write_text(later, encoding="utf-8")
    with pytest.raises(PackNotValid, match=r"not locked yet: make packs"):
        read([folder])
    assert lock_new_versions(folder / PACK) == ["2.toml"]
    with pytest.raises(PackNotValid, match=r"in_force_from: after that of the version before"):
        read([folder])
    (folder / PACK / "versions.lock").write_text(
        (PACKS / PACK / "versions.lock").read_text(encoding="utf-8"), encoding="utf-8"
    )
    file.write_text(later.replace("2024-01-01\n", "2025-01-01\n", 1), encoding="utf-8")
    lock_new_versions(folder / PACK)
    (pack,) = [each for each in read([folder]).all if each.code == PACK]
    assert [pack.on(date(year, 6, 1)).version for year in (2024, 2025)] == [1, 2]


def test_exactly_one_pack_is_the_registers(folder):
    shutil.rmtree(folder / REGISTERS)
    with pytest.raises(PackNotValid, match="exactly one pack"):
        read([folder])
    shutil.copytree(packs.FOLDER / REGISTERS, folder / "one")
    shutil.copytree(packs.FOLDER / REGISTERS, folder / "two")
    with pytest.raises(PackNotValid, match="exactly one pack"):
        read([folder])


NO_PAIRS = "incompatible_roles = []"
ONE_PAIR = 'incompatible_roles = [["storekeeper", "verifier"]]'


def test_data_adds_roles_that_exclude_each_other_and_takes_none_away(folder):
    change(folder, "versions/1.toml", NO_PAIRS, ONE_PAIR, pack=REGISTERS)
    rules = read([folder]).of_the_register.versions[0]
    assert rules.excluded_roles("verifier") == {"storekeeper"}
    assert rules.excluded_roles("cashier") == {"accountant"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (NO_PAIRS, ONE_PAIR.replace("verifier", "king"), "incompatible_roles: king, storekeeper"),
        ('code = "verifier"', 'code = "king"', "roles.verifier: the register of roles has no word"),
        ('height_scale = "height"', "", "height_scale: the register of children goes by it"),
        ("stale_measure = { months = 9, months_under_six = 6 }", "", "stale_measure: the register"),
        ("stale_measure = { months = 9, months_under_six = 6 }", "", "size.from_register: stale_"),
        ("school_year_ends = { month = 5, day = 31 }", "", "grade.from_register: school_year_ends"),
    ],
)
def test_what_the_register_goes_by_is_in_its_pack(folder, old, new, told):
    change(folder, "versions/1.toml", old, new, pack=REGISTERS)
    with pytest.raises(PackNotValid) as refusal:
        read([folder])
    assert told in str(refusal.value)
    assert REGISTERS in str(refusal.value)


def test_two_packs_are_of_two_programmes(folder):
    change(folder, "programme.toml", 'code = "7/KH-TH"', 'code = "3874/KH-LĐTB&XH"')
    with pytest.raises(PackNotValid, match="is that of 2 packs"):
        read([folder])
