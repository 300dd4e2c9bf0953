"""The published file: JSON as the standard has it, or its flat form for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from portfolio.call.columns import Column, Kind
from portfolio.call.csvfile import write_csv
from portfolio.call.excel import refuse_unprintable
from portfolio.call.files import atomic_write, refuse_suffix
from portfolio.call.kept import kept
from portfolio.call.money import exponent
from portfolio.report.giving.grants import grants_of, package_of
from portfolio.report.giving.publication import Publication
from portfolio.report.layout import as_json
from portfolio.report.stored import StoredDecision
from portfolio.report.workbook.layout import write_sheets
from portfolio.report.workbook.sheet import Sheet

_SUFFIXES = (".json", ".csv", ".xlsx")
# The titles of the standard for its flat form, the type of their cells, and the path of each in a grant.
_FLAT: Sequence[tuple[str, Kind, tuple[str | int, ...]]] = (
    ("Identifier", "text", ("id",)),
    ("Title", "text", ("title",)),
    ("Description", "text", ("description",)),
    ("Currency", "text", ("currency",)),
    ("Amount Applied For", "money", ("amountAppliedFor",)),
    ("Amount Awarded", "money", ("amountAwarded",)),
    ("Award Date", "date", ("awardDate",)),
    ("URL", "text", ("url",)),
    ("Recipient Org:Identifier", "text", ("recipientOrganization", 0, "id")),
    ("Recipient Org:Name", "text", ("recipientOrganization", 0, "name")),
    ("Recipient Ind:Identifier", "text", ("recipientIndividual", "id")),
    ("Recipient Ind:Name", "text", ("recipientIndividual", "name")),
    ("Funding Org:Identifier", "text", ("fundingOrganization", 0, "id")),
    ("Funding Org:Name", "text", ("fundingOrganization", 0, "name")),
    ("Grant Programme:Title", "text", ("grantProgramme", 0, "title")),
    ("From An Open Call?", "text", ("fromOpenCall",)),
)


def write_giving(decision: StoredDecision, path: str | Path, publication: Publication) -> None:
    """Write the awards of a decision as grants of the 360Giving Data Standard 1.4.

    Nothing is written unless every grant has the ten core fields of the standard. The same decision and publication
    give the same bytes.

    Parameters
    ----------
    decision
        As `read_decision` gives it.
    path
        ``.json`` for a package of grants, ``.csv`` or ``.xlsx`` for the flat form with the titles of the standard.
    publication
        What no decision knows: see `read_publication`.

    Raises
    ------
    DataError
        If a required field is missing, with all columns and awards.
    OSError
        If the file cannot be written, its suffix names no format, or it is one of the decision.
    """
    file = Path(path)
    refuse_giving_suffix(file)
    currency = decision.policy.currency
    if file.suffix.lower() == ".json":
        text = as_json(package_of(decision, publication))
        with kept(decision.files), atomic_write(file) as temporary:
            temporary.write_bytes(text.encode())
        return
    sheet = _flat_sheet(grants_of(decision, publication), currency)
    with kept(decision.files), atomic_write(file) as temporary:
        if file.suffix.lower() == ".csv":
            write_csv(sheet.table, temporary)
        else:
            refuse_unprintable(sheet.table, file.name, "write .json instead")
            write_sheets([sheet], temporary, currency, f"Awards of {publication.funder_name}")


def refuse_giving_suffix(path: Path) -> None:
    """Refuse a file that `write_giving` cannot write; known before the work begins."""
    refuse_suffix(path, _SUFFIXES)


def _flat_sheet(grants: Sequence[Mapping[str, Any]], currency: str) -> Sheet:
    columns = list(_columns(grants, currency))
    definitions = tuple(Column(title, kind) for title, kind, _ in columns)
    return Sheet("grants", pl.DataFrame([series for _, _, series in columns]), definitions)


def _columns(grants: Sequence[Mapping[str, Any]], currency: str) -> Iterator[tuple[str, Kind, pl.Series]]:
    """Yield the columns of which some grant has a cell."""
    for title, kind, path in _FLAT:
        cells = [_at(grant, path) for grant in grants]
        if all(cell is None for cell in cells):
            continue
        if kind == "money":
            money = [Decimal(str(cell)) for cell in cells]
            yield title, kind, pl.Series(title, money, pl.Decimal(38, exponent(currency)))
        elif kind == "date":
            yield title, kind, pl.Series(title, [date.fromisoformat(cell) for cell in cells], pl.Date)
        else:
            yield title, kind, pl.Series(title, cells, pl.String)


def _at(grant: Mapping[str, Any], path: Sequence[str | int]) -> Any:
    here: Any = grant
    for part in path:
        if isinstance(part, str) and part not in here:
            return None
        here = here[part]
    return here
