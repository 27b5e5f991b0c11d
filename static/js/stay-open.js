// A <details id="…"> that was open before a swap is open after it; of menus those in what is exchanged beside.
(() => {
  let opened = [];
  document.addEventListener("htmx:beforeSwap", ({ target }) => {
    opened = [...target.querySelectorAll("details[id][open]:not([data-menu])")].map(({ id }) => id);
  });
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    opened.push(...[...detail.target.querySelectorAll("details[id][open]")].map(({ id }) => id));
  });
  for (const swapped of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
    document.addEventListener(swapped, () => {
      for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    });
  }
})();
