// Native dialogs. What htmx puts into #dialog opens as a modal; [data-open-dialog=ID] opens the one of that id;
// [data-close] inside closes it, and so does the "close-dialog" event of an htmx answer.
(() => {
  const loaded = document.getElementById("dialog");
  const open = (dialog) => dialog.open || dialog.showModal();
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === loaded && loaded.childElementCount) open(loaded);
  });
  loaded.addEventListener("close", () => loaded.replaceChildren());
  document.addEventListener("close-dialog", () => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  });
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-open-dialog]");
    if (opener) open(document.getElementById(opener.dataset.openDialog));
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
  });
})();
