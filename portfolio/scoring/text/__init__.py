"""How basic a proposal reads: from title and abstract to a probability, with the words that drove it."""
