// What more of something could bring at most, with the decision that is on the screen beside it.

import { fill, html, newIdentity, svg } from "./dom.js";
import { controlText, countOf, figureText, mostText } from "./format.js";

const FRONTIER_HEIGHT = 240;
const EDGE = { left: 56, right: 16, top: 12, bottom: 36 };

/** The frontier along one control. `onKey(key)` is told which control was chosen. */
export function makeFrontier(controls, money, onKey) {
  const pick = html(
    "select",
    { id: newIdentity("along"), change: () => onKey(pick.value) },
    controls.map((control) => html("option", { value: control.key }, `${control.group}: ${control.label}`)),
  );
  const picture = svg("svg", { class: "pe-frontier", role: "img", width: "100%", height: FRONTIER_HEIGHT });
  const words = html("p", { class: "pe-note" });
  const rows = html("tbody");
  const head = html("th", { scope: "col", class: "pe-number" });
  const figures = html(
    "details",
    {},
    html("summary", {}, "The same in figures"),
    html(
      "table",
      {},
      html(
        "thead",
        {},
        html("tr", {}, head, html("th", { scope: "col", class: "pe-number" }, "Value, at most")),
      ),
      rows,
    ),
  );
  const node = html(
    "div",
    {},
    html("div", { class: "pe-tools" }, html("label", { for: pick.id }, "Along"), pick),
    picture,
    words,
    figures,
  );
  let view = null;

  const draw = () => {
    const control = controls.find((one) => one.key === pick.value);
    const { frontier, here } = view;
    const points = (frontier?.points ?? []).filter((point) => point.most !== null);
    figures.hidden = points.length === 0;
    const impossible = (frontier?.points.length ?? 0) - points.length;
    fill(
      words,
      view.wait ??
        [
          frontier?.words ?? "",
          impossible > 0 ? ` At ${countOf(impossible, "place", "places")} no portfolio keeps the rules.` : "",
        ].join(""),
    );
    if (points.length === 0) {
      fill(picture);
      picture.setAttribute("aria-label", "No frontier yet");
      return;
    }
    const name = (value) => controlText(control, value, money);
    fill(head, control.label);
    fill(
      rows,
      points.map(({ x, most }) =>
        html(
          "tr",
          {},
          html("td", { class: "pe-number" }, name(x)),
          html("td", { class: "pe-number" }, mostText(most)),
        ),
      ),
    );
    const first = points[0];
    const last = points.at(-1);
    picture.setAttribute(
      "aria-label",
      `${control.label} from ${name(first.x)} to ${name(last.x)}: the value is at most ` +
        `${mostText(first.most)} to ${mostText(last.most)}. This decision: ${figureText(here?.value)}.`,
    );
    fill(
      picture,
      curve(points, here, picture.clientWidth || 600, (value) => axisText(control, value, money)),
    );
  };
  const observer = new ResizeObserver(() => view !== null && draw());
  observer.observe(picture);

  return {
    node,
    key: () => pick.value,
    close: () => observer.disconnect(),
    /** `frontier`: an answer or null; `here`: the decision as {x, value}; `wait`: what to say meanwhile. */
    show(newView) {
      view = newView;
      picture.classList.toggle("pe-stale", Boolean(view.wait));
      draw();
    },
  };
}

function curve(points, here, width, name) {
  const all = here ? [...points, { x: here.x, most: here.value }] : points;
  const [left, right] = bounds(all.map((point) => point.x));
  const [low, high] = bounds(all.map((point) => point.most));
  const x = (value) => EDGE.left + ((value - left) / (right - left || 1)) * (width - EDGE.left - EDGE.right);
  const y = (value) =>
    EDGE.top + (1 - (value - low) / (high - low || 1)) * (FRONTIER_HEIGHT - EDGE.top - EDGE.bottom);
  const base = y(low);
  const line = points.map(
    (point, place) => `${place ? "L" : "M"}${x(point.x).toFixed(1)} ${y(point.most).toFixed(1)}`,
  );
  const anchors = ["start", "middle", "end"];
  return [
    svg(
      "g",
      { class: "pe-axes" },
      [low, (low + high) / 2, high].flatMap((value) => [
        svg("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }),
        svg(
          "text",
          { x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" },
          figureText(Number(value.toPrecision(3))),
        ),
      ]),
      [left, (left + right) / 2, right].map((value, place) =>
        svg("text", { x: x(value), y: base + 18, "text-anchor": anchors[place] }, name(value)),
      ),
    ),
    svg("path", { class: "pe-curve", d: line.join("") }),
    here ? svg("circle", { class: "pe-here", cx: x(here.x), cy: y(here.value), r: 6 }) : null,
    here
      ? svg(
          "text",
          { class: "pe-here-label", x: Math.min(x(here.x) + 10, width - 90), y: y(here.value) + 18 },
          "this decision",
        )
      : null,
  ];
}

function bounds(values) {
  return [Math.min(...values), Math.max(...values)];
}

function axisText(control, value, money) {
  return control.unit === "money" ? money.short(value) : controlText(control, value, money);
}
