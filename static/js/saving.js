// How saving goes is told by the [role=status] of a <form data-in-place>, which saves itself when its box is left, and by the page's [data-save-state]
// for all else in [data-autosave]; words are in data of the [data-saving] around, and CSS shows [data-retry] beside a [data-state] "failed". What was
// refused or failed is asked about when the page is left; what is only typed yet, there or in the draft, is sent then.
(() => {
  const failed = new Map(); // what htmx knows of requests that failed, by the elements that asked
  const unsent = new Map(); // how often something was typed into a form since it was saved
  const placeOf = (element) =>
    (element.closest("form[data-in-place]") ?? document).querySelector("[data-in-place] > [role=status], [data-save-state]");
  const wordsOf = (element) => placeOf(element).closest("[data-saving]").dataset;
  const show = (element, state, text = wordsOf(element)[state]) => {
    placeOf(element).dataset.state = state;
    placeOf(element).textContent = text;
  };
  document.addEventListener("input", ({ target: { form, name } }) => {
    if (!name || !form?.matches("#draft, [data-in-place]")) return;
    unsent.set(form, (unsent.get(form) ?? 0) + 1);
    show(form, ...(form.matches("[data-in-place]") ? ["typed", ""] : ["saving"]));
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    const { elt, xhr, requestConfig } = detail;
    if (requestConfig.verb === "get" || !elt.closest("[data-in-place], [data-autosave]")) return;
    const form = elt.closest("[data-in-place]") ?? document.getElementById("draft");
    const typed = unsent.get(form);
    show(elt, "saving");
    xhr.addEventListener("loadend", () => {
      if (!detail.successful) {
        failed.set(elt, detail);
        return show(elt, "failed", `${wordsOf(elt).failed} ${xhr.status ? xhr.statusText || xhr.status : wordsOf(elt).away}`);
      }
      // It brought all that was typed, so that what failed there before is done with.
      for (const other of failed.keys()) if (placeOf(other) === placeOf(elt)) failed.delete(other);
      if (unsent.get(form) === typed) unsent.delete(form);
      if (!unsent.has(form) && !elt.closest("[data-in-place]")) show(elt, "saved"); // else the answer says so
    });
  });
  const retry = () => {
    for (const [elt, { target, requestConfig }] of [...failed]) {
      const { verb, path, triggeringEvent: event, formData: values } = requestConfig;
      failed.delete(elt);
      values.delete("csrfmiddlewaretoken"); // it may have changed since
      if (elt.isConnected) htmx.ajax(verb, path, { source: elt, event });
      else htmx.ajax(verb, path, { source: target, target, values, swap: "outerHTML" });
    }
  };
  document.addEventListener("signed-in", retry);
  document.addEventListener("click", ({ target }) => target.closest("[data-retry]") && retry());
  document.addEventListener("keydown", ({ key, target }) => {
    const form = key === "Escape" && target.closest("[data-in-place]");
    if (!form || !unsent.delete(form)) return;
    form.reset();
    show(form, "", "");
  });
  const send = (event) => {
    if (document.activeElement?.closest(".ts-control")) document.activeElement.blur(); // enters what is not a chip yet
    for (const form of unsent.keys()) {
      const [address, body] = [form.getAttribute("action"), new FormData(form)];
      unsent.delete(form);
      if (!form.isConnected || navigator.sendBeacon(address, body)) continue;
      // Browsers let go of 64 KB at most in that way: ask whether to leave, and send it meanwhile.
      event.preventDefault();
      fetch(address, { method: "POST", body });
    }
  };
  addEventListener("pagehide", send);
  addEventListener("beforeunload", (event) => {
    send(event);
    if (document.querySelector("[role=status]:is([data-state=refused], [data-state=failed])")) event.preventDefault();
  });
})();
