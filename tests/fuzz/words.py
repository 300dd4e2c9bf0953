"""Words that mean something in files of each kind, to the format or to the package, and words that should not."""

from __future__ import annotations

CSV = (
    b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"id", b"amount",
    b"merit", b"amount_y1", b"amount_y2", b"min_amount", b"doctorate_date", b"bottlenecks", b"2020-02-30",
    b"01/02/2020", b"true", b"NA", b"inf", b"EUR", b"(1)", b"1e+05", b"'=1", b"\xc2\xa0", b"\xe2\x80\xae",
    b"currency", b"early_career", b"research_type", b"merit_sd", b"cofunding", b"title", b"1.234,5",
    b"x" * 300,
)  # fmt: skip

JSON = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b"null", b"NaN", b"Infinity", b"-Infinity", b"\\ud800",
    b"\\u0000", b'[' * 3000, b'{"a":' * 1500, b"1e400", b"-0", b"true", b"\xff", b"\xef\xbb\xbf", b'"id"',
    b'"amount"',
)  # fmt: skip

TOML = (
    b"[", b"]", b"[[", b"]]", b"=", b".", b"#", b'"""', b"'''", b"\n", b"inf", b"nan", b"-1", b"true", b"{}",
    b"[]", b"[[reserve]]", b"[[limit]]", b"[[link]]", b"[[coverage]]", b"[objective]", b"[solver]",
    b"[columns]", b"[derive]", b"kind = 'at_most'", b"trait = 'x'", b"share = 0.5", b"min_awards = 1",
    b"per = 'field'", b"k = 1", b"must_fund = ['A']", b'only = "id = \'A\'"', b"shortfall = 'release'",
    b"0x7", b"2020-02-30", b"1979-05-27", b"budget = [1, 2]", b'a.' * 500, b'[' * 3000, b"currency = 'JPY'",
    b'where = "amount > 1"', b"\x00",
)  # fmt: skip

SQL = (
    b"(", b")", b"'", b'"', b"`", b",", b"::", b"||", b"AND", b"OR", b"NOT", b"NULL", b"IS", b"IN", b"LIKE",
    b"CASE", b"WHEN", b"THEN", b"END", b"CAST(", b" AS ", b"DATE", b"INTERVAL '1 day'", b"BETWEEN", b"SELECT",
    b"FROM", b"amount", b"merit", b"tags", b"id", b"%", b"/ 0", b"-", b"~", b"[1]", b"OVER (", b"SUM(",
    b"COUNT(*)", b"*", b"EXTRACT(YEAR FROM", b"STRPTIME(", b"ARRAY[", b"UNNEST(", b"REGEXP_LIKE(", b"'(('",
    b"LEFT(", b"REPEAT(", b"SUBSTR(", b"SPLIT_PART(", b"CONCAT_WS(", b"ROUND(", b"POW(", b"MOD(", b"::date",
    b"::bigint", b"::decimal(99)", b"(amount > 1)", b"COALESCE(id, 'x')", b"CASE WHEN true THEN 1 END",
    b"(merit / 0)", b"CAST(id AS DATE)", b"LOWER(field)", b"(NULL)", b"(-amount % 0)", b"LEFT(id, -1)",
    b"SUBSTR(id, 0, -5)", b"POW(amount, 1e9)", b"STRPTIME(id, '%Q')", b"ROUND(merit, 99)",
    b"CAST(amount AS TINYINT)", b"(id IN (NULL))", b"id[0]", b"REGEXP_LIKE(id, '(')",
    b"SPLIT_PART(id, '', 0)", b"DATE '9999-12-31' + INTERVAL '9999 years'", b"CAST(1e300 AS DECIMAL(38, 9))",
    b"REPLACE(id, '', 'xx')", b"STRFTIME(DATE '2020-01-01', '%')", b"EXCLUDE", b"ARRAY_GET(", b"ARRAY_AGG(",
    b"{'a': 1}", b"x'ff'", b"ILIKE", b"GREATEST(", b"LOG(", b"FIRST(",
)  # fmt: skip

XML = (
    b"<", b">", b"/>", b"<c r='A1'>", b'<c r="XFD1048576"><v>1</v></c>', b'<c r="B3" t="s"><v>99999</v></c>',
    b'<c t="inlineStr"><is><t>x</t></is></c>', b't="e"', b't="b"', b't="str"', b't="d"', b't="s"',
    b's="9999999"', b'<row r="0">', b'<row r="4294967296">', b'<row r="-1">', b"<f>A1</f>",
    b'<dimension ref="A1:XFD1048576"/>', b'<dimension ref="B2:A1"/>',
    b'<f t="shared" si="0" ref="A1:A9">B1</f>', b'<mergeCell ref="A1:ZZZZ9"/>',
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#0;", b"&#x110000;", b"<![CDATA[", b"<!--",
    b'xml:space="preserve"', b'state="hidden"', b'r:id="rId9"', b'Target="../x"',
    b'Target="/xl/worksheets/sheet1.xml"', b'date1904="1"', b'<numFmt numFmtId="14" formatCode="yyyy"/>',
    b'count="4294967295"', b"\xff", b"\x00", b"A0", b"A99999999999", b"AAAA1", b"1", b"_x0000_", b"_xD800_",
    b"encoding='utf-16'", b"1e400", b"NaN", b"60", b"2958466", b"-1",
)  # fmt: skip

XML_VALUES = (
    b"", b"0", b"1", b"-1", b"A1", b"B2", b"XFD1048576", b"AMJ9", b"ZZZZ9", b"A0", b"1:1", b"A1:C9", b"e",
    b"b", b"s", b"n", b"str", b"d", b"inlineStr", b"hidden", b"4294967296", b"-2147483649", b"99999",
    b"1e308", b"1e400", b"NaN", b"0.1", b"60", b"44000.5", b"2958466", b"2020-01-01", b"2020-02-30T25:00:00",
    b"PT1H", b"TRUE", b"#REF!", b"_x0000_", b"_xD800_", b"&amp;", b"&#10;", b"&#0;", b"&#55296;",
    b"\xed\xa0\x80", b"yyyy-mm-dd", b"[h]:mm", b"14", b"rId1", b"rId99", b"../x.xml", b"/xl/workbook.xml",
    b"x" * 3000, b"id", b"amount", b"A1+", b"1.7976931348623159e308", b"12345678901234567890",
)  # fmt: skip
