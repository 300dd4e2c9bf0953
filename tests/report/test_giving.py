"""Awards as grants: the core fields of the standard, complete or not at all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import polars as pl
import pytest
from small import call, policy

import portfolio as pf
from portfolio.report.giving import without_identifier

TEXT = {"type": "string", "minLength": 1}
ORGANIZATIONS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "required": ["id", "name"], "properties": {"id": TEXT, "name": TEXT}},
}
# What version 1.4 of the standard requires of a grant and of a file of them, written down from its reference.
REQUIRED: dict[str, Any] = {
    "type": "object",
    "required": ["grants"],
    "properties": {
        "version": {"const": "1.4"},
        "grants": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": [
                    "id",
                    "title",
                    "description",
                    "currency",
                    "amountAwarded",
                    "awardDate",
                    "fundingOrganization",
                ],
                "properties": {
                    "id": TEXT,
                    "title": TEXT,
                    "description": TEXT,
                    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                    "amountAppliedFor": {"type": "number"},
                    "amountAwarded": {"type": "number"},
                    "awardDate": {
                        "type": "string",
                        "pattern": r"^\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])$",
                    },
                    "fundingOrganization": ORGANIZATIONS,
                    "recipientOrganization": ORGANIZATIONS,
                    "recipientIndividual": {
                        "type": "object",
                        "required": ["id", "name"],
                        "properties": {"id": TEXT, "name": TEXT},
                    },
                    "fromOpenCall": {"enum": ["Yes", "No"]},
                },
                # Exactly one of the two.
                "oneOf": [{"required": ["recipientOrganization"]}, {"required": ["recipientIndividual"]}],
            },
        },
        "publisher": {"type": "object", "required": ["name"]},
    },
}
SAID = pf.Publication(
    prefix="360G-fund",
    funder_id="GB-CHC-1",
    funder_name="The Fund",
    award_date=date(2026, 6, 30),
    description="Research in {field}",
    organizations={"Uni A": "GB-EDU-7"},
)


def decide(folder: Path, of: pf.Call, budget: int = 10, currency: str = "EUR") -> pf.StoredDecision:
    rules = policy(budget, currency=currency)
    pf.write_decision(pf.optimize(pf.Call.from_frame(of.to_polars(), rules=rules), rules), folder)
    return pf.read_decision(folder)


def example(**changes: Any) -> pf.Call:
    columns = {
        "id": ["a/1", "b", "c d"],
        "amount": [1.5, 2, 100],
        "merit": [1.0, 2.0, 3.0],
        "title": ["=1+1", "Second", "Third"],
        "institution": ["Uni A", "Uni B", "Uni B"],
        "field": ["1.1", "1.2", "1.3"],
    }
    return call(**(columns | changes))


@pytest.fixture
def decision(tmp_path: Path) -> pf.StoredDecision:
    return decide(tmp_path / "decision", example())


def written(decision: pf.StoredDecision, said: pf.Publication, path: Path) -> dict[str, Any]:
    pf.write_giving(decision, path, said)
    package = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(package, dict)
    return package


def test_a_package_has_what_the_standard_requires(decision: pf.StoredDecision, tmp_path: Path) -> None:
    package = written(decision, SAID, tmp_path / "grants.json")
    jsonschema.validate(package, REQUIRED)
    assert package["grants"] == [dict(grant) for grant in pf.grants_of(decision, SAID)]
    first, second = package["grants"]
    assert first == {
        "id": "360G-fund-a_1",
        "title": "=1+1",
        "description": "Research in 1.1",
        "currency": "EUR",
        "amountAppliedFor": 1.5,
        "amountAwarded": 1.5,
        "awardDate": "2026-06-30",
        "fundingOrganization": [{"id": "GB-CHC-1", "name": "The Fund"}],
        "recipientOrganization": [{"id": "GB-EDU-7", "name": "Uni A"}],
    }
    # An institution without an official number: the prefix and the name, as the standard has it.
    assert second["recipientOrganization"] == [{"id": "360G-fund-Uni_B", "name": "Uni B"}]
    assert without_identifier(decision, SAID) == ("Uni B",)


def test_nothing_is_published_that_nobody_said(decision: pf.StoredDecision, tmp_path: Path) -> None:
    package = written(decision, SAID, tmp_path / "grants.json")
    assert not any("fromOpenCall" in grant for grant in package["grants"])
    assert "issued" not in package
    file = tmp_path / "grants.csv"
    pf.write_giving(decision, file, SAID)
    assert "From An Open Call?" not in pl.read_csv(file).columns


@pytest.mark.parametrize(("said", "published"), [("Yes", "Yes"), ("No", "No"), (True, "Yes"), (False, "No")])
def test_an_open_call_is_what_the_funder_says(
    decision: pf.StoredDecision, tmp_path: Path, said: str | bool, published: str
) -> None:
    publication = SAID.replace(from_open_call=said, issued=date(2026, 7, 1))
    package = written(decision, publication, tmp_path / "grants.json")
    jsonschema.validate(package, REQUIRED)
    assert {grant["fromOpenCall"] for grant in package["grants"]} == {published}
    assert package["issued"] == "2026-07-01"
    file = tmp_path / "grants.csv"
    pf.write_giving(decision, file, publication)
    assert set(pl.read_csv(file)["From An Open Call?"]) == {published}


@pytest.mark.parametrize("said", ["maybe", 1, ""])
def test_an_open_call_is_yes_or_no(said: object) -> None:
    with pytest.raises(ValueError, match="'Yes' or 'No'"):
        SAID.replace(from_open_call=said)


def test_a_published_grant_comes_out_as_it_was_published(tmp_path: Path) -> None:
    # BBC Children in Need to Mencap Cymru, as published in its own data in 2021.
    of = call(
        id=["2016-4157"],
        amount=[75406],
        merit=[1.0],
        title=["Grant to Mencap Cymru"],
        institution=["Mencap Cymru"],
        field=["friendships"],
    )
    said = SAID.replace(
        prefix="360G-CiN",
        funder_id="GB-CHC-802052",
        funder_name="BBC Children in Need",
        award_date=date(2017, 2, 9),
        organizations={"Mencap Cymru": "GB-CHC-222377"},
        programme="Main Grants",
    )
    package = written(decide(tmp_path / "d", of, 80_000, "GBP"), said, tmp_path / "grants.json")
    jsonschema.validate(package, REQUIRED)
    (grant,) = package["grants"]
    published = {
        "title": "Grant to Mencap Cymru",
        "currency": "GBP",
        "awardDate": "2017-02-09",
        "amountAwarded": 75406,
        "grantProgramme": [{"title": "Main Grants"}],
        "fundingOrganization": [{"id": "GB-CHC-802052", "name": "BBC Children in Need"}],
        "recipientOrganization": [{"id": "GB-CHC-222377", "name": "Mencap Cymru"}],
    }
    assert {name: grant[name] for name in published} == published


@pytest.mark.parametrize("core", ["id", "title", "description", "currency", "amountAwarded", "awardDate"])
def test_our_schema_refuses_what_lacks_a_core_field(decision: pf.StoredDecision, core: str) -> None:
    grants = [dict(grant) for grant in pf.grants_of(decision, SAID)]
    del grants[1][core]
    with pytest.raises(jsonschema.ValidationError, match=core):
        jsonschema.validate({"grants": grants}, REQUIRED)


def test_individuals_are_anonymous(tmp_path: Path) -> None:
    of = example(institution=[None, None, None], investigator=["Ada", "Bo", "Cy"])
    said = SAID.replace(recipient="individual")
    package = written(decide(tmp_path / "d", of), said, tmp_path / "grants.json")
    jsonschema.validate(package, REQUIRED)
    assert package["grants"][0]["recipientIndividual"]["name"] == "Individual Recipient"
    assert "Ada" not in (tmp_path / "grants.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", ["title", "description"])
def test_individuals_are_not_named_by_a_template(template: str) -> None:
    with pytest.raises(ValueError, match="individuals are published without their names"):
        pf.Publication(
            **(SAID.model_dump() | {"recipient": "individual", template: "{investigator}: {title}"})
        )


def test_two_institutions_never_share_an_identifier(tmp_path: Path) -> None:
    decision = decide(tmp_path / "d", example(institution=["A & B", "A / B", "Uni A"]))
    with pytest.raises(
        pf.DataError, match=r"column institution: .*one identifier.* A & B, A / B|A / B, A & B"
    ):
        pf.grants_of(decision, SAID)
    for shared in ({"A & B": "GB-CHC-9", "A / B": "GB-CHC-9"}, {"A / B": "360G-fund-A_B"}):
        with pytest.raises(pf.DataError, match=r"one identifier.*\n.*spellings of one institution"):
            pf.grants_of(decision, SAID.replace(organizations=shared))
    known = SAID.replace(organizations={"A & B": "GB-EDU-8"})
    recipients = [grant["recipientOrganization"][0]["id"] for grant in pf.grants_of(decision, known)]
    assert len(set(recipients)) == len(recipients)


def test_everything_that_is_missing_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    of = example(title=[None, "Second", "x"], institution=[None, None, "Uni"], field=[None, None, None])
    with pytest.raises(pf.DataError) as caught:
        pf.write_giving(decide(tmp_path / "d", of), tmp_path / "grants.json", SAID)
    told = {issue.column: issue.what for issue in caught.value.issues}
    assert told == {
        "title": "is empty for 1 award: a/1",
        "field": "the decision has no such column",
        "institution": "is empty for 2 awards: a/1, b",
    }
    assert not (tmp_path / "grants.json").exists()


def test_a_column_that_the_decision_has_not_is_named(decision: pf.StoredDecision) -> None:
    said = SAID.replace(description="{titel}")
    with pytest.raises(pf.DataError, match=r"column titel: .*\n.*did you mean 'title'"):
        pf.grants_of(decision, said)


def test_ids_that_would_become_one_are_refused(tmp_path: Path) -> None:
    decision = decide(tmp_path / "d", example(id=["a/1", "a 1", "c"]))
    with pytest.raises(pf.DataError, match=r"a 1, a/1"):
        pf.grants_of(decision, SAID)


def test_no_award_is_no_publication(tmp_path: Path) -> None:
    with pytest.raises(pf.DataError, match="funds nothing"):
        pf.grants_of(decide(tmp_path / "d", example(), 1), SAID)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_flat_form_says_the_same(decision: pf.StoredDecision, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"grants{suffix}"
    pf.write_giving(decision, file, SAID)
    if suffix == ".csv":
        rows = pl.read_csv(file, infer_schema=False).to_dicts()
        # A title is never a formula.
        assert rows[0]["Title"] == "'=1+1"
        assert rows[0]["Award Date"] == "2026-06-30"
    else:
        head, *body = openpyxl.load_workbook(file)["grants"].iter_rows()
        rows = [dict(zip([c.value for c in head], [c.value for c in line], strict=True)) for line in body]
        assert body[0][1].data_type == "s"
        assert rows[0]["Award Date"].date() == date(2026, 6, 30)
    for row, grant in zip(rows, pf.grants_of(decision, SAID), strict=True):
        assert row["Identifier"] == grant["id"]
        assert float(row["Amount Awarded"]) == grant["amountAwarded"]
        assert row["Recipient Org:Identifier"] == grant["recipientOrganization"][0]["id"]
        assert row["Funding Org:Name"] == "The Fund"
        assert "Recipient Ind:Name" not in row


_FUND = 'prefix = "360G-fund"\nfunder_id = "GB-CHC-1"\nfunder_name = "The Fund"\naward_date = 2026-06-30\n'


@pytest.mark.parametrize("suffix", [".json", ".csv", ".xlsx"])
def test_the_same_grants_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    frame = example().to_polars()
    for name, rows in (("a", frame), ("b", frame.reverse())):
        pf.write_giving(decide(tmp_path / name, pf.Call.from_frame(rows)), tmp_path / f"{name}{suffix}", SAID)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("name", ["awards.csv", "portfolio.json"])
def test_a_file_of_the_decision_is_not_written_over(decision: pf.StoredDecision, name: str) -> None:
    before = (decision.folder / name).read_bytes()
    with pytest.raises(OSError, match="is what this is made from"):
        pf.write_giving(decision, decision.folder / name, SAID)
    assert (decision.folder / name).read_bytes() == before


def test_a_publication_is_read(tmp_path: Path) -> None:
    file = tmp_path / "publication.toml"
    file.write_text(
        _FUND + 'description = "Research in {field}"\n[organizations]\n"Uni A" = "GB-EDU-7"\n',
        encoding="utf-8",
    )
    assert pf.read_publication(file) == SAID


def test_every_fault_of_a_publication_is_said(tmp_path: Path) -> None:
    file = tmp_path / "publication.toml"
    file.write_text(
        'prefix = "fund"\nfunder = "x"\nfunder_id = "no"\nurl = "here"\ndescription = "{title.upper}"\n'
        'title = "{"\n[organizations]\n"Uni A" = "with blanks"\n',
        encoding="utf-8",
    )
    with pytest.raises(pf.DataError) as caught:
        pf.read_publication(file)
    assert {issue.column for issue in caught.value.issues} == {
        "prefix",
        "funder",
        "funder_id",
        "funder_name",
        "award_date",
        "url",
        "title",
        "description",
        "organizations.Uni A",
    }
    file.write_text("=", encoding="utf-8")
    with pytest.raises(pf.DataError, match="is not TOML"):
        pf.read_publication(file)
    file.write_text("prefix = " + "[" * 3_000 + "]" * 3_000, encoding="utf-8")
    with pytest.raises(pf.DataError, match="is not TOML"):
        pf.read_publication(file)
    with pytest.raises(pf.DataError, match="cannot be read"):
        pf.read_publication(tmp_path / "none.toml")


def test_a_key_of_the_top_below_the_organizations_is_no_organization(tmp_path: Path) -> None:
    file = tmp_path / "publication.toml"
    file.write_text(
        _FUND + 'description = "Research"\n[organizations]\nprogramme = "Climate-2026"\n',
        encoding="utf-8",
    )
    with pytest.raises(pf.DataError, match=r"write it above \[organizations\]"):
        pf.read_publication(file)


def test_other_formats_are_refused(decision: pf.StoredDecision, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"end the name in \.json, \.csv or \.xlsx"):
        pf.write_giving(decision, tmp_path / "grants.xml", SAID)


def test_common_grants_has_names_for_money_and_titles() -> None:
    assert pf.common_grants_name("amount_awarded") == "AwardBase.funding.awardedAmount"
    assert pf.common_grants_name("reason") == ""


def test_the_names_are_those_of_the_manual() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workbook.md").read_text(encoding="utf-8")
    for column in (
        "id",
        "title",
        "abstract",
        "amount_requested",
        "institution",
        "scheme",
        "decision",
        "budget",
    ):
        assert f"`{column}`" in page
        assert f"`{pf.common_grants_name(column)}`" in page, column
