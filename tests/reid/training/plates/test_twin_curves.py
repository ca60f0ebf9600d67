"""What a verifier's scores are worth against plates that differ in one character is measured on drawn plates."""

import numpy as np

from reid.plates.verify import SiameseNetwork, verifier_weights
from reid.training.plates.calibration import fit_twin_curves


def test_against_twins_a_score_is_worth_less_than_against_any_other_plate() -> None:
    weights = verifier_weights()
    assert weights is not None
    network = SiameseNetwork(weights)
    fitted = fit_twin_curves(network, groups=90, seed=7)
    assert fitted.model_id == weights.model_id
    well_seen, scores = np.full(3, fitted.curves.qualities[-3]), np.array([-2.0, 0.5, 3.0])
    against_twins = fitted.curves.at(scores, well_seen)
    assert (np.diff(against_twins) > 0).all()
    assert (against_twins[1:] < network.calibration().pairs.at(scores, well_seen)[1:]).all()
