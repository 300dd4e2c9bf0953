"""What the generated pages say in words of their own: all that the code does not say, or says too shortly."""

from __future__ import annotations

POLICY = """# The policy, key by key

Everything that people decide stands in one file, the policy, written in [TOML](tutorial.md#3-the-policy). This page
lists every key. It is made from the code by `python docs/make_reference.py`, and a test keeps the two equal.

A *condition* is what stands after WHERE in SQL: `risk >= 0.7`, `field = '1.3' AND amount < 50000`. It may use every
column of the file, ours and the funder's own, and every score (`merit`, `risk`, `ambiguity`, `horizon`,
`horizon_years`, `basicness`, each with the ends of its 90% interval: `risk_low`, `risk_high`; `paradigm`, `quadrant`,
`early_career`, and where there is something to make them of, `interdisciplinarity` and `novelty`). A reserve for
`risk_low >= 0.6` asks for certainty, one for `risk_high >= 0.6` gives the benefit of the doubt. Where there is no
evidence of it, a score is empty to conditions, criteria and sums, like a cell that nobody filled in; the ends of its
interval are not, since a risk that may be anything may be high.

Texts stand in single quotes, headings with spaces in double quotes, money is in units of the currency. Where a
condition meets an empty cell it is false. Days are written `DATE '2018-01-01'`, and the time between two days is
compared with a time: `DATE '2026-01-01' - doctorate_date <= INTERVAL '3650 days'`, or `YEAR(doctorate_date) >= 2016`.
Times are given in days, weeks, months, quarters and years; months, quarters and years lead from one day to another,
`doctorate_date >= DATE '2026-01-01' - INTERVAL '24 months'`, and are compared with nothing.
`CAST(start AS DATE)` and `DATE(start)` read texts such as 2018-01-31 and refuse others; `STRPTIME(start, '%d.%m.%Y')`
reads 31.01.2018. A year of `%Y` has four digits; `%y` reads two, 70 as 1970 and 69 as 2069. Forms with a zone of time
(`%z`) are refused, since they move days: `CAST(start AS DATE)` is the day that stands there. Texts are ordered letter
by letter: where days are written otherwise than 2018-01-31, that is refused.

Values of different kinds (a day and a number, a text and a number, a list and a text) are not compared, and nothing
is compared twice in a row: `2 < merit AND merit < 4`. AND, OR and NOT join what is true or false: `year = 2018 OR year
= 2020`, or `year IN (2018, 2020)`. `ARRAY_CONTAINS(bottlenecks, 'fusion')` looks into a list. For an empty cell, `IS
TRUE` says neither yes nor no here and is refused; `early IS DISTINCT FROM TRUE` and `COALESCE(early, FALSE)` are not.
Numbers are computed with, texts are joined: `code || '-' || year`, and `CAST(staff AS DOUBLE) + 100` where a number is
written in a column of texts. Such numbers follow the decimal mark of the file or of `decimal_mark`: `CAST(REPLACE(cost,
'EUR ', '') AS DOUBLE)` of EUR 12.500 is 12500 beside an amount of 1.500,50, and is refused where nothing tells. A point
that the condition writes itself, `REPLACE(x, ',', '.')`, is a decimal mark.

A column of words (`gender`, `research_type`, `driver`, `expected_outputs`; of the scores `paradigm` and `quadrant`) is
compared word by word, however file and policy spell them: `research_type <> 'Pure basic'` is `research_type <>
'pure_basic'`. A word that such a column cannot hold is refused. It is the same for what COALESCE, CASE, IF, NULLIF,
ARRAY_GET, UPPER and LOWER take from such a column: `COALESCE(research_type, '') <> 'Pure basic'`. Other functions, and
LIKE, see the words as [the columns](columns.md) name them. A letter means in a condition what the column tells:
`gender = 'M'` is a man where F, W, K or `woman` stands among the genders, and no H.

Conditions, rules and groups see the entries of `fields` without their shares: `ARRAY_CONTAINS(fields, '1.1')` holds
for `1.1: 60%; 2.3: 40%`, and `per = "fields"` counts it in 1.1 and in 2.3. Only `interdisciplinarity` weighs shares.
A field with a share of 0 is no field of the proposal: `1.1: 100%; 2.3: 0%` is in 1.1 alone.

What databases understand differently is refused: `<> ANY`, `LOG`, `DAYOFWEEK`, letters counted from before the first
one, a length behind VARCHAR, a backslash behind LIKE, GREATEST and LEAST of an empty cell beside another. CONCAT leaves
empty cells out; other functions say nothing of an empty cell.

Whole numbers are compared and computed exactly, or as floats where 64 bits are too few. Other numbers are compared to
14 significant digits, so that `cofunding >= 0.55 * amount` holds for exactly 55 percent; sums and results below 10^12
are taken to 15 digits, as in spreadsheets. `ROUND` takes halves away from zero: 2.5 becomes 3. A division is safe as
`cofunding / NULLIF(amount, 0)`: anything divided by zero is infinite, zero divided by zero and the root of a negative
number are no number, and both are more than every bound. As a column of `derive`, no number is an empty cell, and a
column with an infinite one is refused where it is added up.

In `only` and `derive`, a heading that `[columns]` maps stands for the column that it is mapped to, as it is in the
file; elsewhere that column goes by our name, as it does where `derive` has made it anew. A cell that cannot be read
does not matter once its column is made anew, unless an expression has used it before, or by its heading; a day that we
and `STRPTIME` read as two days is refused where both are used. In both, words stand as the file writes them, and so do
the days that `STRPTIME` reads: codes become words by `gender = "CASE gender WHEN '1' THEN 'woman' WHEN '2' THEN 'man'
ELSE gender END"` in `derive`, and 03/04/2020 is a day in April by `doctorate_date = "STRPTIME(doctorate_date,
'%d/%m/%Y')"`. What ELSE leaves as it is is read, or refused; a CASE without ELSE is empty there. A column of true and
false stands as the file writes it where `derive` compares it with texts under its own name: `organized = "CASE
organized WHEN '○' THEN 'yes' WHEN '×' THEN 'no' ELSE organized END"`. A cell that says yes or no without that is
refused if it comes to say something else. Numbers are read as days by their digits, 20220506 by `'%Y%m%d'`; what holds
days in the file stays as it is, beside texts too; a cell of another form is refused. A row of which nobody can know
whether `only` holds, because a cell that decides cannot be read, is struck through or holds a word that its column
cannot hold, is not left out: it is refused or set aside for that cell.

A key, column, trait or solver that nobody knows is an error that names the nearest known one.
"""

COLUMNS = """# The columns of the files

Proposals and reviews may come as CSV (any delimiter), Excel, Parquet or JSON. This page is made from the code by
`python docs/make_reference.py`, and a test keeps the two equal.

CSV is read as UTF-8, or by its byte order mark, or as `--encoding` says. Other bytes are taken for Western European
text (cp1252) or for Chinese (GB18030), and a note of every command says so with words of the file: text of Central
Europe, of other scripts or of an old Macintosh looks wrong there and needs `--encoding cp1250` or the like. What is
Japanese as well is refused if it has kana next to each other or the escapes of e-mail (ISO-2022-JP); kanji alone are
taken for Chinese or Western text, as the note shows.

Only `id` and `amount` are required of a proposal. Every other column of the file is kept as it is and can be used in
the conditions of the policy. Where headings differ from the names below, `[columns]` of the policy maps them:
`amount = "Amount requested"`; a column of the reviews is mapped as `reviews.score = "Grade"`. Empty cells mean "not
known". Dates are written 2026-01-31, or in another way that has one meaning: 31.01.2026, 2026/1/31, 2026.1.31,
2026年1月31日, 31-Jan-2026, January 31, 2026; what else stands there, [`derive` can read](policy.md). A column of the
funder's own holds days where the file says so, as Excel and Parquet do: `start >= DATE '2018-06-01'`. In CSV and JSON
it is text, which a condition reads as days: `CAST(start AS DATE) >= DATE '2018-06-01'`, and
`STRPTIME(start, '%d.%m.%Y')` where it is written 31.01.2026.

Texts that look the same are the same, in cells, conditions and headings: an accent beside its letter is one with it, a
no-break or thin space is a blank, and soft hyphens and spaces of no width are left out. Ids keep their blanks, and are
told of where they look alike. Yes and no may stand in the words of several languages (yes, ja, oui, sí, sim, x, ✓; no,
nein, non, não, nee), and so may genders (F and M, female and male, weiblich and männlich, 女 and 男; w, m and d; K and
M). D and X are `other` where both a woman and a man stand in the column. A letter is read where the other gender tells
it: F beside M, H or `man`, M beside F, W, K or `woman`. V and M are refused: they are woman and man in Dutch, man and
woman in Spanish. So are H and M, N and F, U and D (uomo, donna), and F alone, until `derive` tells which is which.
`-`, `n/a`, `k.A.`, `unknown`, `prefer not to say` and the like mean "not known" in columns that are no text, lists
included; beside members of a list they are refused. Members of a list stand between semicolons: `fusion;chips`. In a
column of your own such a cell is one text, and `check` says so where rules group by it. A tag `fusion, chips` is
refused where fusion and chips are tags of their own, as is `1.1, 2.3`, and a list as programs write it, `['a', 'b']`
or `{a,b}`. A share stands behind a colon, in percent or as a weight of at most 100: `Physics (60%)`, `1.1=60%` and
`FoR:4609` are refused. So are shares that contradict each other: `1.1: 0.6; 2.3: 40%`, `1.1: 60%; 2.3: 30%`, `1.1:
60%; 2.3`, `1.1: 60%; 1.1: 40%`. A field twice in one cell (`1.1;1.1;2.3`) is refused, and one with a share of 0 is no
field of the proposal. A comma in a share is a decimal mark: `1.1: 60,5%`.

A file has one decimal mark, which its amounts and grades tell, or `decimal_mark` of the policy. The other columns
follow it: beside an amount of 1.500,50 a turnover of 12.500 is twelve thousand five hundred, as are 12 500 and
12'500. Columns of numbers with a meaning here, such as grades, are not grouped: beside a decimal comma a merit of
`1.250` is refused, unless other cells of its column can only be decimals (4.5), and none has a comma. Where nothing
tells, such a column stays text, and is not compared with numbers, until the policy says the mark. A column of numbers
stays text as well if its numbers are spelled as codes are: one number in two spellings (1.1 and 1.10), a decimal that
ends in 0 beside decimals of another length (2.10 and 1.3; 1.50 and 2.25 are numbers, and so are 800.0 and 2500.25),
or an exponent without a sign in every cell (1E2 and 2E3). `CAST(x AS DOUBLE)` makes numbers of them. Amounts in
`levels` are written without groups of digits.

A column that is headed Currency, Currency code, Währung, Whg., devise, moneda or the like must name the currency of the
call, by code, sign or name, in every row that it fills in: `n/a` is refused there. An empty cell is left alone where
another row names the currency of the call, or no row names any. So must a column that is headed Unit or the like, if
every cell of it is a currency, or thousands or cents of one. Headings of amounts that name a currency (USD, $, kr,
dollars), and the formats of amounts in Excel, must name that of the call too. Amounts are in single units: headings
such as `Amount (TEUR)` and `Amount (cents)`, and formats that put another word beside an amount, are refused; a format
that divides what it shows (`0.0,,"M"`, `#,##0,"千円"`) is read as the number that stands in the cell; one that sets
digits apart as if they were decimals (`0"."00`), or adds digits of its own (`0"000"`), is refused. A limit that a
heading states, as `Amount (max. 2 million)`, is none of that. Where a file is in thousands, leave the heading out of
`[columns]` and say so in `[derive]`: `amount = '1000 * CAST("Amount (TEUR)" AS DOUBLE)'`. What `derive` makes an
amount of, by headings and formats, must be in the currency and in single units as well (`"Staff USD" + "Material USD"`
is refused in a call in EUR), unless it is multiplied or divided by a rate: a number other than 1, a column, or a CASE,
as in `0.92 * "Staff USD"`; `1 + overhead` is none. A rate is that of a column whose cells are all shown alike. No list
of words for thousands is complete: `check` mentions a call whose middle request (those of 0 apart) is below 1,000
units of the currency, as it is where 250 stands for 250,000. Requests of 1.5 million that stand there as 1,500 are
not seen by that. Beside an amount may stand what names the currency: `R 1 250 000`, `12 500 Euro`, `12.500,- €`,
`Rs. 1,25,000/-`, `5,000/=`. A dash beside a sign (`€ -`) is the zero of accountants; a dash alone says that an amount
is not known. Where a currency has no decimals, 4,680 and 4.680 are thousands. Grades that Excel shows as percentages
are refused. An id, a field or another text that Excel holds as a number is what its format shows, if that is zeros
and letters around a whole number: 7 is `00007` by `00000` or `0####`, and `P-007` by `"P-"000`. Formats that only
group digits or add decimals leave the number as it is; other formats are refused in such a column. A column of the
funder's own is text where the format of a cell fills its number up with zeros: `plz = '01234'`, and `CAST(plz AS
INT)` for the number; a number with a word beside it, as `24 months`, is the number. A text that is derived of either
is refused where people see another one.
A row is refused, or set aside, where a cell of a column named below is struck through, or has raised or lowered text
(the mark of a footnote) and is no title or abstract; in other columns that says nothing.
"""

WRITTEN = """## What is written

The tables that follow are made of a decision: files of `portfolio optimize --out` and `portfolio whatif --out`, and
sheets of [the workbook](workbook.md). Money is in units of the currency. Columns of the call keep the meaning that they
have above.
"""

PUBLICATION = """## The file of a publication

What `portfolio report --giving` has to know beside the decision, in TOML; see [awards to publish](workbook.md)."""

# What the code does not say of a key, or says too shortly for a manual.
MEANINGS = {
    "on_bad_rows": "`refuse`: a row that cannot be used is an error, and all such rows are listed; `set_aside`: it is "
    "left out, written to set_aside.csv with its reasons, and counted in every output; where no proposal is left, all "
    "problems are listed",
    "must_fund": "ids of proposals that are funded whatever their merit",
    "must_not_fund": "ids of proposals that are not funded",
    "reserve_accounting": "how a proposal with several traits counts. `one_to_all`: in full towards each of their "
    "reserves; `one_to_one`: its money counts once and may be divided among them; `shared`: 1/k towards each of its k "
    "reserves",
    "reserve_order": "`minimum_guarantee`: all rules are kept in one choice, and a proposal that would have won anyway "
    "counts; `over_and_above`: the open money is spent first, blind to traits, then each reserve in the order of this "
    "file on those not yet funded",
    "scoring.applied_below": "basicness at or below this is labelled `applied`",
    "scoring.basic_above": "basicness at or above this is labelled `basic`; between the two it is `mixed`",
    "scoring.further.applied": "the value of the column at the applied pole, position 0",
    "scoring.further.basic": "the value of the column at the basic pole, position 1; it may be the smaller of the two",
    "scoring.further.weight": "weight within the row",
    "scoring.further.half_width": "nine errors in ten are no larger, on the scale from 0 to 1",
    "scoring.distance.distance": "how far apart they are, from 0 (the same) to 1 (nothing in common)",
    "scoring.text.weight": "weight within each of the two rows",
    "scoring.text.half_width": "how vague a text is: nine errors in ten are no larger, on the scale from 0 to 1",
    "early_career.rule.name": "what the rule is called, with the year where the funder changes it",
    "early_career.rule.source": "where the rule is written",
    "early_career.rule.includes_max": "whether the day on which exactly `max_years` have passed still counts",
    "early_career.rule.includes_min": "whether the day on which exactly `min_years` have passed already counts",
    "reserve.base": "what the share is a share of: the `budget`, or the money awarded in the end (`spent`)",
    "reserve.shortfall": "when too few proposals count. `fail`: that is an error, explained; `release`: the shortfall "
    "is made as small as possible and the money missing goes to the open competition; `hold`: likewise, but it "
    'stays unspent. With `reserve_order = "over_and_above"` a reserve is a pot that its round may spend: what no '
    "further proposal fits into is no shortfall, and `fail` refuses a pot for which too little demand is left",
    "link.kind": "`at_most` k of a list or of each value of a column; one `requires` another; `all_or_none` of a list; "
    "a `synergy` adds value when all of a list are funded; `differs`: at least k decisions are others than to fund the "
    "list and nothing else, so that a panel can be shown another choice than one it knows",
    "coverage.min_awards": "how many awards each value or tag needs",
    "carry_over": "most money that may be carried from one year to the next, with a budget per year; what the last "
    "year leaves is lost",
    "objective.partial": "whether an award may be smaller than the request. `true`: any amount from `min_amount` of "
    'the proposal to its request; `"levels"`: one of the amounts in its column `levels`, or the request. A proposal '
    "for which nothing is stated there is funded whole or not at all",
    "objective.curve": "partial = true: points [share of the request, share of the value], rising and concave, up to "
    "[1, 1]; without them value is proportional to the award",
    "objective.order": "`weighted`: the weighted sum of the criteria; `lexicographic`: the first criterion first, then "
    "the next as far as those before it lose no more than their `may_lose`, and so on",
    "limit.of": "the sum of this numeric column over the awards is limited, by min_amount and max_amount in its own "
    "units, instead of the awards; `cofunding` for enterprise money. Without per, where and trait it holds for all",
    "coverage.weight": "value of certainty that a tag sees at least one success: the objective gains this times the "
    "probability, 1 - prod(1 - p), for every tag",
    "overspend.price": "value lost per unit of the currency beyond the budget of a year",
    "overspend.priority": "the budget gives way when rules clash, after those of lower numbers",
    "stable.price": "value lost per unit of the currency beyond the money that is certain in a year",
    "exploratory.price": "value lost per unit of the currency that members get beyond the pool, or others out of it",
    "exploratory.left": "what becomes of money that the pool leaves. `return`: the pool chooses first, and the rest "
    "goes to the others; `hold`: it stays unspent",
    "solver.engine": "`highs`, or `pulp:NAME` for a solver that PuLP can call, such as `pulp:CBC`; one that is not "
    "installed is an error. What such a solver writes itself, such as the name of HiGHS 1.16 under `pulp:HiGHS`, is "
    "not held back",
    "solver.method": "`whole`: HiGHS is handed the whole program; `margins`: a core of it, and the proof by margins; "
    "`auto` decides by size. The answer is the same to within the gap",
    "solver.seed": "decides between proposals that no rule and no value tells apart, and the solver's own choices",
}
for _row in ("rows", "evidence"):
    MEANINGS[f"scoring.{_row}"] = "a weight; only the proportions matter"
MEANINGS["scoring.ambiguity"] = MEANINGS["scoring.rows"]
MEANINGS["scoring.half_widths"] = "half-width of the 90% interval, on the scale from 0 to 1"
