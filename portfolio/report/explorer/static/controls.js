// Sliders and fields for every number of the policy that may be moved.

import { button, fill, html, newIdentity } from "./dom.js";
import { controlText } from "./format.js";

/**
 * The controls by group. `onMove(control, value, goesOn)` is told every move; `goesOn` says that it continues a
 * gesture, such as a drag.
 */
export function makeControls(controls, money, onMove) {
  const rows = controls.map((control) => makeControl(control, money, onMove));
  const groups = new Map();
  controls.forEach((control, place) => {
    if (!groups.has(control.group)) groups.set(control.group, []);
    groups.get(control.group).push(rows[place].node);
  });
  const node = html("div", { class: "pe-controls" });
  for (const [name, members] of groups) node.append(html("fieldset", {}, html("legend", {}, name), members));
  return { node, show: (choice) => rows.forEach((row) => row.show(choice)) };
}

function makeControl(control, money, onMove) {
  const name = newIdentity("control");
  const help = newIdentity("help");
  const scale = control.unit === "share" ? 100 : 1;
  let moving = false;
  let typing = false;

  const tell = (value) => {
    onMove(control, value, moving);
    moving = true;
  };
  const rest = () => {
    moving = false;
  };
  const slider = html("input", {
    type: "range",
    id: name,
    min: control.low,
    max: control.high,
    step: control.step,
    "data-key": control.key,
    "aria-describedby": control.help ? help : null,
    input: () => tell(Number(slider.value)),
    change: rest,
  });
  const typed = () => {
    const value = rounded(Number(field.value) / scale);
    moving = false;
    typing = false;
    if (field.value.trim() !== "" && Number.isFinite(value)) tell(value);
    rest();
  };
  const field = html("input", {
    type: "number",
    min: control.low * scale,
    step: "any",
    inputmode: "decimal",
    "aria-label": `${control.label}, ${control.unit === "share" ? "percent" : control.unit}`,
    input: () => {
      typing = true;
    },
    change: typed,
    blur: () => {
      typing = false;
    },
  });
  const unit = control.unit === "share" ? "%" : control.unit === "money" ? money.currency : "";
  const was = html("span", { class: "pe-was" });
  const node = html(
    "div",
    { class: "pe-control", "data-unit": control.unit },
    html("label", { for: name, title: control.help || null }, control.label),
    html("span", { class: "pe-field" }, field, unit),
    slider,
    was,
    control.help ? html("p", { class: "pe-hidden", id: help }, control.help) : null,
  );

  return {
    node,
    show(choice) {
      const value = choice.set[control.key] ?? control.value;
      if (document.activeElement !== slider || Number(slider.value) !== value) slider.value = value;
      slider.setAttribute("aria-valuetext", controlText(control, value, money));
      // An answer that comes while somebody types may not take away what is typed.
      if (!typing) field.value = rounded(value * scale);
      const changed = control.key in choice.set;
      node.classList.toggle("pe-changed", changed);
      if (!changed) fill(was);
      else if (was.childElementCount === 0) {
        const words = `back to ${controlText(control, control.value, money)}`;
        const back = () => {
          onMove(control, control.value, false);
          slider.focus();
        };
        fill(was, button(words, back, { class: "pe-link", "aria-label": `${control.label}: ${words}` }));
      }
    },
  };
}

// 7.000000000000001% is what binary fractions make of 7%, and nobody's policy.
function rounded(value) {
  return Number(value.toPrecision(12));
}
