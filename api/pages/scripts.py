"""The scripts of the workshop and of the camera: what there is, and where a page finds it.

Modules import each other by relative address, so all stand under one address that carries the hash of them all: an
update gives every file a new one at once, and what a browser has kept never mixes with what is new. The decoder,
zxing-wasm, is among them where set-up could bring it (`make scanner`); without it the pages do without.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

_STATIC = Path(__file__).parents[1] / "static"
_OWN, _DECODER = _STATIC / "w", _STATIC / "vendor" / "zxing"
TYPES = {".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm"}


@dataclass(frozen=True)
class Scripts:
    """All files by name, packed by gzip, and the hash that stands for them. The decoder's names begin with `zxing/`."""

    version: str
    packed: Mapping[str, bytes]


@cache
def present_scripts() -> Scripts:
    """What is there, read once."""
    files = {path.name: path for path in sorted(_OWN.iterdir()) if path.suffix in TYPES}
    files |= {
        f"zxing/{path.relative_to(_DECODER)}": path for path in sorted(_DECODER.rglob("*")) if path.suffix in TYPES
    }
    contents = {name: path.read_bytes() for name, path in files.items()}
    whole = sha256()
    for name, content in contents.items():
        whole.update(b"%b %d\n%b" % (name.encode(), len(content), content))
    return Scripts(whole.hexdigest()[:12], {name: gzip.compress(each, mtime=0) for name, each in contents.items()})


def script_address(name: str) -> str:
    """The address of one of the files, e.g. `scan.js`."""
    return f"/w/code/{present_scripts().version}/{name}"
