"""The optimizer's answers by brute force, straight from the definitions.

Nothing of the optimizer is used here: rules are read from the policy, money is added in integers and fractions, and
every set of winners is looked at. What does not follow from the set, the sizes of awards that may be cut freely, is a
small linear program per set.
"""

from oracle.oracle import Oracle
from oracle.whole import Best

__all__ = ["Best", "Oracle"]
