// Where the money goes: the budget as a bar, what is held back under it on the same scale, and the same in a table.

import { fill, html, svg } from "./dom.js";
import { figureText, percentText } from "./format.js";

const BAR_STEP = 42;

/** The bar. `show({budget, spent, reserves})` takes money in units. */
export function makeMoneyBar(money, labelOf) {
  const picture = svg("svg", { class: "pe-bar", role: "img", width: "100%" });
  return {
    node: picture,
    show({ budget, spent, reserves }) {
      const most = Math.max(budget, spent, ...reserves.map((one) => Math.max(one.required, one.delivered)), 1);
      const rows = [
        { words: `Awarded: ${money.full(spent)} of ${money.full(budget)} (${percentText(budget ? spent / budget : 0)})`,
          filled: spent, held: budget, kind: "pe-spent" },
        ...reserves.map((one) => ({
          words: reserveWords(one, money, labelOf), filled: one.delivered, held: one.required, kind: "pe-held",
        })),
      ];
      picture.setAttribute("height", rows.length * BAR_STEP);
      picture.setAttribute("aria-label", rows.map((row) => row.words).join(". "));
      fill(picture, rows.map((row, place) => barRow(row, place * BAR_STEP, most)));
    },
  };
}

function reserveWords(one, money, labelOf) {
  const words = `${labelOf(one.trait)}: ${money.plain(one.delivered)} of ${money.plain(one.required)} held back`;
  return one.met ? words : `${words}, not met`;
}

function barRow({ words, filled, held, kind }, top, most) {
  const wide = (sum) => `${Math.max(0, (100 * sum) / most).toFixed(3)}%`;
  return svg(
    "g", { class: kind },
    svg("text", { x: 0, y: top + 13 }, words),
    svg("rect", { class: "pe-frame", x: 0, y: top + 19, width: wide(held), height: 14 }),
    svg("rect", { class: "pe-fill", x: 0, y: top + 19, width: wide(filled), height: 14 }),
    svg("line", { class: "pe-tick", x1: wide(held), x2: wide(held), y1: top + 16, y2: top + 36 }),
  );
}

/** The table of reserves: held back, delivered, and what each costs. */
export function makeReserveTable(money, labelOf, currency) {
  const body = html("tbody");
  const heads = ["Held back", "Delivered", "Met", "Price: value lost to it"];
  const node = html(
    "div", { class: "pe-wide", tabindex: "0", role: "region", "aria-label": "Reserves" },
    html(
      "table", {},
      html("caption", {}, `Reserves, in ${currency}`),
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Held back for"),
        heads.map((head) => html("th", { scope: "col", class: "pe-number" }, head)))),
      body,
    ),
  );
  return {
    node,
    show(reserves, prices, wait) {
      const priced = new Map((prices ?? []).map((one) => [one.trait, one]));
      node.hidden = reserves.length === 0;
      fill(body, reserves.map((one) => {
        const price = priced.get(one.trait);
        return html(
          "tr", {},
          html("th", { scope: "row" }, labelOf(one.trait)),
          html("td", { class: "pe-number" }, money.plain(one.required)),
          html("td", { class: "pe-number" }, money.plain(one.delivered)),
          html("td", { class: "pe-number" }, one.met ? "\u2713 yes" : "\u2717 no"),
          html("td", { class: "pe-number pe-price" }, price ? priceText(price) : wait),
        );
      }));
    },
  };
}

function priceText(price) {
  const [entered, left] = [price.entered?.length ?? 0, price.left?.length ?? 0];
  const moved = entered + left === 0 ? "" : `; without it ${entered} would enter and ${left} leave`;
  return `${price.words ?? figureText(price.price)}${moved}`;
}
