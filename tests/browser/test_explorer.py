"""The explorer in Chromium: what it shows is what the command decides, whichever way the page is used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from browser.chromium import EXAMPLE, PATIENCE, Opened, command, context, explorer, picture, settle

import portfolio as pf
from portfolio.optimize.figures import at_most, figure

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FILES = (EXAMPLE / "proposals.csv", "--reviews", EXAMPLE / "reviews.csv")
RISKY = "reserve.high_risk.share"


def slider(page: Page, key: str) -> Locator:
    return page.locator(f'input[type=range][data-key="{key}"]')


def typed(page: Page, key: str) -> Locator:
    return page.locator(".pe-control").filter(has=slider(page, key)).locator("input[type=text]")


def do(page: Page, name: str) -> Locator:
    return page.locator(f'[data-do="{name}"]')


def move(page: Page, key: str, presses: int) -> None:
    """Move a slider by the keyboard and wait for the proof."""
    slider(page, key).focus()
    for _ in range(abs(presses)):
        page.keyboard.press("ArrowRight" if presses > 0 else "ArrowLeft")
    settle(page)


def saved(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        do(page, name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def shown_awards(page: Page) -> list[str]:
    """Read the ids of all awards off the pages of the table."""
    page.get_by_label("Show", exact=True).select_option("funded")
    ids: list[str] = []
    while True:
        ids += page.locator(".pe-proposals tbody th").all_inner_texts()
        onward = page.get_by_role("button", name="Next page")
        if onward.get_attribute("aria-disabled") == "true":
            break
        onward.click()
    page.get_by_label("Show", exact=True).select_option("all")
    return sorted(ids)


def decided(policy: Path, folder: Path) -> Path:
    """Return the awards of the command under a policy."""
    command("optimize", *FILES, "--policy", policy, "--out", folder, "--quiet")
    return folder / "awards.csv"


def ids(awards: Path) -> list[str]:
    return sorted(pl.read_csv(awards)["id"])


def changed(folder: Path, **changes: Any) -> Path:
    """Write the policy of the example with other values, without the page."""
    path = folder / "changed.toml"
    policy = pf.read_policy(EXAMPLE / "policy.toml").replace(**changes)
    path.write_text(policy.to_toml(), encoding="utf-8")
    return path


def test_a_slider_moved_by_the_keyboard_decides_as_the_command_does(
    open_page: Opened, example: str, tmp_path: Path
) -> None:
    page = open_page(example)
    before = shown_awards(page)
    move(page, "budget", -4)
    budget = int(float(slider(page, "budget").input_value()))
    assert budget < 10_000_000
    wanted = decided(changed(tmp_path, budget=budget), tmp_path / "command")
    assert shown_awards(page) == ids(wanted) != before
    # What is downloaded is what the command writes, to the byte, for the policy that is downloaded.
    policy, awards = saved(page, "policy", tmp_path), saved(page, "awards", tmp_path)
    assert (policy.name, awards.name) == ("policy.toml", "awards.csv")
    assert awards.read_bytes() == wanted.read_bytes()
    assert awards.read_bytes() == decided(policy, tmp_path / "saved").read_bytes()


def test_a_slider_moved_by_the_mouse_is_one_step(open_page: Opened, example: str, tmp_path: Path) -> None:
    page = open_page(example)
    first = shown_awards(page)
    box = slider(page, RISKY).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.2 * box["width"], middle)
    page.mouse.down()
    for share in (0.15, 0.1, 0.05, 0.02):
        page.mouse.move(box["x"] + share * box["width"], middle)
    page.mouse.up()
    settle(page)
    share = float(slider(page, RISKY).input_value())
    assert 0 <= share < 0.1
    # With less held back for risk there is the room to be seen from the command.
    policy = pf.read_policy(EXAMPLE / "policy.toml")
    reserves = tuple(r.replace(share=share) if r.trait == "high_risk" else r for r in policy.reserve)
    wanted = ids(decided(changed(tmp_path, reserve=reserves), tmp_path / "command"))
    assert shown_awards(page) == wanted
    # The page lists who entered and who left between the two decisions.
    listed = page.locator(".pe-changes").inner_text()
    entered, left = set(wanted) - set(first), set(first) - set(wanted)
    assert set(re.findall(r"P-\d+", listed)) == entered | left
    if entered or left:
        assert f"Entered: {len(entered)}" in listed
        assert f"Left: {len(left)}" in listed
    do(page, "undo").click()
    settle(page)
    assert float(slider(page, RISKY).input_value()) == 0.2
    assert shown_awards(page) == first
    assert do(page, "undo").get_attribute("aria-disabled") == "true"


def test_undo_redo_and_reset(open_page: Opened, example: str) -> None:
    page = open_page(example)
    first = shown_awards(page)
    move(page, "budget", -1)
    one = float(slider(page, "budget").input_value())
    move(page, "budget", -1)
    two = float(slider(page, "budget").input_value())
    do(page, "undo").click()
    settle(page)
    assert float(slider(page, "budget").input_value()) == one
    do(page, "redo").click()
    settle(page)
    assert float(slider(page, "budget").input_value()) == two < one
    do(page, "reset").click()
    settle(page)
    assert float(slider(page, "budget").input_value()) == 10_000_000
    assert shown_awards(page) == first
    # A reset is a step too.
    do(page, "undo").click()
    settle(page)
    assert float(slider(page, "budget").input_value()) == two


def test_a_clicked_proposal_says_why_and_can_be_decided_by_hand(
    open_page: Opened, example: str, tmp_path: Path
) -> None:
    page = open_page(example)
    outside = sorted({f"P-{n:03}" for n in range(1, 61)} - set(shown_awards(page)))
    page.get_by_label("Show", exact=True).select_option("not")
    name = page.locator(".pe-proposals tbody th").first.inner_text()
    assert name in outside
    page.get_by_role("button", name=name, exact=True).first.click()
    why = page.locator(".pe-why")
    why.get_by_text(f"{name}: not funded").wait_for()
    why.get_by_text("value lost").first.wait_for()
    do(page, "fund").click()
    settle(page)
    assert name in shown_awards(page)
    wanted = decided(changed(tmp_path, must_fund=(name,)), tmp_path / "command")
    assert shown_awards(page) == ids(wanted)
    assert do(page, "fund").get_attribute("aria-pressed") == "true"
    do(page, "decline").click()
    settle(page)
    assert name not in shown_awards(page)
    page.get_by_role("button", name=f"Release {name}").click()
    settle(page)
    assert do(page, "reset").get_attribute("aria-disabled") == "true"


def test_answers_that_change_no_row_leave_the_pressed_button_where_it_is(
    open_page: Opened, example: str
) -> None:
    page = open_page(example)
    pressed = page.locator("button[data-place]").first
    pressed.evaluate("(button) => { button.isTheSame = true; }")
    page.locator(".pe-block-frontier select").select_option("reserve.high_risk.share")
    page.locator(".pe-block-frontier td", has_text="%").first.wait_for(state="attached")
    assert pressed.evaluate("(button) => button.isTheSame") is True
    # A press that lasts while an answer comes is a click all the same.
    pressed.hover()
    page.mouse.down()
    page.locator(".pe-block-frontier select").select_option("budget")
    page.locator(".pe-block-frontier tbody tr", has_not_text="%").first.wait_for(state="attached")
    page.mouse.up()
    page.locator(".pe-why li").first.wait_for()
    assert pressed.get_attribute("aria-pressed") == "true"
    assert pressed.evaluate("(button) => button.isTheSame") is True


def test_a_click_on_the_plane_chooses_a_proposal(open_page: Opened, example: str) -> None:
    page = open_page(example)
    plane = page.locator(".pe-plane")
    assert re.search(r"Risk and horizon of 43 proposals: .*funded", plane.get_attribute("aria-label") or "")
    page.locator(".pe-point.pe-funded").scroll_into_view_if_needed()
    # The first point of the funded begins at its left edge.
    start = re.match(r"M([\d.]+) ([\d.]+)", page.locator(".pe-point.pe-funded").get_attribute("d") or "")
    assert start is not None
    plane.click(position={"x": float(start[1]) + 1, "y": float(start[2])})
    page.locator(".pe-why li").first.wait_for()
    assert ": funded" in page.locator(".pe-why").inner_text()


def test_two_states_side_by_side(open_page: Opened, example: str, tmp_path: Path) -> None:
    page = open_page(example)
    a = shown_awards(page)
    do(page, "keep").click()
    move(page, "budget", -4)
    b = shown_awards(page)
    rows = dict(
        text.split("\t", 1)
        for text in page.locator(".pe-compared tbody tr").all_inner_texts()
        if "\t" in text
    )
    counts = [part.strip() for part in rows["Awards"].split("\t")]
    assert counts[:2] == [str(len(a)), str(len(b))]
    budgets = rows["Setting: Budget"].split("\t")
    assert budgets[0].strip() == "10,000,000 EUR"
    lists = page.locator(".pe-compared .pe-pair section").all_inner_texts()
    assert set(re.findall(r"P-\d+", lists[0])) == set(b) - set(a)
    assert set(re.findall(r"P-\d+", lists[1])) == set(a) - set(b)
    do(page, "back").click()
    settle(page)
    assert shown_awards(page) == a


@pytest.mark.parametrize(("share", "stage"), [("95", "infeasible"), ("-3", "refused")])
def test_a_state_that_is_not_decided_is_said_beside_the_one_that_is_kept(
    open_page: Opened, example: str, share: str, stage: str
) -> None:
    page = open_page(example)
    do(page, "keep").click()
    field = typed(page, RISKY)
    field.fill(share)
    field.press("Enter")
    page.wait_for_selector(f".portfolio-explorer[data-stage={stage}]")
    compared = page.locator(".pe-compared .pe-note")
    assert compared.inner_text() == "State A is kept. No new decision."
    # Nothing on the page waits for an answer that does not come.
    page.wait_for_selector(".portfolio-explorer[data-done=true]")
    visible = page.locator(".portfolio-explorer").inner_text()
    assert not re.search("being (decided|computed)|\u2026", visible, re.IGNORECASE), visible
    do(page, "undo").click()
    settle(page)
    page.wait_for_selector(".pe-compared table")


def test_figures_are_those_of_all_other_outputs_and_bounds_are_never_below(
    open_page: Opened, example: str
) -> None:
    numbers = np.random.default_rng(7)
    values = [sign * 10.0**power for sign in (-1, 1) for power in numbers.uniform(0, 9, 300).tolist()]
    values += [0.0, 1.0, 51.1333333333, 13_157_133.3333, 9_999.999, 9_999.9999999, 2.55, 10_000.0]
    texts = open_page(example).evaluate(
        """async (values) => {
          const { figureText, mostText } = await import("/format.js");
          return values.map((value) => [figureText(value), mostText(value)]);
        }""",
        values,
    )
    assert texts == [[figure(value), at_most(value)] for value in values]


def test_rules_that_clash_are_named_and_the_last_decision_stays(open_page: Opened, example: str) -> None:
    page = open_page(example)
    before = page.locator(".pe-sentence").inner_text()
    field = typed(page, RISKY)
    field.fill("95")
    field.press("Enter")
    page.wait_for_selector(".portfolio-explorer[data-stage=infeasible]")
    alert = page.get_by_role("alert").inner_text()
    assert "high_risk" in alert
    assert "last decision that was possible" in alert
    # The headline states no decision, and no proof, that does not belong to the numbers on the page.
    assert page.locator(".pe-sentence").inner_text() == ""
    assert page.locator(".pe-words").inner_text() == ""
    assert do(page, "awards").get_attribute("aria-disabled") == "true"
    # What ends the clash is no rule that clashes.
    assert "Removing any one" in alert
    assert not any("Removing" in line for line in page.locator(".pe-alert li").all_inner_texts())
    do(page, "undo").click()
    settle(page)
    assert page.get_by_role("alert").inner_text().strip() == ""
    assert page.locator(".pe-sentence").inner_text() == before
    assert do(page, "awards").get_attribute("aria-disabled") == "false"


def test_an_answer_that_comes_while_a_number_is_typed_leaves_what_is_typed(
    open_page: Opened, example: str
) -> None:
    page = open_page(example)
    field = typed(page, RISKY)
    field.fill("9")
    # The answer is asked for by the script, so that the focus stays where somebody types.
    page.evaluate("document.querySelector('.pe-proposals tbody button').click()")
    page.wait_for_selector(".pe-detail h4")
    assert field.input_value() == "9"
    # Left with the value that the policy has, the field shows what the policy has.
    field.fill("20")
    field.blur()
    settle(page)
    assert field.input_value() == "20"
    assert do(page, "undo").get_attribute("aria-disabled") == "true"


def test_a_value_that_no_policy_may_have_is_refused(open_page: Opened, example: str) -> None:
    page = open_page(example)
    field = typed(page, RISKY)
    field.fill("250")
    field.press("Enter")
    page.wait_for_selector(".portfolio-explorer[data-stage=refused]")
    assert "share" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        (RISKY, "12,5", 0.125),
        (RISKY, "12.345", 0.12345),
        (RISKY, " 7 ", 0.07),
        (RISKY, ",5", 0.005),
        (RISKY, "0,125", 0.00125),
        ("objective.zero", "2,5", 2.5),
        ("objective.zero", "\u22121", -1),
        ("budget", "9600000,50", 9_600_000.5),
        ("budget", "9e6", 9_000_000),
    ],
)
def test_a_number_is_read_in_every_language(
    key: str, text: str, value: float, open_page: Opened, example: str, tmp_path: Path
) -> None:
    page = open_page(example)
    typed(page, key).fill(text)
    typed(page, key).press("Enter")
    page.wait_for_selector("[data-do=undo][aria-disabled=false]")
    assert typed(page, key).get_attribute("aria-invalid") == "false"
    policy = pf.read_policy(saved(page, "policy", tmp_path))
    read = {
        RISKY: next(reserve.share for reserve in policy.reserve if reserve.trait == "high_risk"),
        "objective.zero": policy.objective.zero,
        "budget": policy.budget,
    }
    assert float(str(read[key])) == value


@pytest.mark.parametrize(
    "text", ["1.600.000", "1,600", "1.600", "1 600 000", "ten", "1,6,0", "5 %", "0x10", "--1"]
)
def test_what_could_mean_two_things_is_not_read_and_nothing_is_saved(
    text: str, open_page: Opened, example: str
) -> None:
    page = open_page(example)
    files: list[object] = []

    def note_file(file: object) -> None:
        files.append(file)

    page.on("download", note_file)
    field, note = typed(page, "budget"), page.locator(".pe-unread:not(:empty)")
    field.fill(text)
    # The field is left by the press itself.
    do(page, "policy").click()
    assert note.inner_text().startswith("Not read: ")
    assert field.input_value() == text
    assert field.get_attribute("aria-invalid") == "true"
    page.wait_for_selector("[data-do=policy][aria-disabled=true]")
    do(page, "awards").dispatch_event("click")
    settle(page)
    assert do(page, "undo").get_attribute("aria-disabled") == "true"
    assert not files
    field.fill("9600000")
    field.press("Enter")
    settle(page)
    assert note.count() == 0
    assert slider(page, "budget").input_value() == "9600000"
    assert do(page, "policy").get_attribute("aria-disabled") == "false"


def test_a_field_that_is_emptied_shows_again_what_is_in_force(open_page: Opened, example: str) -> None:
    page = open_page(example)
    field = typed(page, RISKY)
    for text in ("", "  ", "1.2.3"):
        field.fill(text)
        field.blur()
    assert field.input_value() == "1.2.3"
    field.fill("")
    field.blur()
    assert field.input_value() == "20"
    assert page.locator(".pe-unread:not(:empty)").count() == 0
    # The slider takes the place of what was not read.
    field.fill("1.2.3")
    field.blur()
    move(page, RISKY, -1)
    assert float(field.input_value()) == round(100 * float(slider(page, RISKY).input_value()), 9)
    assert page.locator(".pe-unread:not(:empty)").count() == 0


def test_search_and_sort(open_page: Opened, example: str) -> None:
    page = open_page(example)
    names = page.locator(".pe-proposals tbody th")
    page.get_by_label("Search", exact=True).fill("p-007")
    assert names.all_inner_texts() == ["P-007"]
    page.get_by_label("Search", exact=True).fill("")
    head = page.get_by_role("columnheader", name="Asked for")
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    sums = page.locator(".pe-proposals tbody td:nth-child(4)").all_inner_texts()
    amounts = [float(text.replace(",", "")) for text in sums]
    assert amounts == sorted(amounts, reverse=True)
    assert amounts[0] == pl.read_csv(EXAMPLE / "proposals.csv")["amount"].max()


def test_the_frontier_is_a_bound_above_the_decision(open_page: Opened, example: str) -> None:
    page = open_page(example)
    figures = page.locator(".pe-block-frontier details")
    figures.wait_for()
    figures.locator("summary").click()
    bounds = [
        float(row.split("\t")[1].replace(",", "")) for row in figures.locator("tbody tr").all_inner_texts()
    ]
    assert len(bounds) >= 5
    value = pf.Problem(*example_call()).solve().value
    assert max(bounds) >= value
    assert "At most" in page.locator(".pe-block-frontier").inner_text()
    page.get_by_label("Along").select_option(RISKY)
    page.locator(".pe-block-frontier td", has_text="%").first.wait_for()


def example_call() -> tuple[pf.Call, pf.Policy]:
    policy = pf.read_policy(EXAMPLE / "policy.toml")
    return pf.read_call(EXAMPLE / "proposals.csv", EXAMPLE / "reviews.csv", policy=policy), policy


def test_prices_of_reserves_are_those_of_the_library(open_page: Opened, example: str) -> None:
    page = open_page(example)
    prices = pf.price_reserves(pf.Problem(*example_call()).solve())
    rows = page.locator(".pe-reserves tbody tr").all_inner_texts()
    assert len(rows) == len(prices)
    for row, price in zip(rows, prices, strict=True):
        assert row.startswith(price.trait.replace("_", " "))
        assert pf.price_in_words(price) in row


def test_everything_by_keyboard_alone(open_page: Opened, example: str) -> None:
    page = open_page(example)

    def tab_to(condition: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate(
                f"(() => {{ const one = document.activeElement; return Boolean({condition}); }})()"
            ):
                return
        pytest.fail(f"Tab does not reach {condition}")

    tab_to('one.dataset.key === "budget"')
    page.keyboard.press("ArrowLeft")
    settle(page)
    tab_to("one.dataset.place !== undefined")
    page.keyboard.press("Enter")
    page.locator(".pe-why li").first.wait_for()
    # The rows were made anew, and the focus is still in the table.
    assert page.evaluate("document.activeElement.dataset.place !== undefined")
    for _ in range(120):
        if page.evaluate('document.activeElement.dataset.do === "decline"'):
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    settle(page)
    assert page.evaluate('document.activeElement.dataset.do === "decline"')
    assert page.locator(".pe-by-hand li").count() == 1


HOSTILE = {
    "A": "<script>window.hostile = 1</script>",
    "B": '"><img src=x onerror="window.hostile = 1">',
    "C": '=HYPERLINK("http://example.org", "look")',
    "D": "</text><svg onload=window.hostile=1>",
}


def test_hostile_titles_stay_text(open_page: Opened, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": list(HOSTILE),
            "title": list(HOSTILE.values()),
            "institution": ["<b>bold</b>", "x", "y", "z"],
            "amount": [10, 10, 10, 10],
            "merit": [4.0, 3.0, 2.0, 1.0],
            "success_probability": [0.5, 0.4, 0.3, 0.2],
            "years_to_outcome": [1, 2, 3, 4],
        }
    )
    frame.write_csv(tmp_path / "proposals.csv")
    (tmp_path / "policy.toml").write_text('currency = "EUR"\nbudget = 20\n', encoding="utf-8")
    with explorer(tmp_path / "proposals.csv", "--policy", tmp_path / "policy.toml") as address:
        page = open_page(address)
        for name, title in HOSTILE.items():
            page.get_by_role("button", name=name, exact=True).first.click()
            page.locator(".pe-detail h4", has_text=f"{name}: ").wait_for()
            assert page.locator(".pe-detail h4").inner_text() == f"{name}: {title}"
        move(page, "budget", -1)
        page.locator(".pe-plane").hover(position={"x": 200, "y": 200})
        assert set(HOSTILE.values()) <= set(page.locator(".pe-title").all_inner_texts())
        assert page.evaluate("window.hostile === undefined")
        assert page.locator(".portfolio-explorer :is(script, img, iframe, a)").count() == 0


LATE = """async () => {
  const { mount } = await import("/explorer.js");
  const asked = [];
  const place = document.createElement("div");
  document.body.append(place);
  const transport = { ask(request, onAnswer) { asked.push({ request, onAnswer }); return () => {}; } };
  mount(place, transport);
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const start = {
    kind: "start", title: "Late", currency: "EUR", decimals: 2, n: 2, locked: { fund: [], decline: [] }, reserves: [],
    controls: [{ key: "budget", label: "Budget", group: "Budget", unit: "money", value: 10, low: 0, high: 20, step: 1,
      help: "" }],
    proposals: { id: ["A", "B"], title: ["a", "b"], amount: [10, 10], merit: [1, 2], risk: [0.1, null],
      horizon_years: [3, 4], basicness: [null, null], eligible: [true, true] },
    traits: {}, notes: [], merit_zero: 0, over_and_above: false,
  };
  const decided = (step, budget) => ({ kind: "decided", step, stage: "proof", status: "optimal", value: 1, bound: 1,
    gap: 0, budget, spent: 10, n_awards: 1, funded: [0], amounts: [10], reserves: [], limits: [], gave_way: [],
    words: "Proven.", seconds: 0 });
  asked[0].onAnswer({ ...start, step: asked[0].request.step });
  const solves = () => asked.filter(({ request }) => request.kind === "solve");
  const slider = place.querySelector("input[type=range]");
  const moveTo = (value) => { slider.value = value; slider.dispatchEvent(new Event("input"));
    slider.dispatchEvent(new Event("change")); };
  moveTo(11);
  moveTo(12);
  moveTo(13);
  await pause(150);
  // Only the newest of the choices that waited was asked, and with a later step.
  const asks = solves().map(({ request }) => request.set.budget ?? null);
  const steps = solves().map(({ request }) => request.step);
  const newest = solves().at(-1);
  newest.onAnswer(decided(newest.request.step, 13));
  await pause(60);
  const before = place.querySelector(".pe-sentence").textContent;
  for (const stale of solves().slice(0, -1)) stale.onAnswer(decided(stale.request.step, 99));
  await pause(60);
  return { asks, steps, before, after: place.querySelector(".pe-sentence").textContent };
}"""


def test_stale_answers_are_dropped(open_page: Opened, example: str) -> None:
    seen = open_page(example).evaluate(LATE)
    assert seen["asks"] == [None, 13]
    assert seen["steps"] == sorted(seen["steps"])
    assert seen["before"] == seen["after"] == "1 award, 10 of 13 EUR"


def test_the_answer_of_the_lp_is_shown_as_such_until_there_is_the_proof(
    open_page: Opened, example: str
) -> None:
    page = open_page(example)
    page.evaluate(
        """() => { window.stages = []; new MutationObserver(() => {
          const chip = document.querySelector(".pe-chip").textContent;
          if (window.stages.at(-1) !== chip) window.stages.push(chip);
        }).observe(document.querySelector(".pe-headline"),
          { subtree: true, childList: true, characterData: true }); }"""
    )
    # On a fast machine the proof may be there before the LP answer was painted, so a few steps are taken.
    for _ in range(5):
        move(page, "budget", -1)
    stages = page.evaluate("window.stages")
    assert stages[-1] == "\u25cf Decided"
    assert any("LP answer" in stage for stage in stages)
    assert page.get_by_text("Proven").first.is_visible()


def test_the_address_keeps_no_token(open_page: Opened, example: str) -> None:
    page = open_page(example)
    assert "token" not in page.url
    assert page.evaluate("document.title") != ""


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overlaps_and_nothing_is_cut(open_page: Opened, example: str, width: int) -> None:
    page = open_page(example, width)
    if width < 860:
        assert not slider(page, "budget").is_visible()
        page.get_by_text("Budget, reserves and limits").click()
    page.locator("button[data-place]").first.click()
    page.locator(".pe-why li").first.wait_for()
    do(page, "keep").click()
    move(page, "budget", -3)
    page.locator(".pe-curve").wait_for(state="attached")
    page.evaluate("scrollTo(0, 0)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for blocks in (
        ".pe-head, .pe-headline, .pe-panel, .pe-block",
        ".pe-control > *:not(.pe-hidden)",
        ".pe-tools > *",
    ):
        boxes = [one.bounding_box() for one in page.locator(blocks).all()]
        seen = [box for box in boxes if box is not None and box["width"] * box["height"] > 0]
        assert len(seen) > 3
        assert all(box["x"] >= 0 and box["x"] + box["width"] <= width for box in seen)
        assert not overlaps(seen), blocks
    if width < 860:
        page.get_by_text("Budget, reserves and limits").click()
    picture(
        page,
        f"explorer-{width}.png",
        clip={"x": 0, "y": 0, "width": width, "height": 1250 if width > 860 else 1700},
        full=True,
    )


def overlaps(boxes: list[dict[str, float]]) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Return the pairs of boxes that share more than a pixel each way."""

    def shared(one: dict[str, float], other: dict[str, float], edge: str, size: str) -> float:
        return min(one[edge] + one[size], other[edge] + other[size]) - max(one[edge], other[edge])

    pairs = [(one, other) for place, one in enumerate(boxes) for other in boxes[:place]]
    return [
        (one, other)
        for one, other in pairs
        if shared(one, other, "x", "width") > 1 and shared(one, other, "y", "height") > 1
    ]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page: Opened, example: str, width: int, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(example, width)
    page.emulate_media(color_scheme=scheme)
    if width < 860:
        page.get_by_text("Budget, reserves and limits").click()
    page.locator("button[data-place]").first.click()
    page.locator(".pe-why li").first.wait_for()
    do(page, "keep").click()
    move(page, "budget", -2)
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in {"serious", "critical"}]
    nodes = [
        (one["id"], node["html"][:200], node["failureSummary"]) for one in serious for node in one["nodes"]
    ]
    assert not nodes


def test_a_session_that_has_ended_is_said_so(open_page: Opened, tmp_path: Path) -> None:
    (tmp_path / "proposals.csv").write_text("id,amount,merit\nA,10,2\nB,10,1\n", encoding="utf-8")
    (tmp_path / "policy.toml").write_text('currency = "EUR"\nbudget = 10\n', encoding="utf-8")
    with explorer(tmp_path / "proposals.csv", "--policy", tmp_path / "policy.toml") as address:
        page = open_page(address)
    slider(page, "budget").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".portfolio-explorer[data-stage=failed]", timeout=PATIENCE)
    assert "does not answer" in page.get_by_role("alert").inner_text()


def test_a_call_that_says_little_is_shown_without_empty_parts(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "call.csv").write_text("id,amount,merit\nA,9999999,5\nB,2,4\n", encoding="utf-8")
    (tmp_path / "policy.toml").write_text("budget = 10_000_000\ncurrency = 'EUR'\n", encoding="utf-8")
    with (
        explorer(tmp_path / "call.csv", "--policy", tmp_path / "policy.toml") as address,
        context(browser) as opened,
    ):
        page = opened.new_page()
        page.goto(address)
        settle(page)
        heads = page.locator(".pe-proposals thead th").all_inner_texts()
        assert [head.split()[0] for head in heads] == ["Decision", "Id", "Asked", "Awarded", "Merit"]
        assert page.locator(".pe-plane, .pe-legend").count() == 0
        assert "2 proposals not drawn" in page.locator(".pe-block-plane").inner_text()
        # All but one of ten million must not read as all of it.
        assert "(more than 99.99%)" in page.locator(".pe-block-money").inner_text()
