"""Every parser that reads what others send: how it is called, something it takes, and the one way it may refuse."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from marshmallow import ValidationError

from api.language import choose_language
from api.pages.address import WrongAddressError, read_code_path, read_digital_link, read_typed
from api.pages.negotiation import choose_form
from api.schemas.envelopes import parse_envelope
from labels.errors import LabelError
from labels.link import hosts_of
from ledger import canonical, strict
from ledger.bundle import parse_bundle as parse_evidence
from ledger.entry import parse_entry, parse_event, parse_hash, parse_time
from ledger.errors import LedgerError, MalformedError
from ledger.map import Lookup, format_lookup, parse_commitment, parse_lookup, parse_rows
from ledger.notes.cosignature import Ed25519Cosigner
from ledger.notes.note import format_signing_key, open_note, parse_signatures, parse_signing_key, parse_vkey, sign_note
from ledger.notes.policy import parse_policy
from ledger.notes.treehead import parse_checkpoint
from ledger.notes.witness import parse_add_checkpoint, parse_cosignatures
from ledger.receipt import parse_receipt
from ledger.signing.jws import parse_jws
from ledger.tile import parse_bundle, parse_bundle_path, parse_tile_path
from ledger.verification.contradiction import Contradiction, Side, format_contradiction, parse_contradiction
from ledger.verification.verified import State, format_state, parse_state
from service.domain.errors import InvalidBody, InvalidCode
from service.domain.gbt34014 import parse_code
from service.domain.gs1 import parse_gtin, parse_serial
from service.domain.identifiers.digital_link import parse_path
from service.domain.identifiers.element_string import parse_element_string
from service.domain.identifiers.identification_link import parse_identification_link
from service.domain.identifiers.recognition import identify
from service.domain.passport.content import parse_content
from service.domain.uscc import parse_uscc
from service.domain.uuid7 import parse_uuid7
from service.domain.vin import parse_vin
from service.epcis.documents import open_document
from service.epcis.errors import QueryParameterError, TooManyEventsError
from service.epcis.querying import parse_query
from service.errors import RefusedError
from service.imports.errors import FileRefusedError
from service.imports.limits import Limits
from service.imports.opening import open_rows
from service.imports.sniffing import sniff_encoding, sniff_form
from service.passports.elements import parse_path as parse_element_path
from service.reports.errors import ReportFormatError
from service.reports.layout import parse_layout
from tests.api.epcis.documents import document, events_of
from tests.ledger import golden
from tests.service.domain.story import PACK
from tests.service.imports.packs import pack_file
from tests.service.imports.workbooks import text_row, workbook
from tests.service.passports.contents import CONTENT
from tests.verifier.case import bundle_case, export_case, receipt_case
from tests.verifier.scenes import short_scene

GTIN, VIN = "09521234000013", "LSVAU2A34N2183294"


@dataclass(frozen=True, slots=True)
class Parser:
    """`read` gives a value or raises `refusal`. seeds: bytes that it takes."""

    name: str
    read: Callable[[bytes], object]
    refusal: type[Exception] | tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]


def parsers() -> list[Parser]:
    """All of them."""
    return [*_of_the_log(), *_of_identifiers(), *_of_documents()]


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    """Of bytes as a command line or an address hands them over: half a surrogate pair is possible."""
    return lambda data: parse(data.decode("utf-8", "surrogateescape"))


def _json(parse: Callable[[Any], object]) -> Callable[[bytes], object]:
    """Of decoded JSON; bytes that are none are refused before."""
    return lambda data: parse(canonical.parse_json(data))


def _open_note(data: bytes) -> object:
    return open_note(data, [parse_vkey(golden.LOG_KEY.vkey)])


def _of_the_log() -> list[Parser]:
    scene = short_scene()
    entry, lines = golden.entry(), scene.log.lines
    evidence = bundle_case("evidence", scene, PACK).file
    receipt = receipt_case("receipt", scene, 4).file
    note = export_case("export", scene).beside
    event, jws = json.dumps(golden.members()).encode(), canonical.decode(entry)["jws"]
    text, signatures = note.split(b"\n\n")
    vkey = golden.LOG_KEY.vkey.encode()
    witness = Ed25519Cosigner("w.example", b"w" * 32, timestamp=1).vkey.encode()
    body = {"batteries": 9, "buckets": 2, "root": "A" * 43 + "=", "size": 3}
    sides = Contradiction(1, (Side(note, bytes(32), ()), Side(note, b"x" * 32, (bytes(32),))))
    bundle = b"".join(len(line).to_bytes(2, "big") + line for line in lines[:3])
    rows = [
        ("canonical JSON", canonical.decode, (entry, event)),
        ("strict JSON", canonical.parse_json, (entry, event, evidence)),
        ("event", parse_event, (canonical.encode(golden.members()),)),
        ("entry", parse_entry, (entry, *lines)),
        ("base64", _text(strict.parse_base64), (b"QUJD", b"QQ==")),
        ("decimal", _text(strict.parse_decimal), (b"0", b"12345")),
        ("time", _text(parse_time), (b"2026-05-01T12:30:01.123Z",)),
        ("hash", _text(parse_hash), (b"A" * 43 + b"=",)),
        ("checkpoint", parse_checkpoint, (text + b"\n",)),
        ("note", _open_note, (note, sign_note(b"x\n", [golden.LOG_KEY]))),
        ("signatures of a note", parse_signatures, (signatures,)),
        ("verifier key", _text(parse_vkey), (vkey,)),
        ("signing key", _text(parse_signing_key), (format_signing_key("a.example", b"k" * 32).encode(),)),
        ("policy", parse_policy, (b"log " + vkey + b"\nwitness w " + witness + b" https://w.example\nquorum w\n",)),
        ("request to a witness", parse_add_checkpoint, (b"old 3\n" + b"A" * 43 + b"=\n\n" + note,)),
        ("answer of a witness", parse_cosignatures, (signatures,)),
        ("receipt", parse_receipt, (receipt,)),
        ("evidence", parse_evidence, (evidence,)),
        ("detached JWS", _text(parse_jws), (jws.encode(),)),
        ("path of a tile", _text(parse_tile_path), (b"tile/0/x001/234.p/5", b"tile/1/000")),
        ("path of a bundle", _text(parse_bundle_path), (b"tile/entries/x001/234.p/5",)),
        ("entry bundle", parse_bundle, (bundle,)),
        ("contradiction", parse_contradiction, (format_contradiction(sides),)),
        ("state of a verifier", parse_state, (format_state(State("a.example/log", 7, bytes(32))),)),
        ("map commitment", _json(parse_commitment), (json.dumps(body).encode(),)),
        ("map look-up", _json(parse_lookup), (json.dumps(format_lookup(Lookup((), (bytes(32),)))).encode(),)),
        ("map rows", _json(parse_rows), (b"[]", b'[["A1",1,"' + b"A" * 43 + b'="]]')),
    ]  # fmt: skip
    refusals: dict[str, Any] = {"note": LedgerError, "signing key": LedgerError, "verifier key": LedgerError}
    return [Parser(name, read, refusals.get(name, MalformedError), seeds) for name, read, seeds in rows]  # type: ignore[arg-type]


def _of_identifiers() -> list[Parser]:
    link, bracketed = f"/01/{GTIN}/21/A%2DB", f"(01){GTIN}(21)ABC"
    rows: list[tuple[str, Callable[[str], object], type[Exception] | tuple[type[Exception], ...], list[str]]] = [
        ("GB/T 34014", parse_code, InvalidCode, [PACK, "001PE12G810000001RP"]),
        ("Digital Link", parse_path, InvalidCode, [link, "/8004/9521234BATT7", "/414/9521234000013/254/A"]),
        ("element string", parse_element_string, InvalidCode, [bracketed, f"]C101{GTIN}21ABC\x1d10LOT"]),
        ("identification link", parse_identification_link, InvalidCode, ["https://id.maker.example/p/7"]),
        ("any code", identify, InvalidCode, [PACK, link, bracketed, f"https://id.example.cn{link}", VIN]),
        ("GTIN", parse_gtin, InvalidCode, [GTIN]),
        ("serial", parse_serial, InvalidCode, ["ABC-1"]),
        ("credit code", parse_uscc, InvalidCode, ["91350100M000100Y43"]),
        ("VIN", parse_vin, InvalidCode, [VIN]),
        ("UUIDv7", parse_uuid7, InvalidCode, ["01907c5e-7b1a-7c3d-8e4f-000000000001"]),
        ("address of a battery", read_code_path, WrongAddressError, [f"/b/{PACK}", f"/B/{quote('001/PE')}"]),
        ("address of GS1", read_digital_link, WrongAddressError, [link]),
        ("what is typed", read_typed, WrongAddressError, [PACK, bracketed, f"https://id.example.cn/b/{PACK}"]),
        ("address on a label", hosts_of, LabelError, [f"https://id.example.cn/b/{PACK}", f"https://id.example.cn{link}"]),
        ("JSONPath of an element", parse_element_path, RefusedError, ["$.mass.mass_g", "$['testReports'].reports[0]"]),
        ("Accept-Language", lambda text: choose_language(None, text), (), ["zh-CN,zh;q=0.9,en;q=0.8"]),
        ("Accept", choose_form, (), ["text/html,application/ld+json;q=0.9,*/*;q=0.1"]),
    ]  # fmt: skip
    return [Parser(name, _text(read), refusal, tuple(map(str.encode, seeds))) for name, read, refusal, seeds in rows]


def _of_documents() -> list[Parser]:
    epcis = json.dumps(document(*events_of("report_soh", PACK, id_="01907c5e-7b1a-7c3d-8e4f-000000000001"))).encode()
    query = {"eventType": "ObjectEvent", "GE_eventTime": "2026-01-01T00:00:00Z", "MATCH_epc": ["a", "b"]}
    told = {"type": "register", "subjects": [PACK], "occurred_at": "2026-02-26T12:30:01.123Z", "body": {"mass_g": 1}}
    layout = b'title = "x"\n[[reports]]\nduties = ["*"]\ncolumns = [{title = "x", field = "duty.id"}]\n'
    book = workbook([text_row(1, "a", "b"), text_row(2, "1", "2")])
    csv, lines = pack_file(range(3)), b'{"a":1}\n{"a":2}\n'
    both = (MalformedError, RefusedError, TooManyEventsError)
    return [
        Parser("EPCIS document", _json(open_document), both, (epcis,)),
        Parser("EPCIS query", _json(_query), (MalformedError, QueryParameterError), (json.dumps(query).encode(),)),
        Parser("envelope", _json(parse_envelope), (MalformedError, ValidationError), (json.dumps(told).encode(),)),
        Parser("passport", _json(parse_content), (MalformedError, InvalidBody), (json.dumps(CONTENT).encode(),)),
        Parser("report layout", _layout, ReportFormatError, (layout,)),
        Parser("file of rows", _rows, FileRefusedError, (csv, csv.decode().encode("gb18030"), lines, book)),
    ]  # fmt: skip


def _query(value: object) -> object:
    return parse_query(value) if isinstance(value, dict) else None


def _layout(data: bytes) -> object:
    return parse_layout(data.decode("utf-8", "replace"))


def _rows(data: bytes) -> list[object]:
    """The rows of an import, opened as it is done for a job."""
    stream = io.BytesIO(data)
    form = sniff_form(stream)
    return list(open_rows(stream, form, sniff_encoding(stream), Limits()))
