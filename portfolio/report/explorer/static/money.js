// Where the money goes: the budget as a bar, what is held back under it on the same scale, and in a table.

import { fill, html, svg } from "./dom.js";
import { figureText, partText } from "./format.js";

const LIMITS_SHOWN = 6;

/** The bar. `show({budget, spent, reserves})` takes money in units. */
export function makeMoneyBar(money, labelOf) {
  const node = html("div", { class: "pe-bar" });
  return {
    node,
    show({ budget, spent, reserves }) {
      const most = Math.max(
        budget,
        spent,
        ...reserves.map((one) => Math.max(one.required, one.delivered)),
        1,
      );
      const all = `Awarded: ${money.plain(spent)} of ${money.full(budget)} (${partText(spent, budget)})`;
      fill(
        node,
        barRow(all, "pe-spent", spent, budget, most),
        reserves.map((one) => {
          const words = `${labelOf(one.trait)}: ${money.plain(one.delivered)}, held back ${money.plain(one.required)}`;
          return barRow(
            one.met ? words : `${words} \u2013 not met`,
            "pe-held",
            one.delivered,
            one.required,
            most,
          );
        }),
      );
    },
  };
}

function barRow(words, kind, filled, held, most) {
  const wide = (sum) => `${Math.min(99.6, Math.max(0, (99.6 * sum) / most)).toFixed(3)}%`;
  return html(
    "div",
    { class: kind },
    words,
    svg(
      "svg",
      { width: "100%", height: 20, "aria-hidden": "true" },
      svg("rect", { class: "pe-frame", x: 0, y: 3, width: wide(held), height: 14 }),
      svg("rect", { class: "pe-fill", x: 0, y: 3, width: wide(filled), height: 14 }),
      svg("line", { class: "pe-tick", x1: wide(held), x2: wide(held), y1: 0, y2: 20 }),
    ),
  );
}

/** The table of reserves: held back, delivered, and what each costs. */
export function makeReserveTable(money, labelOf, currency) {
  const body = html("tbody");
  const heads = ["Held back", "Delivered", "Price: value lost to it"];
  const node = html(
    "div",
    { class: "pe-wide", tabindex: "0", role: "region", "aria-label": "Reserves" },
    html(
      "table",
      { class: "pe-reserves" },
      html("caption", {}, `Reserves, in ${currency}; prices in value`),
      html(
        "thead",
        {},
        html(
          "tr",
          {},
          html("th", { scope: "col" }, "Held back for"),
          heads.map((head) => html("th", { scope: "col", class: "pe-number" }, head)),
        ),
      ),
      body,
    ),
  );
  return {
    node,
    show(reserves, prices, wait) {
      node.hidden = reserves.length === 0;
      fill(
        body,
        reserves.map((one, place) => {
          const price = prices?.[place];
          return html(
            "tr",
            {},
            html("th", { scope: "row" }, labelOf(one.trait)),
            html("td", { class: "pe-number" }, money.plain(one.required)),
            html(
              "td",
              { class: "pe-number" },
              `${money.plain(one.delivered)} ${one.met ? "\u2713" : "\u2717"}`,
              one.met ? html("span", { class: "pe-hidden" }, " met") : html("div", {}, "not met"),
            ),
            html("td", { class: "pe-number pe-price" }, price ? priceCell(price) : wait),
          );
        }),
      );
    },
  };
}

function priceCell(price) {
  const [entered, left] = [price.entered?.length ?? 0, price.left?.length ?? 0];
  const words = price.words ?? figureText(price.price);
  if (entered + left === 0) return [words];
  return [words, html("div", { class: "pe-note" }, `without it ${entered} would enter, ${left} leave`)];
}

/** The limits that leave no room, in words; the others hold and say nothing. */
export function makeLimitList(money) {
  const node = html("div", { class: "pe-limits" });
  const text = (value, unit) => (unit === "money" ? money.full(value) : figureText(value));
  return {
    node,
    show(limits) {
      const binding = limits.filter((one) => one.binding);
      fill(
        node,
        limits.length === 0
          ? []
          : [
              html("h4", {}, `Limits without room left: ${binding.length} of ${limits.length}`),
              html(
                "ul",
                {},
                binding.slice(0, LIMITS_SHOWN).map((one) => {
                  const whose = one.name ? `${one.name}: ` : "";
                  return html("li", {}, `${whose}${one.words}, now ${text(one.delivered, one.unit)}`);
                }),
              ),
              binding.length > LIMITS_SHOWN
                ? html("p", { class: "pe-note" }, `and ${binding.length - LIMITS_SHOWN} more`)
                : null,
            ],
      );
    },
  };
}
