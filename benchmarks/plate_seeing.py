"""Measure how well plates are told apart and read, drawn ones that no network has seen."""

from benchmarks.claim import say
from reid.evaluation.plate_levels import measure_level
from reid.evaluation.plate_pairs import Measured
from reid.evaluation.plate_reading import measure_reading
from reid.plates.read import spell

VERIFIED = ((12.0, 2), (16.0, 1), (24.0, 1))
READ = ((16.0, 1), (24.0, 1), (40.0, 0))
"""Heights in pixels, and how badly the camera sees."""
SEED = 10_000


def claim_verification(plates: int) -> None:
    """Tell plates from others and from twins, by looks, by reading, and by both."""
    for level in VERIFIED:
        by = {one.method: one for one in measure_level(plates, level, seed=SEED, read=True)}
        where = f"{level[0]:g} px high, severity {level[1]}, {plates} unseen drawn plates"
        for kind in ("other", "twins"):
            _say_told(f"plates told from {kind}: AUC of looks and reading together, {where}", kind, by)


def _say_told(claim: str, kind: str, by: dict[str, Measured]) -> None:
    both, text = (getattr(by[method], kind) for method in ("both", "text"))
    say(
        f"{claim}, {both.negatives} different pairs, [{both.auc.low:.4f}, {both.auc.high:.4f}]",
        value=both.auc.value,
        unit="AUC",
        peer="reading alone",
        peer_value=text.auc.value,
        less_is_better=False,
        correct=both.auc.value >= text.auc.low,
    )


def claim_reading(plates: int) -> None:
    """Read plates whose corners are known, and say how far the confidence can be believed."""
    for height_px, severity in READ:
        score = measure_reading(spell, plates, height_px, severity, seed=SEED)
        where = f"{height_px:g} px high, severity {severity}, {plates} unseen drawn plates"
        say(
            f"plates read exactly, {where}, [{score.exact.low:.3f}, {score.exact.high:.3f}]",
            value=score.exact.value or 0.0,
            unit="share",
            peer="any text given, right or wrong",
            peer_value=score.given.value or 0.0,
            less_is_better=False,
            correct=score.sure.value is None or score.sure.value >= 0.9,
        )
