// Where each part of the page stands.

import { button, html, newIdentity } from "./dom.js";

export function pageOf(start, parts, tools) {
  const block = (name, heading, ...children) => {
    const title = newIdentity(name);
    return html(
      "section",
      { class: `pe-block pe-block-${name}`, "aria-labelledby": title },
      html("h3", { id: title }, heading),
      children,
    );
  };
  const notes = start.notes ?? [];
  return [
    html(
      "header",
      { class: "pe-head" },
      html("h2", {}, start.title),
      html("div", { class: "pe-tools pe-actions", role: "group", "aria-label": "Steps and files" }, tools),
    ),
    parts.headline.node,
    parts.headline.live,
    parts.headline.alert,
    html(
      "div",
      { class: "pe-columns" },
      html("div", { class: "pe-side" }, parts.folded),
      html(
        "div",
        { class: "pe-results" },
        start.over_and_above
          ? html(
              "p",
              { class: "pe-note" },
              "Reserves over and above are decided in rounds, for which there is no LP: all answers are exact.",
            )
          : null,
        block("money", "Money", parts.bar.node, parts.reserves.node, parts.limits.node),
        block("plane", "Risk and horizon", parts.plane.node),
        html(
          "div",
          { class: "pe-stack" },
          block("changes", "Since the last step", parts.changes.node),
          block("detail", "The chosen proposal", parts.detail.node),
        ),
        block("compare", "Two states side by side", parts.compare.node),
        block("frontier", "What more would bring at most", parts.along.node),
        block("table", "All proposals", parts.table.node),
        notes.length > 0
          ? block(
              "notes",
              "Notes",
              html(
                "ul",
                {},
                notes.map((note) => html("li", {}, note)),
              ),
            )
          : null,
      ),
    ),
  ];
}

export function handWritten(choice, onRelease) {
  const of = (way, words) =>
    choice[way].map((id) =>
      html(
        "li",
        {},
        `${id}: ${words} `,
        button("release", () => onRelease(id), { class: "pe-link", "aria-label": `Release ${id}` }),
      ),
    );
  const items = [...of("fund", "funded by hand"), ...of("decline", "declined by hand")];
  return items.length === 0
    ? []
    : [html("h4", {}, "Decided by hand"), html("ul", { class: "pe-names" }, items)];
}
