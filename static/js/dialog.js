// Native dialogs. What htmx puts into #dialog opens as a modal; [data-open-dialog=ID] opens the one of that id;
// [data-close] inside closes it, and so does the "close-dialog" event of an htmx answer. Focus goes back to what opened
// it, also where that was drawn anew meanwhile.
(() => {
  const loaded = document.getElementById("dialog");
  let opener = "";
  const open = (dialog) => {
    if (dialog.open) return;
    opener = document.activeElement?.id;
    dialog.showModal();
  };
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === loaded && loaded.childElementCount) open(loaded);
  });
  loaded.addEventListener("close", () => {
    loaded.replaceChildren();
    if (document.activeElement === document.body && opener) document.getElementById(opener)?.focus();
  });
  document.addEventListener("close-dialog", () => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  });
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-open-dialog]");
    if (opener) open(document.getElementById(opener.dataset.openDialog));
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
  });
})();
