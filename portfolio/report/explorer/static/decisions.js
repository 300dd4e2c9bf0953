// What can be decided about a proposal, and how it is shown: never by colour alone.

/** In the order in which they are drawn, so that those that matter lie on top. */
export const DECISIONS = [
  { name: "ineligible", symbol: "\u2715", words: "not eligible" },
  { name: "rejected", symbol: "\u25c7", words: "not funded" },
  { name: "left", symbol: "\u25bc", words: "left since the last step" },
  { name: "part", symbol: "\u25d0", words: "funded in part by the LP" },
  { name: "funded", symbol: "\u25cf", words: "funded" },
  { name: "entered", symbol: "\u25b2", words: "funded, entered since the last step" },
];

const PLACES = new Map(DECISIONS.map((one, place) => [one.name, place]));
// What the LP funds to less than this is its arithmetic, not an award.
export const WHOLE = 1 - 1e-6;
export const NOTHING = 1e-6;

/** Which of `DECISIONS` holds for each proposal: an array of places in it. */
export function decisionsOf(eligible, shares, entered, left) {
  const places = new Uint8Array(eligible.length);
  for (let one = 0; one < places.length; one += 1)
    places[one] = PLACES.get(nameOf(eligible[one], shares[one]));
  for (const one of entered) places[one] = PLACES.get("entered");
  for (const one of left) places[one] = PLACES.get("left");
  return places;
}

function nameOf(eligible, share) {
  if (share >= WHOLE) return "funded";
  if (share > NOTHING) return "part";
  return eligible ? "rejected" : "ineligible";
}
