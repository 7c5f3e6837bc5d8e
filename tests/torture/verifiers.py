"""The two verifiers on files that were changed: each must say the same of every one, and both must refuse some."""

from tests.torture.verdict import Verdict
from tests.verifier.agreement import agree


def both_agree(count: int, seed: int) -> Verdict:
    """All listed files and so many drawn ones; in a long run a flip in every byte of an export too."""
    found = agree(count, seed, every_byte=count >= 1000)
    counts = {"files": found.files, "disagreements": len(found.disagreements)}
    counts |= {f"both say {code}": number for code, number in sorted(found.verdicts.items())}
    blind = () if found.verdicts[0] and found.verdicts[1] else ("nothing was refused, or nothing held",)
    return Verdict(counts, (*found.disagreements, *blind))
