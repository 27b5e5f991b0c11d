// The search of the top bar: Ctrl K goes there, arrows walk through what was found, Esc leaves.
(() => {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const box = form.elements.q;
  const panel = () => document.getElementById("search-results");
  const show = (yes) => (panel().hidden = !yes || !box.value.trim());
  const step = { ArrowDown: 1, ArrowUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  form.addEventListener("focusin", () => show(true));
  form.addEventListener("focusout", ({ relatedTarget }) => form.contains(relatedTarget) || show(false));
  form.addEventListener("keydown", (event) => {
    const stops = [box, ...panel().querySelectorAll("a")];
    if (event.key === "Escape") {
      box.focus();
      show(false);
    } else if (event.key in step) {
      event.preventDefault();
      const next = stops.indexOf(document.activeElement) + step[event.key];
      stops.at(next % stops.length).focus();
    }
  });
})();
