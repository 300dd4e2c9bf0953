"""Amounts in another currency than the call's, or not in single units: each is refused in words."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

import portfolio as pf
from tests.hostile.test_meaning import read


@pytest.mark.parametrize(
    "heading",
    [
        "Currency", "currency_code", "Currency Code", "Grant currency", "Currency (ISO 4217)", "Währung", "Waehrung",
        "Währungscode", "Währungskürzel", "Projektwährung", "devise", "Code devise", "Devise du projet", "moneda",
        "valuta", "Moeda", "currency of the award", "货币", "CCY",
        "WAERS", "Wkz", "CURR_CD", "CCY_CD", "Rahayksikkö", "Cur", "Curr", "Curr.", "Whg.",
        "Currency 1", "Currency used", "Grant cur", "Currency ID",
        "Currency code (ISO 4217)", "Grant Currency Code (ISO 4217)", "Currency ISO code", "ISO 4217 code",
        "Currency unit",
    ],
)  # fmt: skip
def test_a_column_of_currencies_is_seen_however_it_is_headed(tmp_path: Path, heading: str) -> None:
    with pytest.raises(pf.DataError, match="'USD' is not in EUR") as error:
        read(tmp_path, f"id,amount,{heading}\nA,1,EUR\nB,2,USD\nC,3,€\nD,4,Euro\nE,5,\n")
    assert error.value.issues[0].rows == (3,)


ODD = ["n/a", "-", "N/A", "840", "US Dollar (USD)", "EUR/USD", "k€", "?"]


@pytest.mark.parametrize("cell", ODD)
def test_an_odd_cell_does_not_hide_a_column_of_currencies(tmp_path: Path, cell: str) -> None:
    text = f"id,amount,Currency\nA,1,USD\nB,2,{cell}\nC,3,EUR\n"
    with pytest.raises(pf.DataError, match="is not in EUR") as error:
        read(tmp_path, text)
    assert error.value.issues[0].rows == (2, 3)
    assert list(read(tmp_path, text, on_bad_rows="set_aside").ids) == ["C"]


@pytest.mark.parametrize("cell", [*ODD, "USD"])
def test_a_column_of_currencies_that_never_names_the_calls_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(pf.DataError) as error:
        read(tmp_path, f"id,amount,Currency\nA,1,{cell}\nB,2,\n")
    assert sorted(issue.rows for issue in error.value.issues) == [(2,), (3,)]


@pytest.mark.parametrize(
    ("currency", "cells"),
    [
        ("EUR", ["EUR", "€", "euro", "Euros", "EUR (€)", "978", "eur"]),
        ("EUR", ["", "EUR", ""]),
        ("EUR", ["", ""]),
        ("USD", ["US$", "US Dollar (USD)", "U.S. dollars", "$", "840"]),
        ("CHF", ["Fr.", "sFr.", "Swiss francs", "Schweizer Franken", "CHF"]),
        ("SEK", ["kr", "Swedish kronor", "SEK"]),
        ("XOF", ["XOF", "franc CFA"]),
        ("KES", ["KES", "KSh"]),
        ("ZAR", ["R", "ZAR", "Rand"]),
        ("CLP", ["$", "CLP", "pesos"]),
        ("RUB", ["руб.", "р.", "₽"]),
        ("CAD", ["$ CA", "CDN$", "C$", "CAD"]),
        ("PLN", ["zl", "zł", "PLN"]),
        ("PEN", ["S/", "S/.", "soles"]),
    ],
)
def test_a_currency_is_named_in_the_usual_ways(tmp_path: Path, currency: str, cells: list[str]) -> None:
    rows = "".join(f"{i},1,{cell}\n" for i, cell in enumerate(cells))
    assert len(read(tmp_path, f"id,amount,Currency\n{rows}", currency=currency)) == len(cells)


@pytest.mark.parametrize("cell", ["thousand EUR", "kEUR", "USD"])
@pytest.mark.parametrize("heading", ["amount_unit", "Unit", "Einheit"])
def test_a_column_of_units_of_money_must_name_the_calls(tmp_path: Path, heading: str, cell: str) -> None:
    with pytest.raises(pf.DataError, match="is not in EUR") as error:
        read(tmp_path, f"id,amount,{heading}\nA,1,EUR\nB,2,{cell}\nC,3,\n")
    assert error.value.issues[0].rows == (3,)
    assert len(read(tmp_path, f"id,amount,{heading}\nA,1,Physics\nB,2,{cell}\n")) == 2


@pytest.mark.parametrize(
    "column",
    ["Currency ID,1,2", "Currency ID,17,n/a", "Amount in local currency,120000,n/a", "Curriculum,USD,n/a"],
)
def test_columns_about_other_things_are_no_currencies(tmp_path: Path, column: str) -> None:
    heading, first, second = column.split(",")
    assert len(read(tmp_path, f"id,amount,{heading}\nA,1,{first}\nB,2,{second}\n")) == 2


FOREIGN = {
    "Amount (USD)": "USD", "Grant, CHF": "CHF", "Amount in £": "GBP", "amount_GBP": "GBP", "amount_usd": "USD",
    "Amount ($)": "CAD", "Amount US$": "USD", "Betrag R$": "BRL", "A$ amount": "AUD", "Amount ¥": "JPY",
    "Betrag (Fr.)": "CHF", "Betrag Fr.": "CHF", "Belopp (kr)": "SEK", "Belopp kr": "NOK", "Kwota zł": "PLN",
    "Amount in dollars": "USD", "amount (zar)": "ZAR", "Amount in pounds": "GBP", "Montant (francs CFA)": "XOF",
    "AmountUsd": "USD", "requestedAmountUSD": "USD", "Amount (R)": "ZAR", "Monto (S/)": "PEN", "Suma RON": "RON",
    "金额（元）": "CNY", "Tutar (TL)": "TRY", "Amount ฿": "THB",
}  # fmt: skip


@pytest.mark.parametrize("heading", FOREIGN)
def test_a_heading_of_another_currency_is_refused(tmp_path: Path, heading: str) -> None:
    text = f'id,"{heading}"\nA,1\n'
    with pytest.raises(pf.DataError, match="which is not in EUR"):
        read(tmp_path, text, columns={"amount": heading})
    assert read(tmp_path, text, columns={"amount": heading}, currency=FOREIGN[heading])["A"].amount == 1


@pytest.mark.parametrize(
    "heading",
    [
        "Amount (EUR)",
        "Amount €",
        "SUM",
        "AMOUNT REQUESTED",
        "EUR (from USD)",
        "NSF sum",
        "Kredit",
        "Euro",
        "Amount won",
        "Montant FR",
        "Try this amount",
        "Funkrahmen",
        "R&D amount",
        "Amount(s)",
        "CRC amount",
        "Montant É",
    ],
)
def test_other_headings_of_amounts_are_read(tmp_path: Path, heading: str) -> None:
    assert read(tmp_path, f"id,{heading}\nA,1\n", columns={"amount": heading})["A"].amount == 1


@pytest.mark.parametrize(
    "heading",
    [
        "Amount (TEUR)", "Amount (k€)", "Betrag (Tsd. EUR)", "Amount in thousands", "Amount (in Mio.)",
        "Amount (millions)", "amount_keur", "Amount EUR k", "Amount €m", "Amount €000", "Amount ('000 EUR)",
        "Betrag in 1.000 EUR", "Amount in k", "Amount (M)", "Belopp (tkr)", "Betrag Mrd. €",
        "申請額（千円）", "申請額（万円）", "申請額(百万円)", "申请经费（万元）", "经费/万元", "신청연구비(천원)",
        "신청연구비(백만원)", "Bedrag (x € 1.000)", "Bedrag in duizenden euro's", "Náklady (tis. Kč)",
        "Belopp i tusen kronor", "Belopp (kkr)", "Valor (R$ mil)", "Valor em R$ mil", "Valor (mil reais)",
        "Valor (milhões)", "Valor (milhares)", "Importe (miles €)", "Cost (lacs)", "Cost, INR Lac", "Cost Rs Cr",
        "Cost in Cr.", "Amount (Rm)", "Betrag in Fr. 1000", "Ποσό (χιλ. €)", "Ποσό (χιλιάδες €)", "Сумма, тыс. евро",
        "Amount mn", "AmountKEUR", "AmountInThousands", "Összeg (eFt)", "Budget (100 million yen)",
        "Amount (EUR th.)", "EUR thsd.", "Amount (th. EUR)", "Importo (mgl €)", "tuh. EUR", "tisuća EUR", "tisoč EUR",
        "tūkstoši EUR", "Monto (mdp)", "tot. 1000 EUR", "Grant (max. 2 million, in thousands)",
        "Up to 2026 (thousand EUR)", "Award max. 500 k€", "Requested (thous. EUR)", "Requested amount (thou.)",
        "Amount in 1,000s", "Amount (1000s)", "Amount (10^3 EUR)", "Amount (10³ €)", "Amount (×10³ EUR)",
        "Amount, 10⁶ EUR", "Amount (EUR 1e3)", "Amount (1E+06 EUR)", "Amount (kiloeuro)", "Amount kilo-euro",
        "Kiloeuros", "Amount (k-EUR)", "Amount (max. 250k, in k€)", "Costo in mila euro", "Costo (mila €)", "€ mila",
        "Importo in mila", "Costo (migl. €)", "Amount (in 100 EUR)", "Amount (100 EUR)", "Amount in hundreds",
        "Amount in 100s", "Betrag in Hundert Euro", "Costo in centinaia di euro", "Montant en centaines d'euros",
        "amount_in_1000_eur", "amount_in_1000", "amount_1000_eur", "amount_eur_1000", "amount_in_100_eur",
        "amount_x_1000", "amount_x1000", "budget_in_1000s", "amount_000_eur", "amount_k", "AmountK", "amount_kilo_eur",
        "amount_in_10^3", "amount-in-1000-eur", "amount.in.1000.eur", "amount.in.k", "amountIn1000Eur", "amount1000eur",
        "Amount/1000", "Amount (*1000)", "Amount*1000", "Amount in units of 1000", "Amount (1000)", "Betrag in 1000er",
        "Amount (thds EUR)", "Betrag in TE", "Betrag (TE)", "Montant (kE)", "Rahoitus (1000 e)",
        "Rahoitus (tuhansina euroina)", "Rahoitus (miljoonina euroina)", "Importe (cientos)", "Betrag in Hundertern",
        "Betrag in Tausendern", "Betrag in Zehntausend", "Belopp i tusental kronor", "Сумма в миллионах",
        "Valor (R$ mi)", "Valor (mi)", "Valor R$ mi", "Valor solicitado (em R$ mi)", "Orçamento em mi de reais",
        "Valor (R$ bi)", "Anggaran (triliun)", "申請額（百円）", "예산(1조원)", "Amount Rs. (L)", "Cost (RUPEE L)",
        "Cost in Rs. L", "Cost (L INR)", "Cost (Rs. Lks)", "Total (in L)", "Rs.Cr",
    ],
)  # fmt: skip
def test_a_heading_of_thousands_is_refused(tmp_path: Path, heading: str) -> None:
    with pytest.raises(pf.DataError, match="which is in hundreds, thousands or more"):
        read(tmp_path, f'id,"{heading}"\nA,1\n', columns={"amount": heading})


@pytest.mark.parametrize(
    "heading",
    [
        "Amount (cents)", "Betrag in Cent", "pence", "amount_cents", "AmountInCents", "Amount (EUR-Cent)", "amount €ct",
        "Amount (eur ct)", "Belopp i öre", "Montant en centimes", "金額（分）",
    ],
)  # fmt: skip
def test_a_heading_of_cents_is_refused(tmp_path: Path, heading: str) -> None:
    with pytest.raises(pf.DataError, match="which is in cents or the like") as error:
        read(tmp_path, f'id,"{heading}"\nA,1\n', columns={"amount": heading})
    assert "amounts are in single units" in error.value.issues[0].hint


@pytest.mark.parametrize(
    "heading",
    [
        "T32 budget", "T32 direct costs", "Budget M36", "Budget M1-M36", "Total budget (M1-M36)", "Amount 36m",
        "Grants 50k", "K50 amount", "Budget T50 programme", "4th EUR call", "Amount not exceeding EUR 100000",
        "Montant ne dépassant pas 100 000 EUR", "Importe que no supere 100.000 EUR", "nicht mehr als 100.000 EUR",
        "Kwota do 500 tys.", "Amount (no cents)", "Betrag ohne Cent", "Cost per cent", "Amount (CT)", "Amount EUR C",
        "Cent. budget", "Montant pour le chercheur", "Amount (sent)",
        "Amount 2000", "Amount above 1000", "Team amount", "EUR match", "Amount (t1)", "Grant amount (max. 2 million)",
        "Grant amount (max 1000 EUR)", "Amount (up to € 2 million)", "Amount (≤ 2 Mio. €)", "Own funds (B)",
        "Total amount requested (max. 250k)",
        "Amount (≤ 2M)", "Amount (max. 250k EUR)", "Amount up to 250k€", "Budget 2010s", "Budget WP1E1", "Amount E3",
        "Kilo Institute amount", "Costo (max 100 mila euro)", "Amount up to 100 EUR", "Costs in 10 countries EUR",
        "Milano budget", "Budget Mila",
        "Budget_M36", "T32_budget", "amount_2000", "Kwota_do_500_tys.", "Grant_amount_(max._2_million)", "EUR_M36",
        "Amount-up-to-250k€", "Amount.not.exceeding.EUR.100000", "nicht-mehr-als-100.000-EUR", "amount_no_cents",
        "Bedrag (in te vullen door aanvrager)", "In-kind contribution EUR", "EUR mi-parcours", "EUR bi-annual",
        "Monto (L.)", "Budget p.m.", "Part K total", "Tranche 1/10", "Betrag unter 36 Mio", "amount_t",
        "Part B EUR", "TTL amount", "申請額（上限500万）", "申請額（500万以下）", "申請上限500万",
    ],
)  # fmt: skip
def test_a_heading_of_single_units_is_read(tmp_path: Path, heading: str) -> None:
    assert read(tmp_path, f"id,{heading}\nA,1\n", columns={"amount": heading})["A"].amount == 1


@pytest.mark.parametrize("heading", ["currency" + "3" * 20_000 + "x", "1" + "0" * 20_000, "max 1 " * 4_000])
def test_a_long_heading_is_read_in_a_time_that_grows_with_it(tmp_path: Path, heading: str) -> None:
    begun = process_time()
    assert len(read(tmp_path, f"id,{heading},x\nA,1,low\n", columns={"amount": heading})) == 1
    assert len(read(tmp_path, f"id,amount,{heading}\nA,1,low\n")) == 1
    assert process_time() - begun < 1


@pytest.mark.parametrize("heading", ["currency risk", "phenomena", "Currency note", "concurrency", "scheme"])
def test_other_columns_are_not_taken_for_currencies(tmp_path: Path, heading: str) -> None:
    assert len(read(tmp_path, f"id,amount,{heading}\nA,1,low\nB,2,paid in 3 parts\n")) == 2
