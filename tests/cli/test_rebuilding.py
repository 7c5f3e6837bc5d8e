"""packtrail rebuild."""

import json
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite3

from tests.cli.conftest import call


def test_damaged_tables_are_derived_anew(own: Path) -> None:
    with sqlite3.connect(own / "register.db") as connection:
        connection.execute("DELETE FROM battery WHERE code > 'ZD1P'")
    connection.close()
    assert call("verify", own).exit_code == 1
    result = call("rebuild", "--data", own, "--json")
    assert result.exit_code == 0
    verified = call("verify", own, "--json")
    assert verified.exit_code == 0
    assert json.loads(result.stdout)["entries"] + 1 == json.loads(verified.stdout)["size"], "an entry says it was done"
