// What htmx puts into #dialog opens as a modal, and the "close-dialog" event of an answer closes it. Focus goes back to what opened it, also where
// that was drawn anew meanwhile. Other dialogs need no script.
(() => {
  const dialog = document.getElementById("dialog");
  let opener;
  dialog.addEventListener("htmx:afterSwap", () => {
    if (dialog.open || !dialog.childElementCount) return;
    opener = document.activeElement.id;
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    if (document.activeElement === document.body) document.getElementById(opener)?.focus();
  });
  document.addEventListener("close-dialog", () => dialog.close());
})();
