"""Awards as grants of the 360Giving Data Standard, version 1.4.

Source: 360Giving Data Standard 1.4, https://standard.threesixtygiving.org: ten core fields, identifiers of grants,
organisations and individuals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from portfolio.call.columns import nearest_column
from portfolio.errors import DataError, Issue
from portfolio.report.decisions import FILE
from portfolio.report.giving.publication import Publication
from portfolio.report.stored import StoredDecision
from portfolio.report.stored_tables import stored_decisions

VERSION = "1.4"
# What identifiers should not hold: blanks, slashes and other special characters become an underscore.
_SPECIAL = re.compile(r"[^\w.:-]+")
_SHOWN = 5


def grants_of(decision: StoredDecision, publication: Publication) -> tuple[Mapping[str, Any], ...]:
    """Return a grant for every award, sorted by the id of the proposal.

    Returns
    -------
    tuple of mappings
        With the fields of the standard; money in units of the currency.

    Raises
    ------
    DataError
        If a required field is missing: all columns with the ids of the awards concerned.
    """
    table = stored_decisions(decision)
    awards = table.filter(pl.col("decision") == "funded")
    _refuse_missing(decision, awards, publication)
    names = {name: _identifier(publication.prefix, name) for name in awards["id"]}
    special = ", in which some characters must not stand"
    _refuse_same(names, "id", special, "give them ids of letters, digits, - and _")
    if publication.recipient == "organization":
        receiving = {name: _organization(publication, name) for name in awards["institution"].unique().sort()}
        hint = (
            "give each its own identifier under [organizations]; if they are spellings of one institution, give it "
            "one name in the proposals and decide again, so that its limits count all of its awards"
        )
        _refuse_same(receiving, "institution", "", hint)
    currency = decision.policy.currency
    return tuple(_grant(row, names[row["id"]], publication, currency) for row in awards.iter_rows(named=True))


def package_of(decision: StoredDecision, publication: Publication) -> Mapping[str, Any]:
    """Return the grants of a decision with what the standard says of a file of them."""
    package: dict[str, Any] = {
        "version": VERSION,
        "title": f"Awards of {publication.funder_name}, {publication.award_date.isoformat()}",
        "publisher": {"name": publication.funder_name, "identifier": publication.funder_id},
        "grants": list(grants_of(decision, publication)),
    }
    issued = publication.issued.isoformat() if publication.issued else None
    stated = {"issued": issued, "license": publication.license}
    return package | {name: value for name, value in stated.items() if value}


def without_identifier(decision: StoredDecision, publication: Publication) -> tuple[str, ...]:
    """Return the institutions of awards for which the publication has no identifier, sorted."""
    if publication.recipient == "individual":
        return ()
    table = stored_decisions(decision)
    named = table.filter(pl.col("decision") == "funded")["institution"].unique().drop_nulls()
    return tuple(sorted(set(named) - set(publication.organizations)))


def _grant(row: Mapping[str, Any], name: str, publication: Publication, currency: str) -> Mapping[str, Any]:
    cells = {column: row[column] for column in publication.columns}
    grant: dict[str, Any] = {
        "id": name,
        "title": publication.title.format_map(cells),
        "description": publication.description.format_map(cells),
        "currency": currency,
        "amountAppliedFor": _number(row["amount_requested"]),
        "amountAwarded": _number(row["amount_awarded"]),
        "awardDate": publication.award_date.isoformat(),
        "fundingOrganization": [{"id": publication.funder_id, "name": publication.funder_name}],
    }
    if publication.recipient == "individual":
        # The standard wants individuals to be anonymous: the identifier is that of the grant, and there is no name.
        grant["recipientIndividual"] = {"id": f"{name}-recipient", "name": "Individual Recipient"}
    else:
        institution = row["institution"]
        identifier = _organization(publication, institution)
        grant["recipientOrganization"] = [{"id": identifier, "name": institution}]
    if publication.programme:
        grant["grantProgramme"] = [{"title": publication.programme}]
    stated = {"fromOpenCall": publication.from_open_call, "url": publication.url}
    return grant | {name: value for name, value in stated.items() if value}


def _organization(publication: Publication, institution: str) -> str:
    return publication.organizations.get(institution) or _identifier(publication.prefix, institution)


def _identifier(prefix: str, name: str) -> str:
    return f"{prefix}-{_SPECIAL.sub('_', name)}"


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


def _refuse_missing(decision: StoredDecision, awards: pl.DataFrame, publication: Publication) -> None:
    needed = dict.fromkeys(publication.columns, "the title or description of every grant names it")
    if publication.recipient == "organization":
        needed["institution"] = "the standard wants who receives a grant"
    issues = list(_missing(awards, needed, decision.policy.columns))
    if not awards.height:
        issues.append(
            Issue("funds nothing: there is no grant to publish", "publish another decision", file=FILE)
        )
    if issues:
        raise DataError(issues)


def _missing(awards: pl.DataFrame, needed: Mapping[str, str], mapped: Mapping[str, str]) -> Iterator[Issue]:
    for column, why in needed.items():
        hint = f"{why}; add the column to the proposals and decide again, or change the publication"
        if column not in awards.columns:
            likely = f"{nearest_column(column, awards.columns, mapped)}; otherwise {hint}"
            yield Issue("the decision has no such column", likely, file=FILE, column=column)
            continue
        empty = awards.filter(pl.col(column).is_null())["id"].to_list()
        if empty:
            more = f" and {len(empty) - _SHOWN:,} more" if len(empty) > _SHOWN else ""
            number = f"{len(empty):,} award{'' if len(empty) == 1 else 's'}"
            what = f"is empty for {number}: {', '.join(empty[:_SHOWN])}{more}"
            yield Issue(what, hint, file=FILE, column=column)


def _refuse_same(names: Mapping[str, str], column: str, why: str, hint: str) -> None:
    counts = Counter(names.values())
    same = [name for name, made in names.items() if counts[made] > 1]
    if same:
        what = f"these have one identifier{why}: {', '.join(same[:_SHOWN])}"
        raise DataError([Issue(what, hint, file=FILE, column=column)])
