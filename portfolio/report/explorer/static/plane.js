// The paradigm plane: how likely a proposal is to fail, and how long until its result matters.

import { DECISIONS } from "./decisions.js";
import { fill, html, say, svg } from "./dom.js";
import { countOf, percentText } from "./format.js";

const MARGIN = { left: 44, right: 24, top: 10, bottom: 38 };
const PLANE_HEIGHT = 400;
const REACH = 12; // pixels within which a click means a point
const LARGEST = 14;
const SMALLEST = 2;

/** The plane. `onPick(place)` is told which was clicked; the table is the way of the keyboard. */
export function makePlane(proposals, money, onPick) {
  const { id, title, amount, risk, horizon_years: horizon } = proposals;
  const drawn = id
    .map((_, place) => place)
    .filter((place) => isNumber(risk[place]) && isNumber(horizon[place]));
  const radii = radiiOf(amount, drawn.length);
  const latest = 1.05 * Math.max(1, ...drawn.map((place) => horizon[place]));
  const paths = DECISIONS.map(({ name }) => svg("path", { class: `pe-point pe-${name}` }));
  const ring = svg("circle", { class: "pe-ring", r: 0 });
  const axes = svg("g", { class: "pe-axes" });
  const picture = svg(
    "svg",
    { class: "pe-plane", role: "img", width: "100%", height: PLANE_HEIGHT },
    axes,
    paths,
    ring,
  );
  const under = html(
    "p",
    { class: "pe-under", "aria-hidden": "true" },
    "Point at a proposal to see which it is, click it to see why.",
  );
  const legend = html(
    "ul",
    { class: "pe-legend" },
    DECISIONS.map(({ name, symbol, words }) =>
      html("li", {}, html("span", { class: `pe-symbol pe-${name}`, "aria-hidden": "true" }, symbol), words),
    ),
    html("li", {}, "Areas are the money asked for."),
  );
  const missing = id.length - drawn.length;
  const node = html(
    "div",
    {},
    drawn.length > 0 ? [legend, picture, under] : [],
    missing > 0
      ? html(
          "p",
          { class: "pe-note" },
          `Risk or horizon not known: ${countOf(missing, "proposal", "proposals")} ` +
            "not drawn; the table has them all.",
        )
      : null,
  );

  let layout = null; // where each point is, and the outlines that were needed so far
  let view = null;

  const lay = () => {
    const width = picture.clientWidth || 600;
    const across = width - MARGIN.left - MARGIN.right;
    const up = PLANE_HEIGHT - MARGIN.top - MARGIN.bottom;
    const x = (value) => MARGIN.left + value * across;
    const y = (value) => MARGIN.top + (1 - value / latest) * up;
    layout = {
      x: risk.map((value) => x(value)),
      y: horizon.map((value) => y(value)),
      outlines: DECISIONS.map(() => []),
    };
    fill(axes, planeAxes(x, y, latest));
  };
  const draw = () => {
    const parts = DECISIONS.map(() => []);
    for (const place of drawn) {
      const decision = view.decisions[place];
      const cache = layout.outlines[decision];
      cache[place] ??= outline(DECISIONS[decision].name, layout.x[place], layout.y[place], radii[place]);
      parts[decision].push(cache[place]);
    }
    paths.forEach((path, decision) => path.setAttribute("d", parts[decision].join("")));
    const here = view.selected !== null && isNumber(risk[view.selected]) && isNumber(horizon[view.selected]);
    ring.setAttribute("r", here ? radii[view.selected] + 5 : 0);
    if (here) {
      ring.setAttribute("cx", layout.x[view.selected]);
      ring.setAttribute("cy", layout.y[view.selected]);
    }
    const counts = DECISIONS.map(({ words }, decision) => `${parts[decision].length} ${words}`);
    picture.setAttribute(
      "aria-label",
      `Risk and horizon of ${drawn.length} proposals: ${counts.join(", ")}. ` +
        "The table of proposals has the same in words.",
    );
  };
  const nearest = (event) => {
    const frame = picture.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    let [found, closest] = [null, REACH];
    for (const place of drawn) {
      const away = Math.hypot(layout.x[place] - x, layout.y[place] - y) - radii[place];
      if (away < closest) [found, closest] = [place, away];
    }
    return found;
  };
  picture.addEventListener("click", (event) => {
    const place = nearest(event);
    if (place !== null) onPick(place);
  });
  picture.addEventListener("pointermove", (event) => {
    const place = nearest(event);
    if (place !== null) {
      say(
        under,
        `${id[place]}: ${title[place]} (${money.full(amount[place])}, ` +
          `${DECISIONS[view?.decisions[place] ?? 1].words})`,
      );
    }
  });
  const observer = new ResizeObserver(() => {
    if (layout === null || view === null) return;
    lay();
    draw();
  });
  observer.observe(picture);

  return {
    node,
    close: () => observer.disconnect(),
    /** `view`: the decision of each proposal as a place in `DECISIONS`, and the place of the selected one. */
    show(newView) {
      view = newView;
      if (layout === null) lay();
      draw();
    },
  };
}

/** Areas in proportion to the money, as small as many points need. */
function radiiOf(amounts, count) {
  const largest = Math.max(1, ...amounts);
  const most = Math.min(LARGEST, Math.max(5, 180 / Math.sqrt(count || 1)));
  return amounts.map((sum) => Math.max(SMALLEST, most * Math.sqrt(sum / largest)));
}

function outline(name, x, y, r) {
  const n = (value) => value.toFixed(1);
  if (name === "funded" || name === "part") {
    return `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0z`;
  }
  if (name === "ineligible") {
    const arm = 0.7 * r;
    return `M${n(x - arm)} ${n(y - arm)}l${n(2 * arm)} ${n(2 * arm)}m${n(-2 * arm)} 0l${n(2 * arm)} ${n(-2 * arm)}`;
  }
  if (name === "rejected") return `M${n(x)} ${n(y - r)}l${n(r)} ${n(r)} ${n(-r)} ${n(r)} ${n(-r)} ${n(-r)}z`;
  const way = name === "entered" ? 1 : -1;
  const side = Math.max(1.25 * r, 4);
  return `M${n(x)} ${n(y - way * side)}l${n(side)} ${n(way * 1.7 * side)}h${n(-2 * side)}z`;
}

function planeAxes(x, y, latest) {
  const step = [1, 2, 5, 10, 20, 50, 100].find((one) => latest / one <= 6) ?? latest;
  const years = [];
  for (let year = 0; year <= latest; year += step) years.push(year);
  return [
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((value) => [
      svg("line", { x1: x(value), x2: x(value), y1: y(0), y2: y(latest) }),
      svg("text", { x: x(value), y: y(0) + 15, "text-anchor": "middle" }, percentText(value)),
    ]),
    ...years.flatMap((year) => [
      svg("line", { x1: x(0), x2: x(1), y1: y(year), y2: y(year) }),
      svg("text", { x: x(0) - 6, y: y(year) + 4, "text-anchor": "end" }, String(year)),
    ]),
    svg("text", { x: x(0.5), y: y(0) + 32, "text-anchor": "middle" }, "Risk: as likely to fail"),
    svg(
      "text",
      { "text-anchor": "middle", transform: `translate(12 ${y(latest / 2)}) rotate(-90)` },
      "Years until it matters",
    ),
  ];
}

function isNumber(value) {
  return typeof value === "number";
}
