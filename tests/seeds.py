"""How many random cases a test looks at: few in a test run, as many as somebody asks for at night."""

from __future__ import annotations

import os


def seeds(variable: str, usual: int) -> range:
    """Return the seeds that a variable of the environment asks for: ``20000`` from 0, or ``40000-43000``."""
    first, dash, last = os.environ.get(variable, str(usual)).partition("-")
    return range(int(first), int(last)) if dash else range(int(first))
