// What was chosen, as values that are replaced and never changed, so that undo is a list of them.

/** Nothing differs from the policy of the file. */
export const AS_FILED = Object.freeze({
  set: Object.freeze({}),
  fund: Object.freeze([]),
  decline: Object.freeze([]),
});

/** The choice with one key set; a key that is as in the file is not part of a choice. */
export function withValue(choice, control, value) {
  const { [control.key]: _, ...set } = choice.set;
  if (value !== control.value) set[control.key] = value;
  return { ...choice, set };
}

/** The choice with a proposal decided by hand: "fund", "decline", or null for neither. */
export function withLock(choice, id, way) {
  const others = (ids) => ids.filter((one) => one !== id);
  const added = (ids, here) => (here ? [...others(ids), id].sort() : others(ids));
  return {
    ...choice,
    fund: added(choice.fund, way === "fund"),
    decline: added(choice.decline, way === "decline"),
  };
}

export function sameChoice(one, other) {
  return choiceKey(one) === choiceKey(other);
}

/** A text that two equal choices share; `without` leaves out one key. */
export function choiceKey(choice, without = null) {
  const keys = Object.keys(choice.set).filter((key) => key !== without);
  const set = keys.sort().map((key) => [key, choice.set[key]]);
  return JSON.stringify([set, choice.fund, choice.decline]);
}

/** How many settings and locks differ from the file. */
export function countChanges(choice) {
  return Object.keys(choice.set).length + choice.fund.length + choice.decline.length;
}

/** Where the reader is among the choices made so far. */
export function newHistory() {
  return { past: [], present: AS_FILED, future: [] };
}

/** Take a step. A gesture that goes on, such as a slider that is dragged, is one step and not a hundred. */
export function stepTo(history, choice, goesOn) {
  const past = goesOn ? history.past : [...history.past, history.present];
  return { past, present: choice, future: [] };
}

export function undone(history) {
  const { past, present, future } = history;
  if (past.length === 0) return history;
  return { past: past.slice(0, -1), present: past.at(-1), future: [present, ...future] };
}

export function redone(history) {
  const { past, present, future } = history;
  if (future.length === 0) return history;
  return { past: [...past, present], present: future[0], future: future.slice(1) };
}

/** Who is in the second list and not in the first, and the other way round; both hold places of proposals. */
export function difference(before, after) {
  const [was, is] = [new Set(before), new Set(after)];
  return {
    entered: after.filter((place) => !was.has(place)),
    left: before.filter((place) => !is.has(place)),
  };
}
