// How questions reach the session, and answers the page: by HTTP in a browser, by messages in a notebook.

const SILENT = "The session does not answer. If it was stopped, start it again and reload this page.";

/** Ask over HTTP; each line of the response is an answer. Calling what is returned stops listening. */
export function pageTransport(token, address = "/ask") {
  return {
    ask(request, onAnswer) {
      const abort = new AbortController();
      readAnswers(address, token, request, onAnswer, abort.signal).catch((error) => {
        if (abort.signal.aborted) return;
        console.error(error);
        onAnswer({ kind: "failed", step: request.step, message: SILENT });
        onAnswer({ kind: "done", step: request.step });
      });
      return () => abort.abort();
    },
  };
}

/** Ask through the model of a notebook's widget. */
export function modelTransport(model) {
  const waiting = new Map();
  const onMessage = (answer) => {
    const onAnswer = waiting.get(answer.step);
    if (answer.kind === "done") waiting.delete(answer.step);
    onAnswer?.(answer);
  };
  model.on("msg:custom", onMessage);
  return {
    ask(request, onAnswer) {
      waiting.set(request.step, onAnswer);
      model.send(request);
      return () => waiting.delete(request.step);
    },
    close: () => model.off("msg:custom", onMessage),
  };
}

async function readAnswers(address, token, request, onAnswer, signal) {
  const headers = { "Content-Type": "application/json", "X-Portfolio-Token": token };
  const response = await fetch(address, { method: "POST", headers, body: JSON.stringify(request), signal });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line !== "" && !signal.aborted) onAnswer(JSON.parse(line));
  }
}
