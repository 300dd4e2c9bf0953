"""Awards for publication, as the 360Giving Data Standard has them."""

from portfolio.report.giving.files import refuse_giving_suffix, write_giving
from portfolio.report.giving.grants import grants_of, package_of, without_identifier
from portfolio.report.giving.publication import Publication, read_publication

__all__ = [
    "Publication",
    "grants_of",
    "package_of",
    "read_publication",
    "refuse_giving_suffix",
    "without_identifier",
    "write_giving",
]
