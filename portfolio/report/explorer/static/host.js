// What the page owes to what is around it: a notebook and its keys, readers and their files, whoever measures.

// A key that moves a slider is not to cut a cell of the notebook around it. JupyterLab looks at the element
// that has the focus first, so that it is that element, and not one around it, that has to say so.
export function keepKeys(event) {
  event.target.setAttribute("data-lm-suppress-shortcuts", "true");
}

/** Hand a file {name, type, text} to the reader. */
export function download({ name, type, text }) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = html("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// For whoever measures: the time from the move to when what answers it is painted. A task after a frame runs
// when the frame is on the screen.
export function reportPaint(root, movedAt) {
  const { stage } = root.dataset;
  setTimeout(() => {
    const detail = { stage, milliseconds: movedAt === null ? null : performance.now() - movedAt };
    root.dispatchEvent(new CustomEvent("portfolio-painted", { detail, bubbles: true }));
  });
}
