"""The strict rule of Ed25519 verification in big integers: slow, obvious, and independent of every library.

A signature (R, S) by key A over message M is accepted if and only if

1. S is less than the order L of the base point;
2. A is the canonical encoding of a point of the curve, and that point is not of small order;
3. R decodes to a point, which is not of small order;
4. the encoding of [S]B - [SHA512(R || A || M) mod L]A is byte for byte R.

Source: RFC 8032 section 5.1; points 2 to 4 narrow its freedoms to what libsodium does.
"""

from hashlib import sha512

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    t = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def multiply(scalar: int, point: Point) -> Point:
    total = NEUTRAL
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point | None:
    """The point, also of an encoding that is not canonical; None if no point has this y."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, (number & (1 << 255) - 1) % P
    x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x_squared, (P + 3) // 8, P)
    if x * x % P != x_squared:
        x = x * SQRT_MINUS_1 % P
    if x * x % P != x_squared:
        return None
    return (-x % P if x & 1 != sign else x, y)


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
assert BASE is not None


def is_small(point: Point) -> bool:
    return multiply(8, point) == NEUTRAL


def accepts(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the rule accepts. The key has 32 bytes."""
    assert BASE is not None
    if len(signature) != 64:
        return False
    encoded_r, s = signature[:32], int.from_bytes(signature[32:], "little")
    a, r = decode(public_key), decode(encoded_r)
    if s >= L or a is None or encode(a) != public_key or is_small(a) or r is None or is_small(r):
        return False
    k = int.from_bytes(sha512(encoded_r + public_key + message).digest(), "little") % L
    minus_a = (-a[0] % P, a[1])
    return encode(add(multiply(s, BASE), multiply(k, minus_a))) == encoded_r


def is_prime_order(public_key: bytes) -> bool:
    """Whether the bytes are the canonical encoding of a point of order L."""
    point = decode(public_key)
    return point is not None and encode(point) == public_key and point != NEUTRAL and multiply(L, point) == NEUTRAL
