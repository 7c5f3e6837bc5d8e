"""Documents on the disk and in the table: kept once, within the quota, gone when nobody names them any more."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from service.access import Caller
from service.documents import storing
from service.documents.keeping import (
    add_document,
    clean_name,
    find_document,
    list_documents,
    list_own,
    remove_document,
    used_bytes,
)
from service.domain.papers import RULES, Paper
from service.domain.passport.tiers import ALL, PUBLIC, Tier
from service.errors import NotFoundError, SettingsError
from service.imports.errors import FileRefusedError
from tests.service.documents.files import PDF, picture
from tests.service.passports.market import LAB, MAKER, OTHER_PACK, PACK, Market, open_market

NAMES = {
    "../../etc/passwd": "passwd", "..\\..\\boot.ini": "boot.ini", "/etc/shadow": "shadow", "C:\\a\\b.pdf": "b.pdf",
    "..": "..", "a\x00b\n.pdf": "ab.pdf", "照片\u202egpj.exe": "照片gpj.exe", "..%2f..%2fx": "..%2f..%2fx", "": "",
    "CON": "CON", "x" * 500: "x" * 200, "~/.ssh/id": "id", "file:///etc/passwd": "passwd", "a/../../b": "b",
}  # fmt: skip
"""S-30: what is given as a name, and what is shown of it. None of it is ever part of a path."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres").create_database()
    folder: Path = tmp_path_factory.mktemp("documents")
    with open_market(folder / "data", database_url=url) as opened:
        yield opened


@pytest.fixture(autouse=True)
def limits(market: Market) -> Iterator[None]:
    kept = market.register.settings
    yield
    market.register.settings = kept
    for operator in (MAKER, LAB):
        with market.register.read() as reader:
            left = list_own(reader.connection, operator)
        for each in left:
            remove_document(market.register, each.id)


def caller(operator: str = MAKER) -> Caller:
    return Caller(operator, frozenset({"record", "read"}), "key")


def pdf(number: int) -> bytes:
    return PDF.replace(b"endobj", b"endobj %d" % number)


def files_of(market: Market) -> list[Path]:
    return [file for file in (market.register.settings.data / "documents").rglob("*") if file.is_file()]


def test_what_is_kept_reads_back_and_is_named_by_its_content(market: Market) -> None:
    added = add_document(market.register, caller(), PACK, Paper.DISMANTLING_MANUAL, name="手册.pdf", data=PDF).document
    assert (added.digest, added.bytes, added.name) == (sha256(PDF).digest(), len(PDF), "手册.pdf")
    [file] = files_of(market)
    assert file.parent.name + file.name == sha256(PDF).hexdigest()
    assert b"Catalog" not in file.read_bytes()  # sealed: it is for part 2 only
    assert file.stat().st_mode & 0o077 == 0
    register = market.register
    assert storing.load(register.settings, register.vault, added.digest) == PDF
    with register.read() as reader:
        assert find_document(reader.connection, added.id) == added


def test_the_same_again_is_the_same_document(market: Market) -> None:
    first = add_document(market.register, caller(), PACK, Paper.TEST_REPORT, name="a", data=PDF)
    again = add_document(market.register, caller(), PACK, Paper.TEST_REPORT, name="b", data=PDF)
    assert (again.again, again.document) == (True, first.document)
    with market.register.read() as reader:
        assert used_bytes(reader.connection, MAKER) == len(PDF)


def test_bytes_go_with_the_last_document_that_names_them(market: Market) -> None:
    one, other = (
        add_document(market.register, caller(who), code, Paper.PHOTO, name="", data=picture()).document
        for who, code in ((MAKER, PACK), (LAB, OTHER_PACK))
    )
    assert one.digest == other.digest
    assert len(files_of(market)) == 1
    remove_document(market.register, one.id)
    assert len(files_of(market)) == 1
    remove_document(market.register, other.id)
    assert files_of(market) == []
    with pytest.raises(NotFoundError), market.register.read() as reader:
        find_document(reader.connection, one.id)
    with pytest.raises(NotFoundError):
        storing.load(market.register.settings, market.register.vault, one.digest)
    with market.register.read() as reader:
        assert used_bytes(reader.connection, MAKER) == used_bytes(reader.connection, LAB) == 0


def test_no_operator_has_more_than_its_quota(market: Market) -> None:
    settings = market.register.settings
    market.register.settings = replace(settings, documents=replace(settings.documents, quota=2 * len(pdf(1))))
    for number in (1, 2):
        add_document(market.register, caller(), PACK, Paper.TEST_REPORT, name="", data=pdf(number))
    with pytest.raises(FileRefusedError, match="remove some first"):
        add_document(market.register, caller(), PACK, Paper.TEST_REPORT, name="", data=pdf(3))
    assert len(files_of(market)) == 2
    add_document(market.register, caller(LAB), PACK, Paper.PHOTO, name="", data=pdf(3))
    with market.register.read() as reader:
        assert used_bytes(reader.connection, MAKER) == 2 * len(pdf(1))


def test_a_document_that_is_too_large_or_of_another_type_leaves_nothing(market: Market) -> None:
    settings = market.register.settings
    market.register.settings = replace(settings, documents=replace(settings.documents, bytes=len(PDF) - 1))
    for kind, data in (
        (Paper.TEST_REPORT, PDF),
        (Paper.PHOTO, b"<svg/>"),
        (Paper.DECLARATION_OF_CONFORMITY, b"\xff\xd8\xff"),
    ):
        with pytest.raises(FileRefusedError):
            add_document(market.register, caller(), PACK, kind, name="", data=data)
    assert files_of(market) == []


def test_a_list_holds_what_belongs_to_the_parts_that_are_asked_for(market: Market) -> None:
    for number, kind in enumerate(Paper):
        add_document(market.register, caller(), PACK, kind, name="", data=pdf(number))
    with market.register.read() as reader:
        for tiers in (PUBLIC, frozenset({Tier.PT1, Tier.PT4}), ALL):
            shown = {each.kind for each in list_documents(reader.connection, PACK, tiers)}
            assert shown == {kind for kind in Paper if RULES[kind].tier in tiers}
        assert list_documents(reader.connection, OTHER_PACK, ALL) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_for_people_and_no_part_of_a_path(market: Market, name: str) -> None:
    assert clean_name(name) == NAMES[name]
    added = add_document(market.register, caller(), PACK, Paper.PHOTO, name=name, data=PDF).document
    assert added.name == NAMES[name]
    assert [file.parent.name + file.name for file in files_of(market)] == [sha256(PDF).hexdigest()]


def test_a_file_that_was_tampered_with_is_not_handed_out(market: Market) -> None:
    added = add_document(market.register, caller(), PACK, Paper.PHOTO, name="", data=PDF).document
    [file] = files_of(market)
    sealed = bytearray(file.read_bytes())
    sealed[3] ^= 1
    file.write_bytes(sealed)
    with pytest.raises(SettingsError, match="not as it was written"):
        storing.load(market.register.settings, market.register.vault, added.digest)


def test_no_photo_is_for_everybody_and_every_rule_has_its_source() -> None:
    assert RULES.keys() == set(Paper)
    assert all(row.source for row in RULES.values())
    assert [row.paper for row in RULES.values() if row.images and row.tier is Tier.PT1] == []
