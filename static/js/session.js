// Signed out in the middle of something: keep the page, let the person sign in elsewhere, go on with a new form token.
(() => {
  const dialog = document.getElementById("signed-out");
  const use = (token) => {
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = token;
  };
  const resume = async () => {
    const answer = await fetch(dialog.dataset.tokenUrl, { headers: { "HX-Request": "true" } });
    const token = JSON.parse(answer.headers.get("HX-Trigger") ?? "{}")["csrf-token"]?.token;
    dialog.querySelector("[data-still-out]").hidden = Boolean(token);
    if (!token) return;
    use(token);
    dialog.close();
    document.dispatchEvent(new CustomEvent("signed-in"));
  };
  document.addEventListener("signed-out", () => dialog.open || dialog.showModal());
  dialog.querySelector("[data-continue]").addEventListener("click", resume);
  addEventListener("focus", () => dialog.open && resume());
})();
