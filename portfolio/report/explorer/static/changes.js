// Who entered and who left since the last step, by name.

import { button, html, refill } from "./dom.js";
import { countOf } from "./format.js";

const NAMED = 12;

/** A list of proposals by place, each of which can be chosen. */
export function makeList(proposals, money, onPick) {
  return (heading, places) =>
    html(
      "section",
      {},
      html("h4", {}, `${heading}: ${places.length}`),
      html(
        "ul",
        { class: "pe-names" },
        places.slice(0, NAMED).map((place) =>
          html(
            "li",
            {},
            button(proposals.id[place], () => onPick(place), { class: "pe-link" }),
            ` ${proposals.title[place]} (${money.plain(proposals.amount[place])})`,
          ),
        ),
        places.length > NAMED
          ? html("li", {}, `and ${countOf(places.length - NAMED, "more", "more")}; the table shows all`)
          : null,
      ),
    );
}

/** The changes since the last step; `list` is what `makeList` returns. */
export function makeChanges(list) {
  const node = html("div", { class: "pe-changes" });
  return {
    node,
    show(change, wait) {
      refill(node, [change, wait], () => {
        if (wait) return [html("p", { class: "pe-note" }, wait)];
        if (change === null) return [html("p", { class: "pe-note" }, "Nothing was moved yet.")];
        if (change.entered.length + change.left.length === 0) {
          return [html("p", { class: "pe-note" }, "Nobody entered and nobody left.")];
        }
        const lists = [list("\u25b2 Entered", change.entered), list("\u25bc Left", change.left)];
        return [html("div", { class: "pe-pair" }, lists)];
      });
    },
  };
}
