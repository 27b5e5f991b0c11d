// <form data-in-place="NAME"> holds one field, which saves itself when its box is left (htmx posts it on "change"). Its
// [role=status] says how that goes, in words of the [data-in-place-words] around it: saving, failed, away, retry. What is
// not saved yet when the page is left goes on its own; what was refused is asked about first. Esc brings back what was saved.
(() => {
  const formOf = (element) => element?.closest?.("form[data-in-place]");
  const box = (form) => form.elements[form.dataset.inPlace];
  const status = (form) => form.querySelector("[role=status]");
  const words = (form) => form.closest("[data-in-place-words]").dataset;
  const all = (...states) => states.flatMap((state) => [...document.querySelectorAll(`form[data-in-place][data-state=${state}]`)]);
  const saved = (form) => (form.dataset.saved ??= box(form).defaultValue ?? box(form).value);
  const show = (form, state, text) => {
    form.dataset.state = state;
    box(form).toggleAttribute("aria-invalid", state === "refused" || state === "failed");
    if (box(form).hasAttribute("aria-invalid")) box(form).setAttribute("aria-invalid", "true");
    if (text !== undefined) status(form).textContent = text;
  };
  const retryButton = (form) => {
    const button = document.createElement("button");
    button.className = "btn btn-link btn-sm p-0 align-baseline";
    button.textContent = words(form).retry;
    return button;
  };
  document.addEventListener("focusin", ({ target }) => formOf(target) && saved(formOf(target)));
  document.addEventListener("input", ({ target }) => formOf(target) && show(formOf(target), "typed", ""));
  document.addEventListener("keydown", ({ key, target }) => {
    const form = formOf(target);
    if (key !== "Escape" || !form || form.dataset.state !== "typed" || target !== box(form)) return;
    box(form).value = saved(form);
    show(form, "", "");
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    const form = formOf(detail.elt);
    if (form === detail.elt) show(form, "saving", words(form).saving);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = formOf(detail.elt);
    if (!form || form !== detail.elt) return;
    const sent = detail.requestConfig.formData.get(form.dataset.inPlace);
    if (detail.xhr.status === 422) show(form, "refused");
    else if (detail.successful && box(form).value === sent) {
      form.dataset.saved = box(form).value = status(form).querySelector("[data-now]")?.dataset.now ?? sent;
      show(form, "saved");
    } else if (detail.successful) show(form, "typed", "");
    else {
      show(form, "failed", `${words(form).failed} ${words(form).away} `);
      status(form).append(retryButton(form));
    }
  });
  document.addEventListener("signed-in", () => all("failed").forEach((form) => form.requestSubmit()));
  addEventListener("beforeunload", (event) => all("refused", "failed").length && event.preventDefault());
  addEventListener("pagehide", () => {
    for (const form of all("typed", "saving")) navigator.sendBeacon(form.action, new FormData(form));
  });
})();
