// The answers to one choice, and what the newest of them says of every proposal, in arrays by place.

import { decisionsOf } from "./decisions.js";
import { difference } from "./state.js";

/** From an exact decision; `before` holds the places funded before the last step, or null. */
export function outlookOf(proposals, decided, before) {
  const awarded = new Float64Array(proposals.id.length);
  const shares = new Float64Array(proposals.id.length);
  decided.funded.forEach((place, order) => {
    awarded[place] = decided.amounts[order];
    shares[place] = 1;
  });
  const change = before === null ? null : difference(before, decided.funded);
  const [entered, left] = change === null ? [[], []] : [change.entered, change.left];
  return { awarded, change, decisions: decisionsOf(proposals.eligible, shares, entered, left) };
}

/** From the answer of the LP, which may fund a part of a proposal and moves nobody yet. */
export function relaxedOutlook(proposals, relaxed) {
  const awarded = Float64Array.from(proposals.amount, (sum, place) => sum * relaxed.share[place]);
  return { awarded, change: null, decisions: decisionsOf(proposals.eligible, relaxed.share, [], []) };
}

export function freshAnswers() {
  return { relaxed: null, decided: null, prices: null, trouble: null, done: false };
}

export function stageOf({ relaxed, decided, trouble }) {
  if (trouble !== null) return trouble.kind;
  if (decided !== null) return decided.stage;
  return relaxed === null ? "waiting" : "relaxed";
}

export function waitWords({ trouble }) {
  return trouble === null ? "Being decided\u2026" : "No new decision.";
}
