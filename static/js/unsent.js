// What was typed into the draft and not sent yet when the page is left goes on its own.
(() => {
  let unsent = null;
  document.addEventListener("input", ({ target }) => {
    if (target.name && target.form?.matches("#draft")) unsent = target.form;
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.requestConfig.verb !== "get") unsent = null;
  });
  const send = (event) => {
    if (document.activeElement?.closest(".ts-control")) document.activeElement.blur(); // enters what is not a chip yet
    const form = unsent;
    unsent = null;
    if (!form?.isConnected || navigator.sendBeacon(form.getAttribute("action"), new FormData(form))) return;
    // Browsers let go of 64 KB at most in that way: ask whether to leave, and send it meanwhile.
    event.preventDefault();
    fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form) });
  };
  addEventListener("beforeunload", send);
  addEventListener("pagehide", send);
})();
