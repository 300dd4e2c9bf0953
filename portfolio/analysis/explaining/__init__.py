"""Why a proposal was decided as it was, and what it would cost or take to decide otherwise."""
