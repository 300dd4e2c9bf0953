"""HiGHS that writes nothing: standard output is the command's own."""

from __future__ import annotations

import highspy


def silent_highs(**options: float | str) -> highspy.Highs:
    """Return HiGHS on one thread, without a word.

    Parameters
    ----------
    options
        Options of HiGHS by their names.
    """
    highs = _Silent()  # type: ignore[no-untyped-call]
    for name, value in {"threads": 1, **options}.items():
        highs.setOptionValue(name, value)
    return highs


class _Silent(highspy.Highs):
    def enableCallbacks(self) -> None:  # noqa: N802, a name of HiGHS
        # It is called while HiGHS is made, and HiGHS 1.16 writes who it is before it can be told not to.
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]
