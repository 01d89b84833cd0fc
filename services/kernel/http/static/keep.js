// What somebody writes into <form data-keep="key"> is kept in this browser until it was sent, for a week at most, and
// offered when they come back. Only what is written for others is kept: no passwords, no addresses, nothing hidden.
(function () {
  const WEEK = 7 * 24 * 3600 * 1000, SENDING = "countersign-sending";
  const WRITTEN = "textarea, select, input[type=text], input[type=url], input[type=date], input[type=number], input[type=radio], input[type=checkbox]";
  const person = document.body.dataset.person;
  const name = (form) => `countersign-kept ${person} ${form.dataset.keep}`;
  const fields = (form) => [...form.querySelectorAll(WRITTEN)].filter((f) => f.name && !f.name.startsWith("_") && !f.matches("[data-unkept]"));
  const ticked = (field) => field.type === "radio" || field.type === "checkbox";
  const select = (field) => field.tagName === "SELECT";

  const began = (f) => ticked(f) ? f.checked === f.defaultChecked
    : select(f) ? [...f.options].every((o, i) => o.selected === (o.defaultSelected || (!f.querySelector("[selected]") && i === 0)))
    : f.value === f.defaultValue;

  function written(form) {
    return fields(form).filter((f) => !began(f)).map((f) => [f.name, ticked(f) ? f.value : null, ticked(f) ? f.checked : f.value]);
  }

  function keep(form) {
    const words = written(form);
    if (words.length === 0) return;
    try {
      localStorage.setItem(name(form), JSON.stringify({ at: Date.now(), words }));
    } catch {
      // a browser that keeps nothing: the form works as it always did
    }
  }

  function kept(form) {
    try {
      return JSON.parse(localStorage.getItem(name(form)));
    } catch {
      return null;
    }
  }

  function putBack(form, words) {
    for (const [name, option, value] of words) {
      for (const field of fields(form).filter((f) => f.name === name)) {
        if (!ticked(field)) field.value = value;
        else if (field.value === option) field.checked = value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  }

  function offer(form, words) {
    const place = document.getElementById("kept").content.firstElementChild.cloneNode(true);
    const [back, away] = place.querySelectorAll("button");
    back.addEventListener("click", () => { putBack(form, words); place.remove(); form.querySelector(WRITTEN).focus(); });
    away.addEventListener("click", () => { localStorage.removeItem(name(form)); place.remove(); });
    form.prepend(place);
  }

  function watch(form) {
    if (form.dataset.watched) return;
    form.dataset.watched = "yes";
    const before = kept(form);
    const differs = before && JSON.stringify(before.words) !== JSON.stringify(written(form));
    if (differs && !form.closest("[data-refused]")) offer(form, before.words);
    let timer;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 300); });
    addEventListener("pagehide", () => { if (timer && !form.dataset.sent) keep(form); });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      keep(form);
      form.dataset.sent = "yes";
      if (!form.matches("[hx-post]")) sessionStorage.setItem(SENDING, name(form));
    });
  }

  // What was sent is let go once a page comes that does not say it was refused.
  function settle() {
    const sent = sessionStorage.getItem(SENDING);
    if (sent === null || document.querySelector("[data-refused]")) return;
    sessionStorage.removeItem(SENDING);
    const [came] = performance.getEntriesByType("navigation");
    if (came?.type !== "back_forward") localStorage.removeItem(sent);
  }

  function tidy(all) {
    for (const key of Object.keys(localStorage).filter((k) => k.startsWith("countersign-kept "))) {
      let at = 0;
      try { at = JSON.parse(localStorage.getItem(key)).at; } catch { /* not ours any more */ }
      if (all || Date.now() - at > WEEK) localStorage.removeItem(key);
    }
  }

  try {
    tidy(document.querySelector("[data-forget]") !== null);
    settle();
  } catch {
    return; // a browser that lets nothing be kept
  }
  if (!person) return;
  const watchAll = (within) => [...within.querySelectorAll("form[data-keep]")].forEach(watch);
  watchAll(document);
  document.addEventListener("htmx:load", (event) => watchAll(event.detail.elt.parentElement ?? document));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!form.matches?.("form[data-keep]")) return;
    if (event.detail.successful) localStorage.removeItem(name(form));
    else delete form.dataset.sent;
  });
})();
