"""The journal on the disk: what is written stays, whoever takes it over meanwhile, and whatever was cut off."""

import threading
from pathlib import Path

from service.disclosure.journal import OPEN, Journal, has_lines, take_over, taking


def lines_in(files: list[Path]) -> list[bytes]:
    return [line for file in files for line in file.read_bytes().split(b"\n") if line]


def test_what_was_written_is_taken_over_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "access")
    assert not has_lines(journal.folder)
    journal.write([b"one", b"two"])
    journal.write([b"three"])
    assert has_lines(journal.folder)
    [taken] = take_over(journal.folder)
    assert lines_in([taken]) == [b"one", b"two", b"three"]
    assert take_over(journal.folder) == [taken]  # until it is deleted, after its lines are in the table
    taken.unlink()
    assert not has_lines(journal.folder)
    journal.write([b"four"])
    assert lines_in(take_over(journal.folder)) == [b"four"]
    journal.close()


def test_a_line_that_a_crash_cut_off_does_not_spoil_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "access"
    folder.mkdir()
    (folder / OPEN).write_bytes(b"\nwhole\n\ncut o")
    journal = Journal(folder)
    journal.write([b"after"])
    assert lines_in(take_over(folder)) == [b"whole", b"cut o", b"after"]
    journal.close()


def test_threads_of_several_hands_lose_nothing_while_lines_are_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "access"
    hands = [Journal(folder), Journal(folder)]
    found: list[bytes] = []

    def write(number: int) -> None:
        for count in range(25):
            hands[number % 2].write([b"%d-%d" % (number, count)])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or has_lines(folder):
        with taking(folder):
            for file in take_over(folder):
                found += lines_in([file])
                file.unlink()
    assert sorted(found) == sorted(b"%d-%d" % (number, count) for number in range(6) for count in range(25))
    for hand in hands:
        hand.close()
