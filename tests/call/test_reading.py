"""Reading files: headings, encodings, conditions, bad rows."""

import codecs
import dataclasses
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from portfolio.call import ReadingRules, read_call, textfile
from portfolio.errors import DataError, PolicyError


@pytest.fixture
def write(tmp_path):
    def put(content, name="calls.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return put


def issues(path, *args, error=DataError, **rules):
    with pytest.raises(error) as caught:
        read_call(path, *args, policy=ReadingRules(**rules))
    return caught.value.issues


def only_issue(*args, **kwargs):
    (issue,) = issues(*args, **kwargs)
    return issue


def replaced(path):
    other = path.with_name("other.csv")
    other.write_text("id,amount,keep\nA,900,yes\n")
    other.replace(path)


def test_a_small_call(write):
    call = read_call(write("id,amount,field,Remark\n P-1 ,100.50,1.3,x\nP-2,20,,7\n"))
    assert call.frame.rows() == [("P-1", 10050, "1.3", "x"), ("P-2", 2000, None, "7")]
    assert call.rows.to_list() == [2, 3]
    assert (len(call), call.years, call.requested) == (2, 0, 12050)
    assert call["P-1"].field == "1.3"
    assert "P-1" in call
    assert "P-9" not in call


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id;Betrag;Institut\n1;5;Universität Zürich\n", "cp1252"),
        ("id;Betrag;Institut\n1;5;Créée à Orléans – «été»\n", "cp1252"),
        ("id,Betrag,Institut\n1,5,Müller\n", "cp1252"),
        ("id;Betrag;Institut\n1;5;Créée\n", "cp1252"),
        ("id,Betrag,Institut\n1,5,清华大学\n", "gb18030"),
        ("id,Betrag,Institut\n1,5,中国科学院（北京）物理研究所，2024年\n", "gb18030"),
        ("id,Betrag,Institut\n1,5,复旦\n", "gb18030"),
        ("id\tBetrag\tInstitut\n1\t5\t清华大学 Zürich\n", "utf-8-sig"),
        ("id\tBetrag\tInstitut\n1\t5\t清华大学 Zürich\n", "utf-16"),
        ("id|Betrag|Institut\r1|5|old Mac\r", "utf-8"),
        ('\r\n\r\nid,Betrag,"Institut"\r\n1,5,a "quoted" word\r\n', "utf-8"),
    ],
)
def test_encodings_and_delimiters(write, text, encoding):
    path = write(text, encoding=encoding)
    call = read_call(path, policy=ReadingRules(columns={"amount": "Betrag", "institution": "Institut"}))
    last = text.strip().splitlines()[-1]
    assert call["1"].institution == last[4:]
    assert (
        read_call(
            path,
            encoding=encoding,
            policy=ReadingRules(columns={"amount": "betrag", "institution": "INSTITUT"}),
        )
        == call
    )


def test_chinese_headings_in_gb18030(write):
    path = write("编号,金额,标题\n1,5,量子计算\n", encoding="gb18030")
    call = read_call(path, policy=ReadingRules(columns={"id": "编号", "amount": "金额", "title": "标题"}))
    assert call["1"].title == "量子计算"


def test_an_encoding_that_is_wrong_is_said(write):
    path = write("id,amount,title\n1,5,清华\n")
    with pytest.raises(DataError, match="is not ascii text"):
        read_call(path, encoding="ascii")


def test_a_file_that_is_utf8_only_at_its_beginning(write):
    head = "id,amount,title\n" + "".join(f"{i},5,plain\n" for i in range(40_000))
    path = write(head.encode() + "last,5,Zürich\n".encode("cp1252"))
    assert read_call(path)["last"].title == "Zürich"


def test_rows_are_counted_as_a_spreadsheet_does(write):
    path = write('id,amount,title\nA,1,"two\nlines"\n\nB,x,\nC,3,\n\n')
    issue = only_issue(path)
    assert (issue.column, issue.rows, issue.values, issue.id) == ("amount", (4,), ("x",), "B")
    call = read_call(path, policy=ReadingRules(on_bad_rows="set_aside"))
    assert call.rows.to_list() == [2, 5]
    assert call.set_aside.rows() == [("calls.csv", 4, "B", "amount", "'x' must be an amount of money")]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"id,amount\n", "has no rows"),
        (b"id,amount\nA,\x005\n", "NUL bytes"),
        (b"id,amount\nA,1,2,3\nB,1\nC,1,2\n", "has more cells than the 2 headings"),
        (b"id,id,amount\nA,B,1\n", "heads 2 columns"),
        (b"id,ID ,Amount,amount_\nA,B,1,2\n", "is there twice"),
        (b"id,amount,amount_y2\nA,1,1\n", "is missing"),
    ],
)
def test_files_that_cannot_be_used(write, content, what):
    with pytest.raises(DataError, match=what):
        read_call(write(content))


@pytest.mark.parametrize("name", ["calls.xlsx", "calls.parquet", "calls.json"])
def test_files_that_are_not_what_they_say(write, name):
    issue = only_issue(write(b"not at all", name))
    assert issue.what == f"is not a readable .{name[6:]} file"


def test_a_json_file_must_be_a_list_of_records(write):
    assert "list of records" in only_issue(write(b'{"id": 1}', "calls.json")).hint


def test_files_that_are_not_there(tmp_path, write):
    assert only_issue(tmp_path).what == "is a directory"
    write("id,amount\n", "call.csv")
    issue = only_issue(tmp_path / "cal.csv")
    assert (issue.what, issue.hint) == ("does not exist", "in the same directory: call.csv")
    assert only_issue(tmp_path / "no" / "cal.csv").hint == "check the path"


@pytest.mark.parametrize("rules", [{}, {"only": "keep = 'yes'"}], ids=["plain", "only"])
@pytest.mark.parametrize("late", [replaced, Path.unlink], ids=["replaced", "removed"])
def test_a_file_that_changes_while_it_is_read_is_refused(write, monkeypatch, late, rules):
    """Otherwise the fingerprint in the record could be that of cells that nobody has read."""
    path = write("id,amount,keep\nA,100,yes\n")
    parts = textfile._parts

    def slowly(path, *rest):
        yield from parts(path, *rest)
        late(path)

    monkeypatch.setattr(textfile, "_parts", slowly)
    assert only_issue(path, **rules).what == "was changed or removed while it was read"


def test_a_missing_column_names_the_nearest_heading_and_how_to_map_it(write):
    found = issues(write("ident,Amont\nA,1\n"))
    assert [issue.column for issue in found] == ["id", "amount"]
    assert "did you mean 'Amont'?" in found[1].hint
    assert 'amount = "your heading"' in found[1].hint
    assert 'id = "row_number"' in found[0].hint


def test_a_mapping_to_a_heading_that_the_file_lacks(write):
    issue = only_issue(write("id,Requested\nA,1\n"), columns={"amount": "Request"})
    assert issue.what == "is to be read from 'Request', and the file has no such heading"
    assert issue.hint == "did you mean 'Requested'?"


def test_a_mapping_of_an_unknown_column(write):
    issue = only_issue(write("id,amount\nA,1\n"), columns={"amuont": "amount"}, error=PolicyError)
    assert (issue.column, issue.hint) == ("columns.amuont", "did you mean 'amount'?")


def test_a_mapped_column_that_is_also_there_under_our_name(write):
    issue = only_issue(write("id,amount,Requested\nA,1,2\n"), columns={"amount": "Requested"})
    assert (issue.column, issue.what) == (
        "amount",
        "is there twice: another column, 'Requested', is read as amount too",
    )


def test_conditions_choose_the_call_before_anything_is_checked(write):
    path = write("Year,Requested,ok\n2018,no money,1\n2019,5,0\n2019,7,1\n,9,1\n")
    rules = ReadingRules(
        columns={"id": "row_number", "amount": "Requested"},
        derive={"merit": "1 + ok", "twice": "2 * amount", "label": "'y' || CAST(Year AS VARCHAR)"},
        only="Year = 2019 AND amount < 10 AND Requested IS NOT NULL",
    )
    call = read_call(path, policy=rules)
    assert call.frame.select("id", "amount", "merit", "twice", "label").rows() == [
        ("2", 500, 1.0, 10, "y2019"),
        ("3", 700, 2.0, 14, "y2019"),
    ]


def test_a_derived_column_may_be_wrong_too(write):
    path = write("id,Sum,day\nA,1.0005,2020-01-01\nB,2,soon\n")
    found = issues(path, derive={"amount": "Sum * 1", "doctorate_date": "day", "trl": "Sum * 10"})
    assert [(issue.column, issue.what, issue.rows) for issue in found] == [
        ("amount", "has fractions of a cent", (2,)),
        ("doctorate_date", "must be a date (YYYY-MM-DD)", (3,)),
        ("trl", "must be a whole number", (2,)),
        ("trl", "must be at most 9", (3,)),
    ]


@pytest.mark.parametrize(
    ("rules", "column", "what"),
    [
        ({"only": "Yaer = 2019"}, "only", "uses 'Yaer', which is not a column"),
        ({"only": "Year ="}, "only", "is not an SQL expression"),
        ({"only": "Year"}, "only", "is not a condition"),
        ({"only": "title = 3"}, "only", "compares a number with a text"),
        ({"derive": {"merit": "title + 1"}}, "derive.merit", "computes with"),
        ({"derive": {"merit": "Yearr"}}, "derive.merit", "uses 'Yearr'"),
    ],
)
def test_expressions_that_cannot_be_used(write, rules, column, what):
    issue = only_issue(write("id,amount,Year,title\nA,1,2019,x\n"), error=PolicyError, **rules)
    assert issue.column == column
    assert what in issue.what


@pytest.mark.parametrize(
    ("cells", "hint"),
    [
        (("yes", "no"), "compare it: flag = 'yes'"),
        (("Oui", "non", "", "n/a"), "compare it: flag = 'Oui'"),
        (("yes", "Yes", "no"), "compare it: flag IN ('Yes', 'yes')"),
        (("no", "no"), "compare it: flag = 'yes'"),
        (("1", "0"), "compare it: flag = 1"),
        (("2018", "2019"), "compare it: year = 2019"),
        # Other words may be confidential.
        (("s", "secret"), "compare it: flag = '...', with one of its words"),
    ],
)
def test_a_column_that_stands_alone_comes_with_how_it_is_compared(write, cells, hint):
    rows = "".join(f"{place},1,{cell}\n" for place, cell in enumerate(cells))
    issue = only_issue(write("id,amount,flag\n" + rows), error=PolicyError, only="flag")
    assert (issue.what, issue.hint) == ("is not a condition: it is not true or false", hint)


def test_conditions_without_columns(write):
    path = write("id,amount\nA,1\n")
    assert len(read_call(path, policy=ReadingRules(only="1 = 1", derive={"merit": "3"}))) == 1
    assert len(read_call(path, policy=ReadingRules(only="1 = 2"))) == 0


def test_problems_come_all_together_and_grouped(write):
    rows = "".join(f"P-{i},{'x' if i < 7 else 5},{'31/12/2019' if i == 8 else ''},12\n" for i in range(10))
    found = issues(write("id,amount,doctorate_date,trl\n" + rows))
    assert [(issue.column, issue.count, issue.rows, issue.values) for issue in found] == [
        ("amount", 7, (2, 3, 4, 5, 6), ("x",)),
        ("doctorate_date", 1, (10,), ("31/12/2019",)),
        ("trl", 10, (2, 3, 4, 5, 6), ("12",)),
    ]
    assert "two days" in found[1].hint


def test_every_row_of_an_id_used_twice_is_bad(write):
    path = write("id,amount\nA,1\nB,2\nA,3\n")
    assert only_issue(path).rows == (2, 4)
    assert read_call(path, policy=ReadingRules(on_bad_rows="set_aside")).ids.to_list() == ["B"]


def test_words_and_marks_that_cells_may_hold(write):
    text = (
        "id,amount,research_type,early_career,trl,merit,doctorate_date,expected_outputs,bottlenecks,Code,Note\n"
        "A,1,Pure basic,Ja,3.0, 4 ,01.02.2020,Theory; market share;,fusion ; AI;,007,NA\n"
        "B,2,n/a,-,NA,nan,2020-02-01 00:00:00,null,—,1,NA\n"
    )
    first, second = read_call(write(text))
    assert (first.research_type, first.early_career, first.trl, first.merit) == ("pure_basic", True, 3, 4.0)
    assert (first.doctorate_date, first.expected_outputs) == (date(2020, 2, 1), ("theory", "market_share"))
    assert first.bottlenecks == ("fusion", "AI")
    assert first.other == {"Code": "007", "Note": "NA"}
    assert (second.research_type, second.early_career, second.trl, second.merit) == (None, None, None, None)
    assert (second.doctorate_date, second.expected_outputs, second.bottlenecks) == (date(2020, 2, 1), (), ())


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "-2", ""], pl.Int64),
        (["1", "NA"], pl.Int64),
        (["1.5", "2"], pl.Float64),
        (["1.0", "2"], pl.Int64),
        (["TRUE", "false"], pl.Boolean),
        (["007", "1"], pl.String),
        (["+41", "1"], pl.String),
        (["12345678901234567890"], pl.String),
        (["", ""], pl.String),
        (["NA", "-"], pl.String),
        (["1"] * 1500 + ["x"], pl.String),
        ([""] * 1500 + ["1"], pl.Int64),
        (["1"] * 1500 + ["1.5"], pl.Float64),
    ],
)
def test_the_types_of_foreign_columns(write, cells, dtype):
    call = read_call(write("id,amount,x\n" + "".join(f"{i},1,{cell}\n" for i, cell in enumerate(cells))))
    assert call.frame["x"].dtype == dtype


def test_a_decimal_comma_in_money_and_numbers(write):
    path = write("id;amount;merit\nA;1.234,50;3,5\nB;2.000;4\n")
    call = read_call(path)
    assert call.frame.rows() == [("A", 123450, 3.5), ("B", 200000, 4.0)]
    found = issues(path, decimal_mark=".")
    assert [(issue.column, issue.values) for issue in found] == [
        ("amount", ("1.234,50",)),
        ("merit", ("3,5",)),
    ]
    assert "decimal_mark" in found[1].hint
    assert read_call(path, policy=ReadingRules(decimal_mark=",")) == call


def test_ambiguous_money_is_refused_until_the_mark_is_given(write):
    path = write("id,amount\nA,1.234\nB,5.000\n")
    assert "decimal_mark" in only_issue(path).hint
    assert read_call(path, policy=ReadingRules(decimal_mark=",")).frame["amount"].to_list() == [
        123400,
        500000,
    ]
    assert "fractions" in issues(path, decimal_mark=".")[0].what


def test_one_currency_per_call(write):
    path = write("id,amount,Currency\nA,CHF 1,CHF\nB,$5,USD\nC,3,\n")
    found = issues(path, currency="CHF")
    assert [(issue.column, issue.what, issue.values) for issue in found] == [
        ("amount", "is not in CHF", ("$5",)),
        ("Currency", "is not in CHF", ("USD",)),
    ]


def test_yearly_amounts(write):
    call = read_call(write("id,amount,amount_y1,amount_y2,amount_y3\nA,6,1,2,3\nB,6,,6,\nC,6,,,\n"))
    assert call.years == 3
    assert [len(one.amount_by_year) for one in call] == [3, 2, 0]
    issue = only_issue(write("id,amount,amount_y1,amount_y2\nA,6,1,2\n"))
    assert (issue.column, issue.what) == ("amount_y1", "must add up to amount")


def test_reviews(write):
    path = write("id,amount,Year\nA,1,1\nB,2,2\nC,x,2\n")
    reviews = write("Proposal,Who,Grade\nA,r1,5\nB,r1,\nC,r1,2\nD,r1,3\n", "reviews.csv")
    rules = {"columns": {"reviews.score": "Grade", "reviews.reviewer": "Who"}, "only": "Year = 2"}
    found = issues(path, reviews, **rules)
    assert [(issue.file, issue.column, issue.what) for issue in found] == [
        ("calls.csv", "amount", "must be an amount of money"),
        ("reviews.csv", "proposal", "is not a proposal of this call"),
    ]
    call = read_call(path, reviews, policy=ReadingRules(**rules, on_bad_rows="set_aside"))
    assert call.reviews.rows() == [("B", "r1", None, None, None, None)]
    assert call.set_aside["row"].to_list() == [4, 5, 4]
    assert "'C' is the id of a proposal that is set aside" in call.set_aside["reason"].to_list()
    assert [source.name for source in call.sources] == ["calls.csv", "reviews.csv"]


def test_a_reviewer_grades_a_proposal_once_on_each_criterion(write):
    path = write("id,amount\nA,1\n")
    twice = write(
        "proposal,reviewer,criterion,score\nA,r1,x,5\nA,r1,y,4\nA,r1,x,2\nA,r2,x,2\n", "reviews.csv"
    )
    (issue,) = issues(path, twice)
    assert (issue.column, issue.rows, issue.count) == ("reviewer", (2, 4), 2)
    assert issue.what == "has graded this proposal on this criterion more than once"


def test_a_policy_is_anything_with_the_attributes(write):
    @dataclasses.dataclass
    class Policy:
        currency: str = "CHF"
        only: str | None = None
        budget: int = 3

    assert read_call(write("id,amount\nA,CHF 5\n"), policy=Policy()).currency == "CHF"


def test_ids_are_composed_and_visible(write):
    assert read_call(write("id,amount\nZu\u0308rich,5\n")).ids.to_list() == ["Zürich"]
    assert (
        only_issue(write("id,amount\nA\u200bB,5\n")).what
        == "must not contain control or invisible characters"
    )


def test_line_ends_inside_cells_are_one_kind(write):
    path = write('id,amount,title\r\nA,1,"two\r\nlines"\r\n')
    assert read_call(path)["A"].title == "two\nlines"


def test_an_empty_heading_gets_a_name(write):
    assert read_call(write("id,amount,\nA,1,x\n")).frame.columns == ["id", "amount", "column_3"]


def test_utf16_without_letters_after_the_mark(write):
    assert read_call(write(codecs.BOM_UTF16_LE + "id,amount\nA,5\n".encode("utf-16-le"))).ids.to_list() == [
        "A"
    ]


@pytest.mark.parametrize("size", [1, 7, 40])
def test_a_file_in_parts_is_the_file(write, monkeypatch, size):
    text = 'id,amount,title\n"A",1,"two\n""lines"""\n\nB,2,\n"C\n",3,x\nD,4,last'
    path = write(text)
    whole = read_call(path)
    monkeypatch.setattr("portfolio.call.sheet._PART", size)
    monkeypatch.setattr("portfolio.call.sheet._FIRST", size)
    assert read_call(path) == whole
    assert read_call(path).rows.to_list() == whole.rows.to_list() == [2, 4, 5, 6]


def test_a_stray_quotation_mark_is_text(write):
    call = read_call(write('id,amount,title\nA,1,a 5" disk\nB,2,plain\n'))
    assert [one.title for one in call] == ['a 5" disk', "plain"]


def test_a_quotation_mark_that_is_never_closed_is_not_a_traceback(write):
    with pytest.raises(DataError, match="cannot be read as a table"):
        read_call(write('id,amount,title\nA,1,"never closed\nB,x,plain\n'))


def test_more_cells_than_headings_in_a_text_of_another_encoding(write):
    issue = only_issue(write("id;amount\nMüller;1\nB;1;2\n", encoding="cp1252"))
    assert (issue.what, issue.rows) == ("has more cells than the 2 headings", (3,))


def test_rows_of_a_workbook_are_those_that_people_see(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in {
            2: ["id", "amount", "doctorate_date"],
            3: ["A", 1.5],
            5: ["B", "x"],
            6: ["C", "2 €"],
        }.items():
            sheet.write_row(row, 1, cells)
        sheet.write_datetime(3, 3, datetime(2020, 1, 2), book.add_format({"num_format": "dd/mm/yy"}))
    call = read_call(tmp_path / "x.xlsx", policy=ReadingRules(on_bad_rows="set_aside"))
    assert call.frame["amount"].to_list() == [150, 200]
    assert call["A"].doctorate_date == date(2020, 1, 2)
    assert call.set_aside["row"].to_list() == [6]


def test_an_empty_workbook(tmp_path):
    xlsxwriter.Workbook(tmp_path / "x.xlsx").close()
    assert only_issue(tmp_path / "x.xlsx").what == "has nothing on its first sheet, 'Sheet1'"


def test_json_cells_of_mixed_types(write):
    records = (
        '[{"id": 1, "amount": 2, "x": 1.5, "y": "a"}, {"id": "B", "amount": 2.5, "x": 2, "y": 3, "z": true}]'
    )
    call = read_call(write(records, "calls.json"))
    assert call.frame.rows() == [("1", 200, 1.5, "a", None), ("B", 250, 2.0, "3", True)]


@pytest.mark.parametrize("line", ["sep=;\r\n", '"sep=;"\n', "\nSEP=;\n\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_line_that_tells_excel_the_delimiter_is_followed(write, line, encoding):
    path = write(f"{line}id;amount;title,a,b,c\nÄ;1;x,y\nB;x;\n", encoding=encoding)
    row = line.replace("\r\n", "\n").count("\n") + 3
    assert only_issue(path).rows == (row,)
    call = read_call(path, policy=ReadingRules(on_bad_rows="set_aside"))
    assert (call.ids.to_list(), call.frame.columns[2], call.rows.to_list()) == (
        ["Ä"],
        "title,a,b,c",
        [row - 1],
    )


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (None, r"has nothing on its first sheet, 'Cover'\n.*another one \('Data', 'Notes'\), move that"),
        ("Award export", r"known: Award export; delete what stands above .*; only the first sheet, 'Cover',"),
        ("merged", "merged cells: A1:C1\n.*delete the rows of a title above the table or a note below it"),
    ],
)
def test_a_workbook_whose_table_is_elsewhere_says_where_to_put_it(tmp_path, first, said):
    path = tmp_path / "calls.xlsx"
    with xlsxwriter.Workbook(path) as book:
        cover, data, _ = (book.add_worksheet(name) for name in ("Cover", "Data", "Notes"))
        data.write_row(0, 0, ["id", "amount"])
        data.write_row(1, 0, ["A", 5])
        if first == "merged":
            cover.merge_range(0, 0, 0, 2, "Award export")
        elif first:
            cover.write(0, 0, first)
    with pytest.raises(DataError, match=said):
        read_call(path)
