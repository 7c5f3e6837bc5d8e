"""What answers hold. These schemas describe the answers in openapi.json; the tests hold every answer against them."""

from marshmallow import Schema, fields

HASH = {"description": "Base64 of 32 bytes", "pattern": "^[A-Za-z0-9+/]{43}=$"}
TIME = {"format": "date-time"}
PRIVATE = {
    "description": "By field, value and salt of what the entry commits to; or that it was erased",
    "additionalProperties": {
        "oneOf": [
            {"type": "object", "required": ["value", "salt"], "properties": {"value": {}, "salt": {"type": "string"}}},
            {"type": "object", "required": ["erased"], "properties": {"erased": {"const": True}}},
        ]
    },
}


class EntrySchema(Schema):
    """An entry and its proof. `entry` is left out for those who may not read it."""

    index = fields.Integer(required=True, metadata={"description": "Place in the register, from 0."})
    leaf_hash = fields.String(required=True, metadata=HASH)
    entry = fields.Dict(metadata={"description": "Canonical JSON, byte for byte as it was hashed."})
    private = fields.Dict(metadata=PRIVATE)
    proof = fields.String(required=True, metadata={"description": "C2SP tlog-proof text, with the checkpoint."})
    state = fields.String(
        metadata={
            "enum": ["recorded", "published", "witnessed"],
            "description": "Where a witnessed receipt was asked for. recorded: committed; published: a checkpoint that "
            "covers it is shown to everybody; witnessed: enough witnesses have cosigned such a checkpoint.",
        }
    )
    state_zh = fields.String(metadata={"enum": ["已记录", "已公示", "已见证"]})
    witnesses = fields.List(fields.String(), metadata={"description": "Who cosigned, where it is witnessed."})


class ReceiptSchema(EntrySchema):
    """The answer to a recorded event."""

    entry = fields.Dict(required=True, metadata={"description": "Canonical JSON, byte for byte as it was hashed."})


class FaultSchema(Schema):
    """One reason for a refusal."""

    pointer = fields.String(required=True, metadata={"description": "JSON pointer into the request's body."})
    code = fields.String(required=True)
    message = fields.String(required=True)
    message_zh = fields.String(required=True)
    source = fields.String(metadata={"description": "The clause behind the rule."})


class AbsenceSchema(Schema):
    """The log's map proves that none of its first `size` entries, received up to `at`, names the code."""

    size = fields.Integer(required=True)
    at = fields.String(required=True)
    later = fields.Integer(required=True, metadata={"description": "Entries since then: of these nothing is proven."})
    evidence = fields.String(required=True, metadata={"format": "uri", "description": "The proof, a bundle."})


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String(required=True, metadata={"format": "uri"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    code = fields.String(required=True)
    trace_id = fields.String(required=True, metadata={"pattern": "^[0-9a-f]{32}$"})
    errors = fields.List(fields.Nested(FaultSchema))
    index = fields.Integer(metadata={"description": "On a conflict, the entry that has the same id."})
    current = fields.Dict(metadata={"description": "On a conflict, the state in the way."})
    position = fields.Integer(metadata={"description": "In a code, the first character at fault, from 1."})
    absence = fields.Nested(AbsenceSchema, metadata={"description": "Of a battery that is not known."})
    results = fields.List(fields.Dict(), metadata={"description": "For a refused atomic batch, a result per event."})
    checks = fields.Dict(metadata={"description": "For /readyz, what was checked."})
    statusCode = fields.String(metadata={"description": "EN 18222, Table 15; of its own routes."})  # noqa: N815
    message = fields.List(fields.Dict(), metadata={"description": "EN 18222, Table 13; of its own routes."})


class BatchResultSchema(Schema):
    """What became of one event of a batch."""

    status = fields.Integer(required=True, metadata={"description": "201 recorded, 200 recorded before, or 4xx."})
    index = fields.Integer()
    leaf_hash = fields.String(metadata=HASH)
    entry = fields.Dict()
    proof = fields.String()
    problem = fields.Nested(ProblemSchema)


class ProblemKindSchema(Schema):
    """A kind of problem, as this register uses it."""

    type = fields.String(required=True)
    code = fields.String(required=True)
    status = fields.Integer(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    advice = fields.String(required=True)
    advice_zh = fields.String(required=True)


class ModelSchema(Schema):
    """A published battery model."""

    model_id = fields.String(required=True)
    maker = fields.String(required=True)
    body = fields.Dict(required=True, metadata={"description": "As it was published: see PublishModelBody."})


class DoubtSchema(Schema):
    """Entries signed with a key that are in doubt: `from` <= index < `to`."""

    start = fields.Integer(data_key="from", required=True)
    end = fields.Integer(data_key="to", required=True)
    reason = fields.String(required=True)


class KeySchema(Schema):
    """A signing key of an operator."""

    kid = fields.String(required=True)
    alg = fields.String(required=True)
    custody = fields.String(required=True, metadata={"enum": ["own", "service"]})
    public_key = fields.String(required=True, metadata={"description": "Base64."})
    since = fields.Integer(required=True, metadata={"description": "The first index at which it is valid."})
    until = fields.Integer(allow_none=True, metadata={"description": "The entry that ended it."})
    disputed = fields.List(
        fields.Nested(DoubtSchema), required=True, metadata={"description": "What it signed in doubt."}
    )


class LicenceSchema(Schema):
    """A licence of an operator. Without `valid_until` it has no last day."""

    licence = fields.String(required=True)
    number = fields.String(required=True)
    valid_from = fields.String(required=True)
    valid_until = fields.String()
    scope = fields.String()


class StandingSchema(Schema):
    """The authority's newest ruling. Without one an operator is active."""

    standing = fields.String(required=True, metadata={"description": "active, suspended or ended"})
    since = fields.String(required=True)
    reason = fields.String(required=True)


class OperatorSchema(Schema):
    """An enrolled economic operator."""

    operator_id = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String()
    roles = fields.List(fields.String(), required=True)
    region = fields.String(required=True)
    uscc = fields.String()
    licences = fields.List(fields.Nested(LicenceSchema))
    standing = fields.Nested(StandingSchema)
    keys = fields.List(fields.Nested(KeySchema), required=True)


class ApiKeySchema(Schema):
    """What may be shown of an API key."""

    id = fields.String(required=True)
    operator = fields.String(required=True)
    label = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    created_at = fields.String(required=True, metadata=TIME)
    expires_at = fields.String(required=True, metadata=TIME)
    revoked_at = fields.String(allow_none=True, metadata=TIME)
    replaced_by = fields.String(allow_none=True, metadata={"description": "The key that was made in its place."})
    last_used_at = fields.String(allow_none=True, metadata=TIME | {"description": "To the minute."})


class NewApiKeySchema(ApiKeySchema):
    """An API key, this once with its secret."""

    api_key = fields.String(required=True, metadata={"description": "Shown once; kept nowhere."})


class BatteryModelSchema(Schema):
    """What the label and the passport's public part say of the model."""

    model_id = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(allow_none=True)
    chemistry = fields.String(required=True)
    category = fields.String(required=True)
    level = fields.String(required=True)
    capacity_mah = fields.Integer(required=True)
    energy_wh = fields.Integer(required=True)
    voltage_mv = fields.Integer(required=True)
    mass_g = fields.Integer(required=True)
    extinguishing_agent = fields.String(allow_none=True)
    hazard_en = fields.String(allow_none=True)
    hazard_zh = fields.String(allow_none=True)


class BatterySchema(Schema):
    """The present state of a battery. `state` is left out for those who see the public part only."""

    code = fields.String(required=True)
    level = fields.String(required=True)
    op_state = fields.String(required=True)
    life_status = fields.String(required=True)
    passport = fields.String(required=True)
    made_on = fields.String(required=True, metadata={"format": "date"})
    gtin = fields.String(allow_none=True)
    mass_g = fields.Integer(required=True)
    capacity_mah = fields.Integer(required=True)
    energy_wh = fields.Integer(required=True)
    flags = fields.List(fields.String(), required=True)
    maker = fields.Dict(required=True, metadata={"description": "Id and names of the maker."})
    model = fields.Nested(BatteryModelSchema, allow_none=True)
    size = fields.Integer(required=True, metadata={"description": "Of the register, as of which this was true."})
    checkpoint = fields.String(required=True, metadata={"description": "Signed note over that size."})
    state = fields.Dict(metadata={"description": "Every value that is kept of the battery."})


class StepSchema(Schema):
    """One entry of a battery's life. What stands from `actor` on is left out for those who see the public part only."""

    seq = fields.Integer(required=True, metadata={"description": "Place in the battery's life, from 1."})
    index = fields.Integer(required=True)
    leaf_hash = fields.String(required=True, metadata=HASH)
    proof = fields.String(required=True)
    type = fields.String(required=True)
    title = fields.String(required=True)
    title_zh = fields.String(required=True)
    roles = fields.List(fields.String(), required=True, metadata={"description": "Of who recorded it."})
    occurred_at = fields.String(required=True, metadata=TIME)
    received_at = fields.String(required=True, metadata=TIME)
    disputed = fields.Boolean(
        required=True, metadata={"description": "Whether the key that signed it is said to have been in wrong hands."}
    )
    corrected_by = fields.String(metadata={"description": "The id of the newest event that corrects it, if any."})
    actor = fields.String()
    entry = fields.Dict()
    private = fields.Dict(metadata=PRIVATE)


class DeclaredSchema(StepSchema):
    """The entry that lists a module or cell, which names its pack only and so counts as none of the part's own."""

    class Meta:
        exclude = ("seq",)

    code = fields.String(required=True, metadata={"description": "Of the pack."})


class MapProofSchema(Schema):
    """Proof that nothing was left out before entry `size`: ledger/README.md, section 12."""

    size = fields.Integer(required=True, metadata={"description": "Of the register's first entries, none is missing."})
    received_at = fields.String(required=True, metadata=TIME)
    commitment = fields.Dict(required=True, metadata={"description": "The entry commit_map: index, entry and proof."})
    lookup = fields.Dict(required=True, metadata={"description": "The battery's bucket of the map, and its path."})


class HistorySchema(Schema):
    """The life of a battery, oldest step first."""

    code = fields.String(required=True)
    count = fields.Integer(required=True, metadata={"description": "Of all its entries, those not shown included."})
    whole = fields.Boolean(required=True, metadata={"description": "Whether all steps are shown, with their entries."})
    size = fields.Integer(required=True)
    checkpoint = fields.String(required=True)
    declared_in = fields.Nested(DeclaredSchema, required=True, allow_none=True)
    accounted_in = fields.Nested(DeclaredSchema, required=True, allow_none=True)
    map = fields.Nested(MapProofSchema, required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    documents = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        metadata={"description": "Up to 100, newest first: see /v1/documents. A step cites one by its digest."},
    )


class ReadySchema(Schema):
    """Whether this process can do its work."""

    ready = fields.Boolean(required=True)
    checks = fields.Dict(keys=fields.String(), required=True)


RECEIPT, ENTRY, BATCH_RESULTS = ReceiptSchema(), EntrySchema(), BatchResultSchema(many=True)
PROBLEM, PROBLEM_KINDS = ProblemSchema(), ProblemKindSchema(many=True)
PROBLEM_KIND = ProblemKindSchema()
MODEL, MODELS = ModelSchema(), ModelSchema(many=True)
OPERATOR, OPERATORS = OperatorSchema(), OperatorSchema(many=True)
API_KEYS, NEW_API_KEY = ApiKeySchema(many=True), NewApiKeySchema()
BATTERY, HISTORY, READY = BatterySchema(), HistorySchema(), ReadySchema()
