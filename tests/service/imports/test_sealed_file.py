"""What is uploaded stands sealed on the disk, and is read at any place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import SettingsError
from service.imports.sealed_file import BLOCK, SealingWriter, open_sealed
from service.keys.vault import Vault

VAULT = Vault(b"k" * 32)


def write(file: Path, *pieces: bytes) -> None:
    writer = SealingWriter(file, VAULT)
    for piece in pieces:
        writer.write(piece)
    writer.finish()


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17])
def test_what_was_written_is_read(tmp_path: Path, size: int) -> None:
    data = bytes(n % 251 for n in range(size))
    write(tmp_path / "a", data[: size // 3], data[size // 3 :])
    with open_sealed(tmp_path / "a", VAULT) as stream:
        assert stream.read() == data
    assert data[:64] not in (tmp_path / "a").read_bytes()
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


@given(places=st.lists(st.tuples(st.integers(0, 3 * BLOCK), st.integers(0, 2 * BLOCK)), max_size=8))
def test_it_is_read_at_any_place(tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, int]]) -> None:
    file = tmp_path_factory.mktemp("sealed") / "a"
    data = bytes(n * 7 % 256 for n in range(2 * BLOCK + 999))
    write(file, data)
    with open_sealed(file, VAULT) as stream:
        for place, count in places:
            stream.seek(place)
            assert stream.read(count) == data[place : place + count]


def test_another_name_another_key_a_changed_byte_and_a_cut_file_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    write(file, b"x" * (2 * BLOCK))
    sealed = file.read_bytes()
    (tmp_path / "b").write_bytes(sealed)
    for name, vault in (("b", VAULT), ("a", Vault(b"o" * 32))):
        with pytest.raises(SettingsError), open_sealed(tmp_path / name, vault) as stream:
            stream.read()
    for damaged in (sealed[:100] + b"!" + sealed[101:], sealed[: 2 * (BLOCK + 16)], sealed[:-1], b""):
        file.write_bytes(damaged)
        with pytest.raises(SettingsError), open_sealed(file, VAULT) as stream:
            stream.read()
