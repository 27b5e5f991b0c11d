// A <details id="…"> that was open before a swap is open after it.
(() => {
  let opened = [];
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    opened = [...target.querySelectorAll("details[id][open]:not([data-menu])")].map(({ id }) => id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  });
})();
