"""The arrays that the optimizer works on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
# Whole numbers of any length.
Objects = npt.NDArray[np.object_]
# Sentences, one per proposal.
Texts = npt.NDArray[np.object_]
