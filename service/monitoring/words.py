"""What the evidence of each kind of misbehaviour proves, in plain words, and how to check it again."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.monitoring.misbehaviour import Kind

_SITE = """    python3 -m http.server 8000 --bind 127.0.0.1 --directory site &
    packtrail verify http://127.0.0.1:8000 --key vkeys"""
_SITE_SAYS = "exit code 1"


@dataclass(frozen=True, slots=True)
class Words:
    """`commands` are run in the evidence folder; `says` is what they answer."""

    english: str
    chinese: str
    commands: str
    says: str


WORDS: Mapping[Kind, Words] = {
    Kind.FORK: Words(
        "The log signed two checkpoints that contradict each other: the entry named in contradiction.json is one thing "
        "under held.checkpoint and another under shown.checkpoint. Only who has the log's signing keys can have made "
        "both. This proves it to everybody who has the verifier keys, without asking the register or the monitor.",
        "该日志签署了两个互相矛盾的检查点：contradiction.json 所指的条目在两个检查点下内容不同。"
        "只有持有日志签名密钥者才能做出这两个签名。"
        "任何持有验签公钥的人都可据此独立核实。",
        "    packtrail verify contradiction.json --key vkeys",
        "exit code 0, and that the log signed two histories",
    ),
    Kind.ROLLBACK: Words(
        "The log signed held.checkpoint. Later its address showed shown.checkpoint, which covers fewer entries. The "
        "entries in between were signed, so they existed; the register now does without them, as it would after an old "
        "backup was restored. Both signatures prove what was signed. That the address showed the smaller one is the "
        "word of the monitor: ask the register yourself.",
        "日志曾签署 held.checkpoint，之后其网址给出的 shown.checkpoint 所含条目更少。中间的条目曾被签署，现已不被提供"
        "（例如恢复了旧备份）。签名可独立核实；网址确曾给出较小的检查点，则以监测方的记录为凭，请自行查询。",
        f"{_SITE} --since held.checkpoint",
        f"{_SITE_SAYS}, and that the older checkpoint signs more entries",
    ),
    Kind.TILES: Words(
        "The hash tiles that the address served are not those of the tree that the log signed. The folder site holds "
        "them as a register would serve them; a file .served beside is a tile of an upper level. Anybody can check "
        "that they do not fit the signature. Tiles are not signed: that the address served them is the monitor's word.",
        "该网址提供的哈希哈希分块与日志签署的树不符。site 文件夹按原样保存这些哈希分块，任何人都可核对其与签名不符。"
        "哈希分块本身没有签名，网址确曾提供它们，以监测方的记录为凭。",
        _SITE,
        f"{_SITE_SAYS}; an upper tile is compared by hand: its hashes are roots of 256 hashes of the level below",
    ),
    Kind.ENTRY: Words(
        "The log signed one entry at this index and the address served another. entry.receipt proves which leaf hash "
        "was signed; entry.json is what was served. The entry was changed after it was signed. That the address served "
        "it is the word of the monitor.",
        "日志在该序号签署的条目与网址提供的条目不同。entry.receipt 证明被签署的叶哈希，entry.json 为网址所提供的内容。"
        "该条目在签署之后被改动。",
        "    packtrail verify entry.receipt --entry entry.json --key vkeys",
        "exit code 1: the entry is not the receipt's",
    ),
    Kind.CONTENT: Words(
        "The log signed a tree over entries that break its own rules: a chain, a signature, a key, or the map of the "
        "batteries is wrong. entries.ndjson holds all entries, and the checkpoint beside it is the log's signature "
        "over exactly these. This proves it to everybody who has the verifier keys.",
        "日志签署了违反自身规则的条目（链接、签名、密钥或电池映射有误）。"
        "entries.ndjson 为全部条目，旁边的检查点是日志对其的签名。"
        "任何持有验签公钥的人都可独立核实。",
        "    packtrail verify entries.ndjson --key vkeys",
        "exit code 1, and which entry is wrong",
    ),
    Kind.CHECKPOINT: Words(
        "The address showed a checkpoint that is not signed as it must be, or is of another log. This proves nothing "
        "against the log: anybody can have made it. Either the register or the way to it is not what it should be, or "
        "the log changed its keys and the monitor was not told.",
        "该网址给出的检查点签名不符合要求，或属于另一日志。这不足以指控该日志：任何人都可能伪造。"
        "也可能是日志更换了密钥而监测方未获知。",
        _SITE,
        f"{_SITE_SAYS}, and what is wrong with the checkpoint",
    ),
    Kind.UNWITNESSED: Words(
        "The log signed this checkpoint, but it lacks the cosignatures that policy.txt asks for, or bears a wrong one. "
        "By itself that is no proof against the log: witnesses may be away. But nobody vouches for one history.",
        "日志签署了该检查点，但副署的见证方少于 policy.txt 的要求（或签名有误）。"
        "这本身不构成证据，但无人担保各方看到同一历史。",
        f"{_SITE} --policy policy.txt",
        f"{_SITE_SAYS}, and what is wrong by the policy",
    ),
    Kind.STALL: Words(
        "The register answers, but for longer than allowed it has shown neither new entries nor fresh cosignatures. By "
        "itself that is no proof of a wrong. It may be at rest, or withhold what is new from this monitor.",
        "登记簿有应答，但超过允许时间既无新条目也无新的副署签名。这本身不构成证据，可能处于静止，也可能对监测方隐瞒新内容。",
        "    packtrail inspect held.checkpoint",
        "its size, to be compared with what others were shown",
    ),
}
