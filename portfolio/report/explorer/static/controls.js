// Sliders and fields for every number of the policy that may be moved.

import { button, fill, html, newIdentity, say } from "./dom.js";
import { controlText } from "./format.js";
import { readNumber } from "./typed.js";

/**
 * The controls by group. `onMove(control, value, goesOn)` is told every move; `goesOn` says that it continues a
 * gesture, such as a drag. `onRead` is told when a field is no longer read, or is read again; `allRead` asks for all.
 */
export function makeControls(controls, money, onMove, onRead) {
  const rows = controls.map((control) => makeControl(control, money, onMove, onRead));
  const groups = new Map();
  controls.forEach((control, place) => {
    if (!groups.has(control.group)) groups.set(control.group, []);
    groups.get(control.group).push(rows[place].node);
  });
  const node = html("div", { class: "pe-controls" });
  for (const [name, members] of groups) node.append(html("fieldset", {}, html("legend", {}, name), members));
  return {
    node,
    show: (choice) => rows.forEach((row) => row.show(choice)),
    allRead: () => rows.every((row) => row.isRead()),
  };
}

function makeControl(control, money, onMove, onRead) {
  const name = newIdentity("control");
  const help = newIdentity("help");
  const unread = newIdentity("unread");
  const scale = control.unit === "share" ? 100 : 1;
  let moving = false;
  let typing = false;
  let inForce = control.value;
  let isRead = true;

  const note = html("p", { class: "pe-unread", id: unread, "aria-live": "assertive" });
  const mark = (words) => {
    say(note, words);
    field.setAttribute("aria-invalid", String(words !== ""));
    if (isRead === (words === "")) return;
    isRead = words === "";
    onRead();
  };
  const restore = () => {
    mark("");
    field.value = rounded(inForce * scale);
  };
  const tell = (value) => {
    mark("");
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
    moving = false;
    typing = false;
    if (field.value.trim() === "") return restore();
    const { value, words } = readNumber(field.value, control.high * scale, control.unit === "money");
    // What is not read stays where it was typed, and nothing comes of it.
    if (words !== undefined) return mark(words);
    field.value = rounded(value);
    tell(rounded(value / scale));
    rest();
  };
  const field = html("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": unread,
    "aria-label": `${control.label}, ${control.unit === "share" ? "percent" : control.unit}`,
    input: () => {
      typing = true;
    },
    change: typed,
    blur: () => {
      typing = false;
      if (field.value.trim() === "") restore();
    },
  });
  const unit = control.unit === "share" ? "%" : control.unit === "money" ? money.currency : "";
  const was = html("span", { class: "pe-was" });
  const node = html(
    "div",
    { class: "pe-control", "data-unit": control.unit },
    html("label", { for: name, title: control.help || null }, control.label),
    html("span", { class: "pe-field" }, field, unit),
    note,
    slider,
    was,
    control.help ? html("p", { class: "pe-hidden", id: help }, control.help) : null,
  );

  return {
    node,
    isRead: () => isRead,
    show(choice) {
      const value = choice.set[control.key] ?? control.value;
      // Undo, Reset or the slider have moved it: what was typed is no longer asked for.
      if (value !== inForce) mark("");
      inForce = value;
      if (document.activeElement !== slider || Number(slider.value) !== value) slider.value = value;
      slider.setAttribute("aria-valuetext", controlText(control, value, money));
      // An answer that comes while somebody types may not take away what is typed.
      if (!typing && isRead) field.value = rounded(value * scale);
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
