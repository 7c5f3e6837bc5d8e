"""What can be wrong with a file as a whole.

FaultyError (service.errors)
└── FileRefusedError   nothing more can be read of the file: `row` says where, if it was in a row
"""

from service.errors import Fault, FaultyError


class FileRefusedError(FaultyError):
    """A file that cannot be read as what it is. The first of `faults` says why, in English and Chinese."""

    def __init__(self, code: str, en: str, zh: str, *, row: int | None = None) -> None:
        if row is not None:
            en, zh = f"row {row}: {en}", f"第{row}行：{zh}"
        super().__init__(en, [Fault("", code, en, zh)])
        self.row = row
