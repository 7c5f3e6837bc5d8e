"""Passwords: which are taken, how they are kept, how they are checked.

Kept is Argon2id with 19 MiB and two passes, the least that OWASP's Password Storage Cheat Sheet (2025) names; a stored
hash of other parameters is made anew at the next login. One check costs some 30 ms of processor time and 19 MiB, so
only so many run at once in a process: who sends logins by the thousand waits, and nobody else does.

A password has 12 to 256 characters of any kind. Refused is what a guesser tries first: the login, a common password
with something around it, a run of the keyboard, a short pattern repeated. Source: NIST SP 800-63B-4, 3.1.1.2.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from service.errors import BusyError, Fault, RefusedError

SHORTEST, LONGEST = 12, 256
AT_ONCE = 2
WAIT_SECONDS = 5.0

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_PLACES = threading.BoundedSemaphore(AT_ONCE)
_RUNS = (
    *("01234567890", "abcdefghijklmnopqrstuvwxyz"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"),
)
_RUN = 5
_COMMON = frozenset(
    re.split(
        r"\s+",
        """password passw0rd p@ssword p@ssw0rd pass admin administrator root welcome letmein login master secret
        changeme iloveyou woaini monkey dragon sunshine princess football baseball superman batman shadow michael
        whatever trustno qwerty asdf zxcv abc test guest user default temp qazwsx company summer winter spring
        autumn hello access china zhongguo beijing shanghai chongqing chengdu packtrail battery dianchi mima""",
    )
)
_REST = re.compile(r"[\W\d_]+")


def normalise(password: str) -> str:
    """The same password however a keyboard composes its characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def hash_new(password: str, login: str) -> str:
    """The encoded hash of a password that somebody chose. Raises RefusedError for one that is too easy to guess."""
    chosen = normalise(password)
    fault = _find_fault(chosen, login)
    if fault is not None:
        raise RefusedError([fault])
    with _place():
        return _HASHER.hash(chosen)


def is_right(password: str, encoded: str | None) -> bool:
    """Whether it is the password of `encoded`. None, for a login that nobody has, takes as long and is never right."""
    with _place():
        other = _of_nobody()
        try:
            _HASHER.verify(encoded or other, normalise(password[: LONGEST + 1]))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return encoded is not None


def is_dated(encoded: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(encoded)


def hash_again(password: str) -> str:
    """The encoded hash, with today's parameters, of a password that is right already."""
    with _place():
        return _HASHER.hash(normalise(password))


@cache
def _of_nobody() -> str:
    return _HASHER.hash("the password of a login that nobody has")


@contextmanager
def _place() -> Iterator[None]:
    """One of the few places where hashes are computed. Raises BusyError where none becomes free."""
    if not _PLACES.acquire(timeout=WAIT_SECONDS):
        raise BusyError("too many logins at once: send the same again")
    try:
        yield
    finally:
        _PLACES.release()


def _find_fault(password: str, login: str) -> Fault | None:
    if not SHORTEST <= len(password) <= LONGEST:
        return _fault(
            "password_length",
            f"a password has {SHORTEST} to {LONGEST} characters; a sentence is easy to remember",
            f"密码为{SHORTEST}至{LONGEST}个字符；一句话最容易记住",
        )
    folded = password.casefold()
    if login and login.casefold() in folded:
        return _fault("password_login", "the password must not contain the login", "密码不得包含登录名")
    if _is_common(folded) or _is_periodic(folded) or _is_run(folded):
        return _fault(
            "password_common",
            "this password is among the first that are guessed: take several words that do not belong together",
            "该密码极易被猜中：请使用几个互不相关的词",
        )
    return None


def _fault(code: str, en: str, zh: str) -> Fault:
    return Fault("/password", code, en, zh)


def _is_common(folded: str) -> bool:
    """Whether nothing is left of it but common words, digits and signs."""
    words = [word for word in _REST.split(folded) if word]
    return all(word in _COMMON for word in words) or folded.strip("0123456789!@#$%^&*?.-_ ") in _COMMON


def _is_periodic(folded: str) -> bool:
    """Whether a pattern of at most four characters repeats."""
    return any((folded[:size] * len(folded))[: len(folded)] == folded for size in range(1, 5))


def _is_run(folded: str) -> bool:
    """Whether all of it is runs of neighbouring characters, forwards or backwards."""
    left = re.sub(r"\s", "", folded)
    while left:
        taken = next((size for size in range(len(left), _RUN - 1, -1) if _stands_in_a_row(left[:size])), 0)
        if not taken:
            return len(left) < _RUN
        left = left[taken:]
    return True


def _stands_in_a_row(text: str) -> bool:
    return any(text in run or text in run[::-1] for run in _RUNS)
