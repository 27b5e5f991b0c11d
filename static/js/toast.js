// Shows the server's messages, drawn into #toasts or sent with the "toast" event of an answer, until their button is pressed or CSS ends their time.
(() => {
  const region = document.getElementById("toasts");
  document.addEventListener("toast", ({ detail: { notes } }) => {
    region.hidePopover();
    region.showPopover(); // again, so that it is above a drawer or dialog that was opened since
    for (const { html } of notes) region.insertAdjacentHTML("beforeend", html);
  });
  region.addEventListener("click", ({ target }) => target.closest("[data-dismiss]")?.parentElement.remove());
  region.addEventListener("animationend", ({ target }) => target.remove());
})();
