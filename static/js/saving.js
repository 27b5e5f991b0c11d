// How saving goes is told where the page has a place for it. A <form data-in-place="NAME"> holds one field and saves itself
// when its box is left (htmx posts it on "change"): its [role=status] tells. Of all else in [data-autosave] the page's
// [data-save-state] does. Words are in data of the [data-saving] around; [data-retry] beside is shown by CSS once the place's
// [data-state] is "failed". What is not saved when the page is left is asked about, what is only typed yet is sent.
(() => {
  const failed = new Map(); // what htmx knows of requests that failed, by the elements that asked
  const formOf = (element) => element.closest?.("form[data-in-place]");
  const boxOf = (form) => form.elements[form.dataset.inPlace];
  const placeOf = (element) => formOf(element)?.querySelector("[role=status]") ?? document.querySelector("[data-save-state]");
  const wordsOf = (element) => placeOf(element).closest("[data-saving]").dataset;
  const show = (element, state, text = wordsOf(element)[state]) => {
    const form = formOf(element);
    placeOf(element).dataset.state = state;
    if (text !== undefined) placeOf(element).textContent = text;
    if (form) boxOf(form).ariaInvalid = state === "refused" || state === "failed";
  };
  // The box holds now what the server made of it, unless something else was typed meanwhile.
  const keep = (form, sent) => {
    const box = boxOf(form);
    if (box.value !== sent) return show(form, "typed", "");
    box.defaultValue = box.value = placeOf(form).querySelector("[data-now]")?.dataset.now ?? sent;
    show(form, "saved");
  };
  const tell = (elt, { xhr, successful, requestConfig: { formData } }) => {
    const why = xhr.status ? xhr.statusText || xhr.status : wordsOf(elt).away;
    if (!successful) return show(elt, "failed", `${wordsOf(elt).failed} ${why}`);
    if (!formOf(elt)) show(elt, "saved");
    else if (xhr.status === 422) show(elt, "refused");
    else keep(elt, formData.get(elt.dataset.inPlace));
  };
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    const { elt, xhr, requestConfig } = detail;
    if (requestConfig.verb === "get" || !elt.closest("form[data-in-place], [data-autosave]")) return;
    show(elt, "saving");
    xhr.addEventListener("loadend", () => {
      // Each request brings all that is typed where it tells of, so that what failed there before is done with.
      for (const other of failed.keys()) if (detail.successful && placeOf(other) === placeOf(elt)) failed.delete(other);
      if (!detail.successful) failed.set(elt, detail);
      tell(elt, detail);
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
  document.addEventListener("input", ({ target }) => formOf(target) && show(target, "typed", ""));
  document.addEventListener("keydown", ({ key, target }) => {
    const form = key === "Escape" && formOf(target);
    if (!form || placeOf(form).dataset.state !== "typed") return;
    form.reset();
    show(form, "", "");
  });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("[role=status]:is([data-state=refused], [data-state=failed])")) event.preventDefault();
  });
  addEventListener("pagehide", () => {
    for (const place of document.querySelectorAll("form[data-in-place] :is([data-state=typed], [data-state=saving])")) {
      navigator.sendBeacon(formOf(place).action, new FormData(formOf(place)));
    }
  });
})();
