// What holds now in one sentence, how sure it is, and what went wrong.

import { NOTHING, WHOLE } from "./decisions.js";
import { fill, html, say } from "./dom.js";
import { countOf } from "./format.js";

const STAGES = {
  waiting: ["\u25cb", "Being decided"],
  relaxed: ["\u25d0", "LP answer \u2013 the exact one is being proven"],
  first: ["\u25d1", "Found \u2013 its proof is under way"],
  proof: ["\u25cf", "Decided"],
  infeasible: ["\u2715", "No portfolio keeps these rules"],
  refused: ["\u2715", "This cannot be asked"],
  failed: ["\u2715", "No answer"],
};
// Long enough that a reader of the screen hears the answer, and not every stage on the way to it.
const PAUSE_MS = 400;

/** The headline. `show(stage, answer, budget)` takes the newest answer of that stage; no budget if no decision is shown. */
export function makeHeadline(money) {
  const chip = html("p", { class: "pe-chip" });
  const sentence = html("p", { class: "pe-sentence" });
  const words = html("p", { class: "pe-words" });
  const alert = html("div", { class: "pe-alert", role: "alert" });
  const live = html("p", { class: "pe-hidden", "aria-live": "polite" });
  const node = html("div", { class: "pe-headline" }, chip, sentence, words);
  let timer = null;

  return {
    node,
    alert,
    live,
    show(stage, answer, budget) {
      const [symbol, name] = STAGES[stage];
      const trouble = ["infeasible", "refused", "failed"].includes(stage);
      node.dataset.stage = stage;
      say(chip, `${symbol} ${name}`);
      // Without an answer to what is asked there is no decision to state, least of all the one of before.
      if (trouble) {
        say(sentence, "");
        fill(words, "");
      } else if (answer !== null) {
        say(sentence, sentenceOf(stage, answer, budget, money));
        fill(words, [answer.words, ...(answer.gave_way ?? [])].join(" "));
      }
      fill(
        alert,
        trouble
          ? [
              html("p", { class: "pe-strong" }, answer.message),
              html(
                "ul",
                {},
                (answer.lines ?? []).map((line) => html("li", {}, line)),
              ),
              ...(answer.hints ?? []).map((hint) => html("p", {}, hint)),
              budget === null
                ? null
                : html("p", {}, "What is shown below is the last decision that was possible."),
            ]
          : [],
      );
      clearTimeout(timer);
      const spoken = trouble ? name : `${name}. ${sentence.textContent} ${words.textContent}`;
      timer = setTimeout(() => say(live, spoken), PAUSE_MS);
    },
    /** A newer choice has no answer yet. */
    wait() {
      node.dataset.stage = "waiting";
      say(chip, STAGES.waiting.join(" "));
    },
    close: () => clearTimeout(timer),
  };
}

function sentenceOf(stage, answer, budget, money) {
  const spent = `${money.plain(answer.spent)} of ${money.full(budget)}`;
  if (stage !== "relaxed") return `${countOf(answer.n_awards, "award", "awards")}, ${spent}`;
  const whole = answer.share.filter((share) => share >= WHOLE).length;
  const parts = answer.share.filter((share) => share > NOTHING).length - whole;
  return `${countOf(whole, "award", "awards")} and ${countOf(parts, "part", "parts")} of awards, ${spent}`;
}
