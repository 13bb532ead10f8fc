/* What was typed survives an ended session: kept in this tab while a form is on its way, given back after signing in. */
"use strict";

(() => {
  const KEY = "dac.sent";
  const TYPED = "input:not([type=hidden]):not([type=password]):not([type=file]):not([type=submit]):not([type=button]),textarea,select";
  const atTheDoor = /^\/(hq\/)?login\/|^\/second-step\//.test(location.pathname);
  const refused = document.currentScript?.hasAttribute("data-refused");

  const read = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  };
  const write = (draft) => {
    try {
      if (draft) sessionStorage.setItem(KEY, JSON.stringify(draft));
      else sessionStorage.removeItem(KEY);
    } catch {
      // Full or switched off: then there is nothing to give back.
    }
  };

  document.addEventListener(
    "submit",
    ({ target: form }) => {
      if (form.method !== "post" || atTheDoor) return;
      // Whoever signs out leaves nothing behind for the next.
      if (form.action.endsWith("/logout/")) return write(null);
      const typed = [...form.querySelectorAll(TYPED)]
        .filter((one) => one.name)
        .map((one) => ({
          name: one.name,
          value: one.value,
          on: ["checkbox", "radio"].includes(one.type) ? one.checked : null,
          many: one.multiple && one.options ? [...one.selectedOptions].map((option) => option.value) : null,
        }));
      if (typed.some((one) => one.value.trim())) write({ page: location.pathname + location.search, action: form.action, typed });
    },
    true,
  );

  function give(form, typed) {
    const seen = {};
    for (const one of typed) {
      const same = [...form.querySelectorAll(TYPED)].filter((input) => input.name === one.name);
      const input = one.on === null ? same[(seen[one.name] ??= 0)] : same.find((other) => other.value === one.value);
      seen[one.name] += 1;
      if (!input) continue;
      if (one.on !== null) input.checked = one.on;
      else if (one.many) for (const option of input.options) option.selected = one.many.includes(option.value);
      else input.value = one.value;
      // What is given back is seen, wherever it was folded away.
      if (one.value.trim()) input.closest("details")?.setAttribute("open", "");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  function say(form) {
    const words = "你刚才写的还在，看一眼，再提交一次";
    if (window.dac) return window.dac.toast(words);
    const note = document.createElement("p");
    note.className = "help-block help-warning";
    note.setAttribute("role", "status");
    note.textContent = words;
    form.prepend(note);
  }

  window.addEventListener("pageshow", (event) => {
    if (event.persisted && read()?.stopped) location.reload();
  });

  document.addEventListener("DOMContentLoaded", () => {
    const draft = read();
    if (!draft) return;
    if (atTheDoor || refused) {
      write({ ...draft, stopped: true });
      const next = document.querySelector("form input[name=next]");
      if (next && atTheDoor) next.value = draft.page;
      document.querySelector("[data-kept]")?.removeAttribute("hidden");
      return;
    }
    const isHere = draft.stopped && location.pathname + location.search === draft.page;
    const [how] = performance.getEntriesByType("navigation");
    if (isHere && how?.type === "back_forward" && !draft.renewed) {
      // The browser kept the page that was refused, its old proof in it: fetch it anew.
      write({ ...draft, renewed: true });
      location.reload();
      return;
    }
    write(null);
    if (!isHere) return;
    const form = [...document.forms].find((one) => one.method === "post" && one.action === draft.action);
    if (!form) return;
    form.closest("details")?.setAttribute("open", "");
    give(form, draft.typed);
    say(form);
  });
})();
