// <input data-filter="ID"> hides the [data-filter-item]s in the element of that id whose words do not hold what is typed; Enter presses the first left.
(() => {
  const items = (box) => [...document.getElementById(box.dataset.filter).querySelectorAll("[data-filter-item]")];
  const apply = (box) => {
    const typed = box.value.trim().toLowerCase().split(/\s+/);
    for (const item of items(box)) {
      const words = (item.dataset.words ?? item.textContent).toLowerCase();
      item.hidden = !typed.every((word) => words.includes(word));
      if (typed[0]) item.closest("details")?.setAttribute("open", "");
    }
  };
  document.addEventListener("input", ({ target }) => target.matches("[data-filter]") && apply(target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-filter]")) return;
    event.preventDefault();
    const first = event.target.value && items(event.target).find((item) => !item.hidden);
    if (first) first.querySelector("button")?.click();
  });
  // A dialog that is opened again shows everything again.
  const forget = (box) => apply(Object.assign(box, { value: "" }));
  document.addEventListener("close", ({ target }) => target.querySelectorAll("[data-filter]").forEach(forget), true);
})();
