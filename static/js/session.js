// Signed out in the middle of something: keep the page, let the person sign in elsewhere, go on with a new form token, for which [data-continue]
// asks.
(() => {
  const dialog = document.getElementById("signed-out");
  const resume = dialog.querySelector("[data-continue]");
  document.addEventListener("signed-out", ({ target }) => {
    dialog.querySelector("[data-still-out]").hidden = target !== resume;
    if (!dialog.open) dialog.showModal();
  });
  document.addEventListener("csrf-token", ({ detail: { token } }) => {
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
    dialog.close();
    htmx.trigger(document.body, "signed-in");
  });
  addEventListener("focus", () => dialog.open && resume.click());
})();
