"""Score embedders, detectors and plate models, with intervals and calibration."""
