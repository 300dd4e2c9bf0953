// The clicked proposal: why it was decided so, and the two ways to decide it by hand.

import { button, html, refill } from "./dom.js";

/** The panel. `onLock(id, way)` is told "fund", "decline" or null for neither. */
export function makeDetail(proposals, money, onLock) {
  const node = html(
    "div",
    { class: "pe-detail", "aria-live": "polite" },
    html(
      "p",
      { class: "pe-note" },
      "Choose a proposal in the table or on the plane to read why it was decided so.",
    ),
  );
  return {
    node,
    /** `why`: an answer or null; `lock`: how it is decided by hand; `filed`: how the policy decides it by name. */
    show({ place, why, lock, filed, wait }) {
      if (place === null) return;
      const id = proposals.id[place];
      const lines = (why?.lines ?? []).map((line) => html("li", {}, line));
      const focused = node.contains(document.activeElement) ? document.activeElement.dataset.do : null;
      refill(node, [place, why?.lines, lock, filed, wait], () => [
        html("h4", {}, `${id}: ${proposals.title[place]}`),
        html("p", { class: "pe-note" }, factsOf(proposals, place, money)),
        html("ul", { class: "pe-why" }, lines),
        wait ? html("p", { class: "pe-note" }, wait) : null,
        filed
          ? html(
              "p",
              { class: "pe-note" },
              `The policy of the file ${filed === "fund" ? "funds" : "declines"} it by name.`,
            )
          : html(
              "div",
              { class: "pe-tools" },
              button("Fund this anyway", () => onLock(id, lock === "fund" ? null : "fund"), {
                "data-do": "fund",
                "aria-pressed": String(lock === "fund"),
              }),
              button("Do not fund this", () => onLock(id, lock === "decline" ? null : "decline"), {
                "data-do": "decline",
                "aria-pressed": String(lock === "decline"),
              }),
            ),
      ]);
      if (focused) node.querySelector(`[data-do="${focused}"]`)?.focus({ preventScroll: true });
    },
  };
}

function factsOf(proposals, place, money) {
  const known = (name, words) =>
    proposals[name]?.[place] === null || proposals[name]?.[place] === undefined
      ? null
      : `${words} ${proposals[name][place]}`;
  const score = (name, words) =>
    typeof proposals[name][place] === "number"
      ? `${words} ${proposals[name][place].toFixed(2)}`
      : `${words} not known`;
  return [
    `asks for ${money.full(proposals.amount[place])}`,
    score("merit", "merit"),
    score("risk", "risk"),
    typeof proposals.horizon_years[place] === "number"
      ? `${proposals.horizon_years[place]} years until it matters`
      : "horizon not known",
    known("field", "field"),
    known("institution", "institution"),
  ]
    .filter((part) => part !== null)
    .join(" \u00b7 ");
}
