// The what-if explorer: joins the parts, and shows the newest answer to the newest choice.

import { makeChanges, makeList } from "./changes.js";
import { makeCompare } from "./compare.js";
import { makeControls } from "./controls.js";
import { makeDetail } from "./detail.js";
import { button, fill, html, refill, setEnabled } from "./dom.js";
import { countOf, moneyFormat } from "./format.js";
import { makeFrontier } from "./frontier.js";
import { makeHeadline } from "./headline.js";
import { download, keepKeys, reportPaint } from "./host.js";
import { handWritten, pageOf } from "./layout.js";
import { makeLimitList, makeMoneyBar, makeReserveTable } from "./money.js";
import { freshAnswers, outlookOf, relaxedOutlook, stageOf, waitWords } from "./outlook.js";
import { makePlane } from "./plane.js";
import {
  AS_FILED,
  choiceKey,
  countChanges,
  newHistory,
  redone,
  sameChoice,
  stepTo,
  undone,
  withLock,
  withValue,
} from "./state.js";
import { Stepper } from "./stepper.js";
import { makeTable } from "./table.js";
import { modelTransport, pageTransport } from "./transport.js";

// From here on controls stand beside the results, and are not folded away.
const WIDE_PX = 860;

/** Show the explorer in an element. Returns a function that takes it away again. */
export function mount(element, transport) {
  const root = html(
    "div",
    { class: "portfolio-explorer", "data-stage": "start", focusin: keepKeys },
    html("p", { class: "pe-note", role: "status" }, "Reading the call\u2026"),
  );
  fill(element, root);
  let parts = null;
  const stepper = new Stepper(transport, (answer) => {
    if (answer.kind === "start") {
      parts = assemble(root, answer, stepper);
    } else if (parts !== null) {
      parts.receive(answer);
    } else if (answer.kind !== "done") {
      root.dataset.stage = "failed";
      fill(
        root,
        html("p", { role: "alert", class: "pe-alert" }, [answer.message, ...(answer.lines ?? [])].join(" ")),
      );
    }
  });
  stepper.start();
  return () => {
    stepper.close();
    parts?.close();
    root.remove();
  };
}

function assemble(root, start, stepper) {
  const money = moneyFormat(start.currency, start.decimals);
  const labelOf = (trait) => trait.replaceAll("_", " ");
  const { proposals } = start;

  let history = newHistory();
  let newest = freshAnswers(); // answers to the choice on the screen
  let lastDecided = null; // the newest exact decision, possibly of an earlier choice
  let before = null; // who was funded before the last step
  let kept = null;
  let selected = null;
  let why = null;
  let frontier = null; // {key: what it was computed for, answer}
  let shownBefore = false;
  let movedAt = null;
  let frame = null;

  const list = makeList(proposals, money, (place) => select(place));
  const headline = makeHeadline(money);
  const controls = makeControls(
    start.controls,
    money,
    (control, value, goesOn) => step(withValue(history.present, control, value), goesOn),
    () => later(),
  );
  const bar = makeMoneyBar(money, labelOf);
  const reserves = makeReserveTable(money, labelOf, start.currency);
  const limits = makeLimitList(money);
  const plane = makePlane(proposals, money, (place) => select(place));
  const table = makeTable(proposals, money, select);
  const changes = makeChanges(list);
  const along = makeFrontier(start.controls, money, () => askFrontier());
  const detail = makeDetail(proposals, money, (id, way) => step(withLock(history.present, id, way), false));
  const compare = makeCompare(start, money, labelOf, list, {
    onKeep() {
      if (newest.decided === null) return;
      kept = { choice: history.present, decided: newest.decided };
      later();
    },
    onBack: () => step(kept.choice, false),
    onForget() {
      kept = null;
      later();
    },
  });
  const undo = button("Undo", () => travel(undone(history)), { "data-do": "undo" });
  const redo = button("Redo", () => travel(redone(history)), { "data-do": "redo" });
  const reset = button("Reset to the file", () => step(AS_FILED, false), { "data-do": "reset" });
  const save = button("Save as policy.toml", () => askFile("policy"), { "data-do": "policy" });
  const awards = button("Download awards", () => askFile("awards"), { "data-do": "awards" });
  const byHand = html("div", { class: "pe-by-hand" });
  const moved = html("p", { class: "pe-note" });
  const folded = html(
    "details",
    { class: "pe-panel", open: root.clientWidth >= WIDE_PX },
    html("summary", {}, "Budget, reserves and limits"),
    moved,
    controls.node,
    byHand,
  );

  function step(choice, goesOn) {
    movedAt = performance.now();
    if (!goesOn) before = lastDecided?.funded ?? null;
    // A field that is left with the value that it had is no step.
    if (sameChoice(choice, history.present)) return;
    history = stepTo(history, choice, goesOn);
    decide();
  }
  function release(id) {
    step(withLock(history.present, id, null), false);
    // The button that was pressed is about to go.
    reset.focus();
  }
  function travel(to) {
    if (to === history) return;
    before = lastDecided?.funded ?? null;
    history = to;
    decide();
  }
  function decide() {
    newest = freshAnswers();
    why = null;
    root.dataset.stage = "waiting";
    root.dataset.done = "false";
    stepper.solve(history.present);
    later();
  }
  function receive(answer) {
    if (answer.kind === "relaxed") newest.relaxed = answer;
    else if (answer.kind === "decided") newest.decided = lastDecided = answer;
    else if (answer.kind === "prices") newest.prices = answer.reserves;
    else if (answer.kind === "done") newest.done = true;
    else newest.trouble = answer;
    if (answer.kind === "done" && newest.decided !== null && newest.trouble === null) {
      askWhy();
      askFrontier();
    }
    later();
  }
  function select(place, byPointer = false) {
    if (selected !== place) why = null;
    selected = place;
    // Whoever points wants to see why; whoever types stays where the focus is, and is told.
    if (byPointer) detail.node.scrollIntoView({ block: "nearest" });
    askWhy();
    later();
  }
  function askWhy() {
    if (selected === null) return;
    const request = { kind: "why", ...history.present, id: proposals.id[selected] };
    stepper.ask("why", request, (answer) => {
      if (answer.kind === "why") why = answer;
      else if (answer.kind !== "done")
        why = { lines: [answer.message, ...(answer.lines ?? []), ...(answer.hints ?? [])], exact: true };
      later();
    });
  }
  function askFrontier() {
    const key = along.key();
    const computedFor = `${key} ${choiceKey(history.present, key)}`;
    if (frontier?.key === computedFor && frontier.answer !== null) return later();
    frontier = { key: computedFor, answer: null };
    stepper.ask("frontier", { kind: "frontier", ...history.present, key }, (answer) => {
      if (answer.kind === "frontier") frontier.answer = answer;
      else if (answer.kind !== "done") frontier.answer = { points: [], words: answer.message };
      later();
    });
    return later();
  }
  function askFile(kind) {
    // A number that is not read is in no file; leaving its field may have said so just now.
    if (!controls.allRead()) return;
    stepper.fetch({ kind, ...history.present }, (answer) => {
      if (answer.kind === "file") download(answer);
      else if (answer.kind !== "done") newest.trouble = answer;
      later();
    });
  }

  function later() {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      show();
      reportPaint(root, movedAt);
    });
  }
  function show() {
    const choice = history.present;
    const stage = stageOf(newest);
    const answer = newest.trouble ?? newest.decided ?? newest.relaxed;
    const shown = newest.decided ?? newest.relaxed ?? lastDecided;
    const exact = newest.decided ?? (newest.relaxed ? null : lastDecided);
    controls.show(choice);
    showCount(choice);
    refill(byHand, [choice.fund, choice.decline], () => handWritten(choice, release));
    if (stage === "waiting" && shownBefore) {
      // What is on the screen stays until there is an answer; drawing it again would only delay the answer.
      headline.wait();
    } else if (shown !== null) {
      shownBefore = true;
      const { budget } = shown;
      headline.show(stage, answer, budget);
      bar.show({ budget, spent: shown.spent, reserves: shown.reserves });
      reserves.show(shown.reserves, newest.prices, newest.done ? "not priced" : "\u2026");
      limits.show(exact?.limits ?? []);
      const outlook = exact
        ? outlookOf(proposals, exact, newest.decided ? before : null)
        : relaxedOutlook(proposals, shown);
      const view = { ...outlook, selected };
      plane.show(view);
      table.show(view);
      changes.show(outlook.change, newest.decided ? null : waitWords(newest));
    } else {
      headline.show(stage, answer, null);
    }
    const wait = newest.trouble
      ? null
      : why?.exact
        ? null
        : why
          ? "Its exact price is being computed\u2026"
          : "Looking\u2026";
    const id = selected === null ? null : proposals.id[selected];
    detail.show({ place: selected, why, wait, lock: lockOf(choice, id), filed: lockOf(start.locked, id) });
    compare.show(kept, newest.decided ? { choice, decided: newest.decided } : null, waitWords(newest));
    const key = along.key();
    const x = choice.set[key] ?? start.controls.find((one) => one.key === key)?.value;
    const fits = frontier?.key === `${key} ${choiceKey(choice, key)}`;
    along.show({
      frontier: frontier?.answer ?? null,
      here: newest.decided ? { x, value: newest.decided.value } : null,
      wait: fits && frontier.answer !== null ? null : newest.trouble ? "" : "Being computed\u2026",
    });
    setEnabled(undo, history.past.length > 0);
    setEnabled(redo, history.future.length > 0);
    setEnabled(reset, countChanges(choice) > 0);
    // There are no awards where no portfolio keeps the rules.
    setEnabled(awards, controls.allRead() && !["infeasible", "refused"].includes(newest.trouble?.kind));
    setEnabled(save, controls.allRead());
    root.classList.toggle("pe-stale", newest.trouble !== null);
    root.dataset.stage = stage;
    root.dataset.done = String(newest.done);
  }
  function showCount(choice) {
    const count = countChanges(choice);
    fill(
      moved,
      controls.allRead() ? "" : "A number is not read; nothing is saved until it is. ",
      count === 0 ? "As in the file." : `${countOf(count, "change", "changes")} to the policy of the file.`,
    );
  }

  fill(
    root,
    pageOf(
      start,
      { headline, folded, bar, reserves, limits, changes, plane, detail, compare, along, table },
      [undo, redo, reset, save, awards],
    ),
  );
  decide();
  return {
    receive,
    close() {
      cancelAnimationFrame(frame);
      for (const one of [headline, plane, along]) one.close();
    },
  };
}

function lockOf({ fund, decline }, id) {
  return fund.includes(id) ? "fund" : decline.includes(id) ? "decline" : null;
}

function render({ model, el }) {
  return mount(el, modelTransport(model));
}

export { pageTransport };
export default { render };
