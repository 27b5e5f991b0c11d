// The line between tree and canvas: drag it, or use the arrow keys. The width is kept in a cookie, in steps of 20 px,
// so that the server can draw the next page with it.
(() => {
  const line = document.querySelector("[data-pane-resizer]");
  if (!line) return;
  const workspace = line.parentElement;
  const fit = (width) => Math.min(480, Math.max(200, width));
  const keep = (width) => {
    const step = Math.round(fit(width) / 20) * 20;
    workspace.style.removeProperty("--rd-tree");
    workspace.dataset.treeWidth = step;
    line.setAttribute("aria-valuenow", step);
    document.cookie = `tree_width=${step};path=/;max-age=31536000;samesite=lax`;
  };
  const at = (event) => event.clientX - workspace.getBoundingClientRect().left;
  line.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    line.setPointerCapture(event.pointerId);
    line.classList.add("is-moving");
  });
  line.addEventListener("pointermove", (event) => {
    if (line.hasPointerCapture(event.pointerId)) workspace.style.setProperty("--rd-tree", `${fit(at(event))}px`);
  });
  line.addEventListener("pointerup", (event) => {
    line.classList.remove("is-moving");
    keep(at(event));
  });
  line.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -20, ArrowRight: 20 }[event.key];
    if (!move) return;
    event.preventDefault();
    keep(Number(workspace.dataset.treeWidth) + move);
  });
})();
