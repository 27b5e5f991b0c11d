// <input data-filter="ID">: hides the [data-filter-item]s in the element of that id whose words do not hold what is
// typed, and the [data-filter-group]s left empty. Enter presses the first button that is left.
(() => {
  const list = (box) => document.getElementById(box.dataset.filter);
  const words = (item) => (item.dataset.words ?? item.textContent).toLowerCase();
  const apply = (box) => {
    const typed = box.value.trim().toLowerCase().split(/\s+/);
    for (const item of list(box).querySelectorAll("[data-filter-item]")) {
      item.hidden = !typed.every((word) => words(item).includes(word));
    }
    for (const group of list(box).querySelectorAll("[data-filter-group]")) {
      group.hidden = !group.querySelector("[data-filter-item]:not([hidden])");
      if (typed[0] && "open" in group) group.open = true;
    }
  };
  // A dialog that is opened again shows everything again.
  const forget = ({ target }) => {
    for (const box of target.querySelectorAll?.("[data-filter]") ?? []) {
      box.value = "";
      apply(box);
    }
  };
  document.addEventListener("close", forget, true);
  document.addEventListener("input", ({ target }) => target.matches("[data-filter]") && apply(target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-filter]")) return;
    event.preventDefault();
    if (event.target.value) list(event.target).querySelector("[data-filter-item]:not([hidden]) button")?.click();
  });
})();
