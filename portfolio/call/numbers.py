"""Numbers and arrays of numpy and pandas, as Python's own."""

from __future__ import annotations

from typing import Any

import numpy as np


def own_numbers(value: Any) -> Any:
    """Return a value with the numbers, arrays and columns of numpy and pandas in it as those of Python.

    A small float becomes the decimal that it prints as, since that is what was meant: ``np.float32(0.1)`` is 0.1.
    """
    match value:
        case str() | int() | float() | None:
            # Most values; a float of numpy is one of Python that prints otherwise.
            return float(value) if type(value) is np.float64 else value
        case dict():
            return {key: own_numbers(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(map(own_numbers, value)) if type(value) in (list, tuple) else value
        case np.ndarray() | np.generic() if value.dtype.kind == "f" and value.dtype.itemsize < 8:
            return np.asarray(value).astype(str).astype(float).tolist()
        case _:
            # Arrays, their numbers, and the columns of pandas.
            return value.tolist() if hasattr(value, "tolist") else value
