"""Name the array types that pass between modules."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
AnyFloats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]
AnyInts = npt.NDArray[np.signedinteger[Any]]
Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

Mask = npt.NDArray[np.uint8]
"""(height, width) pixels, 0 where the mask is off."""
