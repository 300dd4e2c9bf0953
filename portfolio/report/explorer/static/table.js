// Every proposal in rows, a page at a time: found by words, sorted by a column, chosen by mouse or keyboard.

import { DECISIONS } from "./decisions.js";
import { button, html, newIdentity, refill, say, setEnabled } from "./dom.js";
import { countOf, countText, figureText } from "./format.js";

const ROWS_PER_PAGE = 25;
const SHOW = [
  ["all", "all proposals", () => true],
  ["funded", "funded", ({ name }) => name === "funded" || name === "entered" || name === "part"],
  ["not", "not funded", ({ name }) => name === "rejected" || name === "left"],
  ["moved", "entered or left", ({ name }) => name === "entered" || name === "left"],
  ["ineligible", "not eligible", ({ name }) => name === "ineligible"],
];

/** The table. `onPick(place, byPointer)` is told which proposal was chosen, and how. */
export function makeTable(proposals, money, onPick) {
  const columns = columnsOf(proposals, money);
  const words = proposals.id.map((_, place) =>
    ["id", "title", "field", "institution", "region"]
      .map((name) => proposals[name]?.[place] ?? "")
      .join(" ")
      .toLowerCase(),
  );
  let view = null;
  let sort = { column: columns[0], down: false };
  let page = 0;

  const search = html("input", { type: "search", id: newIdentity("search"), input: () => turn(0) });
  const which = html(
    "select",
    { id: newIdentity("which"), change: () => turn(0) },
    SHOW.map(([name, label]) => html("option", { value: name }, label)),
  );
  const heads = columns.map((column) => {
    const press = () => {
      sort = { column, down: sort.column === column && !sort.down };
      turn(0);
    };
    return html(
      "th",
      { scope: "col", class: column.number ? "pe-number" : null },
      html("button", { type: "button", class: "pe-sort", click: press }, column.label),
    );
  });
  const body = html("tbody");
  const count = html("p", { class: "pe-note", role: "status" });
  const previous = button("Previous page", () => turn(page - 1));
  const next = button("Next page", () => turn(page + 1));
  const node = html(
    "div",
    {},
    html(
      "div",
      { class: "pe-tools" },
      html("label", { for: search.id }, "Search"),
      search,
      html("label", { for: which.id }, "Show"),
      which,
    ),
    html(
      "div",
      { class: "pe-wide", tabindex: "0", role: "region", "aria-label": "Proposals" },
      html(
        "table",
        { class: "pe-proposals" },
        html("caption", {}, "Proposals"),
        html("thead", {}, html("tr", {}, heads)),
        body,
      ),
    ),
    html("div", { class: "pe-tools" }, previous, next, count),
  );

  const turn = (to) => {
    page = to;
    if (view !== null) draw();
  };
  const found = () => {
    const wanted = search.value.trim().toLowerCase();
    const [, , matches] = SHOW.find(([name]) => name === which.value);
    const places = [];
    for (let place = 0; place < words.length; place += 1) {
      if (matches(DECISIONS[view.decisions[place]]) && words[place].includes(wanted)) places.push(place);
    }
    const keys = places.length > 0 ? sort.column.key(view) : null;
    return places.sort((one, other) => compared(keys(one), keys(other), sort.down) || one - other);
  };
  const draw = () => {
    const places = found();
    const pages = Math.max(1, Math.ceil(places.length / ROWS_PER_PAGE));
    page = Math.min(Math.max(page, 0), pages - 1);
    columns.forEach((column, place) => {
      const way = column === sort.column ? (sort.down ? "descending" : "ascending") : "none";
      heads[place].setAttribute("aria-sort", way);
    });
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    const shown = places.slice(page * ROWS_PER_PAGE, (page + 1) * ROWS_PER_PAGE);
    const { decisions, awarded } = view;
    // A row that is made anew between the press and the release of a button has lost the click.
    const drawn = refill(
      body,
      shown.map((place) => [place, decisions[place], awarded[place]]),
      () => shown.map((place) => row(place)),
    );
    mark();
    // Rows are made anew under the reader's hands; the focus stays with the proposal.
    if (drawn && focused !== null)
      body.querySelector(`button[data-place="${focused}"]`)?.focus({ preventScroll: true });
    say(
      count,
      `${countOf(places.length, "proposal", "proposals")}, page ${countText(page + 1)} of ${countText(pages)}`,
    );
    setEnabled(previous, page > 0);
    setEnabled(next, page < pages - 1);
  };
  const mark = () => {
    for (const pick of body.querySelectorAll("button[data-place]")) {
      const pressed = Number(pick.dataset.place) === view.selected;
      pick.setAttribute("aria-pressed", String(pressed));
      pick.closest("tr").classList.toggle("pe-selected", pressed);
    }
  };
  const row = (place) => {
    const pick = html("button", { type: "button", class: "pe-link", "data-place": place }, proposals.id[place]);
    const cells = columns.map((column, at) =>
      at === 1
        ? html("th", { scope: "row" }, pick)
        : html(
            "td",
            { class: column.number ? "pe-number" : column.wide ? "pe-title" : null },
            column.cell(view, place),
          ),
    );
    return html("tr", { click: (event) => onPick(place, event.detail > 0) }, cells);
  };

  return {
    node,
    /** `view`: decisions, shares and awarded sums by place, and the place of the selected proposal. */
    show(newView) {
      view = newView;
      draw();
    },
  };
}

function columnsOf(proposals, money) {
  const text = (name, label, wide = false) => ({
    label,
    wide,
    key: () => (place) => proposals[name][place] ?? null,
    cell: (_, place) => proposals[name][place] ?? "",
  });
  const number = (name, label, words) => ({
    ...text(name, label),
    number: true,
    cell: (_, place) => (proposals[name][place] === null ? "" : words(proposals[name][place])),
  });
  const decision = {
    label: "Decision",
    key: (view) => (place) => DECISIONS.length - view.decisions[place],
    cell: (view, place) => {
      const { name, symbol, words } = DECISIONS[view.decisions[place]];
      return [
        html("span", { class: `pe-symbol pe-${name}`, "aria-hidden": "true" }, symbol),
        short(name, words),
      ];
    },
  };
  const awarded = {
    label: "Awarded",
    number: true,
    key: (view) => (place) => view.awarded[place],
    cell: (view, place) => (view.awarded[place] > 0 ? money.plain(view.awarded[place]) : ""),
  };
  // What is known of no proposal would only make the others narrow.
  const ifKnown = (name, column) =>
    proposals[name]?.some((value) => value !== null && value !== "") ? [column] : [];
  return [
    decision,
    text("id", "Id"),
    ...ifKnown("title", text("title", "Title", true)),
    number("amount", "Asked for", money.plain),
    awarded,
    ...ifKnown("merit", number("merit", "Merit", (value) => value.toFixed(2))),
    ...ifKnown("risk", number("risk", "Risk", (value) => value.toFixed(2))),
    ...ifKnown("horizon_years", number("horizon_years", "Years", figureText)),
    ...ifKnown("field", text("field", "Field")),
    ...ifKnown("institution", text("institution", "Institution")),
  ];
}

function short(name, words) {
  return { entered: "entered", left: "left", part: "in part" }[name] ?? words;
}

/** Smaller first, unknown last whichever way. Words by their code points: the same order on every machine. */
function compared(one, other, down) {
  if (one === other) return 0;
  if (one === null || other === null) return one === null ? 1 : -1;
  return (one < other ? -1 : 1) * (down ? -1 : 1);
}
