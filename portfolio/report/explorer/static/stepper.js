// Which question is asked when: one decision at a time, the newest choice always, and nothing that is stale.

// A slider that is dragged asks faster than anybody can answer. The next choice waits for the first answer to
// the one before it, or this long, whichever is sooner; otherwise a drag would cancel every answer, and show none.
const PATIENCE_MS = 60;

/** Asks the session, numbers the steps, and lets through only answers to the newest choice. */
export class Stepper {
  #transport;
  #onAnswer;
  #step = 0;
  #newest = 0;
  #waiting = null;
  #timer = null;
  #unanswered = false;
  #cancelSolve = () => {};
  #cancels = new Map();

  constructor(transport, onAnswer) {
    this.#transport = transport;
    this.#onAnswer = onAnswer;
  }

  start() {
    // That this is done is not to be taken for the end of the first decision, which is asked for on the way.
    this.#send({ kind: "start" }, (answer) => {
      if (answer.kind !== "done") this.#onAnswer(answer);
    });
  }

  /** Decide under a choice; a choice that waits gives way to a newer one. */
  solve(choice) {
    this.#waiting = choice;
    if (!this.#unanswered) this.#solveNow();
    else this.#timer ??= setTimeout(() => this.#solveNow(), PATIENCE_MS);
  }

  /** Ask something about the choice; a newer question of that name replaces it, and so does a newer choice. */
  ask(name, request, onAnswer) {
    this.#cancels.get(name)?.();
    this.#cancels.set(name, this.#send(request, onAnswer));
  }

  /** Ask for something that stays wanted whatever is chosen next, such as a file. */
  fetch(request, onAnswer) {
    this.#send(request, onAnswer);
  }

  close() {
    clearTimeout(this.#timer);
    this.#cancelSolve();
    for (const cancel of this.#cancels.values()) cancel();
    this.#transport.close?.();
  }

  #solveNow() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const choice = this.#waiting;
    this.#waiting = null;
    this.#cancelSolve();
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    this.#unanswered = true;
    this.#newest = this.#step + 1;
    this.#cancelSolve = this.#send({ kind: "solve", ...choice }, (answer) => this.#solved(answer));
  }

  #solved(answer) {
    if (answer.step < this.#newest) return;
    this.#unanswered = false;
    this.#onAnswer(answer);
    if (this.#waiting !== null) this.#solveNow();
  }

  #send(request, onAnswer) {
    this.#step += 1;
    return this.#transport.ask({ step: this.#step, ...request }, onAnswer);
  }
}
