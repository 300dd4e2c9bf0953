"""How sure a decision is, exactly: dominance over intervals of scores and incomplete weights."""
