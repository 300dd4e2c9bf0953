// Two states side by side: one that was kept, and the one on the screen.

import { button, html, refill } from "./dom.js";
import { controlText, countText, figureText, mostText, percentText, signed } from "./format.js";
import { difference } from "./state.js";

/** The comparison. A state is {choice, decided}; `onBack(choice)` goes to the one that was kept. */
export function makeCompare(start, money, labelOf, listOf, { onKeep, onBack, onForget }) {
  const body = html("div", { class: "pe-compared" });
  const node = html(
    "div",
    {},
    html(
      "div",
      { class: "pe-tools" },
      button("Keep this state as A", onKeep, { "data-do": "keep" }),
      button("Go back to A", onBack, { "data-do": "back" }),
      button("Forget A", onForget, { "data-do": "forget" }),
    ),
    body,
  );
  const [, back, forget] = node.querySelectorAll("button");
  return {
    node,
    /** `wait` says why there is no other state where `now` is null. */
    show(kept, now, wait) {
      for (const one of [back, forget]) one.hidden = kept === null;
      const note = (words) => [html("p", { class: "pe-note" }, words)];
      const what = [kept, now].map((one) => one && [one.decided.step, one.decided.stage]);
      refill(body, [what, now === null && wait], () => {
        if (kept === null)
          return note("Keep the state on the screen, move something, and read what differs.");
        if (now === null) return note(`State A is kept. ${wait}`);
        const { entered, left } = difference(kept.decided.funded, now.decided.funded);
        const lists = [listOf("Funded in B only", entered), listOf("Funded in A only", left)];
        const named = { class: "pe-wide", tabindex: "0", role: "region", "aria-label": "Comparison" };
        return [
          html("div", named, sideBySide(start, kept, now, money, labelOf)),
          html("div", { class: "pe-pair" }, lists),
        ];
      });
    },
  };
}

function sideBySide(start, kept, now, money, labelOf) {
  const [a, b] = [kept.decided, now.decided];
  const count = (value) => countText(value);
  const rows = [
    ["Awarded", a.spent, b.spent, money.plain],
    ["Awards", a.n_awards, b.n_awards, count],
    [
      `Value${a.stage === "proof" && b.stage === "proof" ? "" : ", not proven yet"}`,
      a.value,
      b.value,
      figureText,
    ],
    ["Value, at most", a.bound, b.bound, mostText, figureText],
    ...b.reserves.map((one, place) => [
      `Delivered for ${labelOf(one.trait)}`,
      a.reserves[place]?.delivered ?? null,
      one.delivered,
      money.plain,
    ]),
  ];
  const changed = start.controls.filter((control) => valueIn(kept, control) !== valueIn(now, control));
  const settings = changed.map((control) => {
    const text = (value) => controlText(control, value, money);
    return [
      `Setting: ${control.label}`,
      valueIn(kept, control),
      valueIn(now, control),
      text,
      control.unit === "share" ? (value) => `${percentText(value).slice(0, -1)} points` : text,
    ];
  });
  const locks = ["fund", "decline"]
    .filter((way) => kept.choice[way].length + now.choice[way].length > 0)
    .map((way) => [
      way === "fund" ? "Funded by hand" : "Declined by hand",
      kept.choice[way].length,
      now.choice[way].length,
      count,
    ]);
  return html(
    "table",
    {},
    html("caption", {}, `A was kept, B is on the screen; money in ${start.currency}`),
    html(
      "thead",
      {},
      html(
        "tr",
        {},
        html("th", { scope: "col" }, ""),
        ["A", "B", "B \u2212 A"].map((head) => html("th", { scope: "col", class: "pe-number" }, head)),
      ),
    ),
    html(
      "tbody",
      {},
      [...settings, ...locks, ...rows].map(([label, one, other, text, apart = text]) =>
        html(
          "tr",
          {},
          html("th", { scope: "row" }, label),
          [one, other].map((value) =>
            html("td", { class: "pe-number" }, isNothing(value) ? "not known" : text(value)),
          ),
          html(
            "td",
            { class: "pe-number" },
            isNothing(one) || isNothing(other) ? "" : signed(tidy(other - one), apart),
          ),
        ),
      ),
    ),
  );
}

function valueIn(state, control) {
  return state.choice.set[control.key] ?? control.value;
}

function isNothing(value) {
  return value === null || value === undefined;
}

// A difference of two decimals is not to show what binary fractions leave over.
function tidy(value) {
  return Number(value.toPrecision(12));
}
