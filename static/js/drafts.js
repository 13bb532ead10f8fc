/* Nothing typed is lost: each form that is posted is kept on this device while it is written (kept.js) and given back by
   the page where it was written: after a reload, an ended session, a lost network, a refusal. */
"use strict";

(() => {
  const kept = window.dacKept;
  const script = document.currentScript;
  const TYPED = "input:not([type=hidden]):not([type=password]):not([type=file]):not([type=submit]):not([type=button]),textarea,select";
  const WORDS = "textarea,input:not([type]),[type=text],[type=tel],[type=number],[type=email],[type=url],[type=search]";
  const FROM = "dac.from";
  const atTheDoor = /^\/(hq\/)?login\/|^\/second-step\//.test(location.pathname);
  const refused = script?.hasAttribute("data-refused");
  const byHand = script?.hasAttribute("data-by-hand");
  const here = () => location.pathname + location.search;

  const tab = {
    read() {
      try {
        return JSON.parse(sessionStorage.getItem(FROM)) || {};
      } catch {
        return {};
      }
    },
    write(what) {
      try {
        sessionStorage.setItem(FROM, JSON.stringify(what));
      } catch {
        // Switched off: then the way back begins at the address of the answer.
      }
    },
  };

  // A field called "action" hides the form's own: asked past it.
  const ownAction = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "action").get;
  const actionOf = (form) => ownAction.call(form);

  /** Whether it ends the session here: it says so itself, but for the one in the console's menu. */
  const leaves = (form) => form.hasAttribute("data-leaves") || /\/logout\/$/.test(actionOf(form));

  /** A form with a secret in it is never kept; neither is one that ends something of this browser's. */
  function isKept(form) {
    if (form.method !== "post" || atTheDoor || form.hasAttribute("data-unkept")) return false;
    return !form.querySelector("[type=password],[autocomplete=one-time-code]") && !leaves(form);
  }

  const twins = (form) => [...document.forms].filter((one) => one.method === "post" && actionOf(one) === actionOf(form));
  const place = (form) => `${actionOf(form)} ${twins(form).indexOf(form)}`;
  const fields = (form) => [...form.elements].filter((one) => one.name && one.matches(TYPED));

  const states = new WeakMap(); // form → {key, page, base}

  function stateOf(form) {
    if (!states.has(form)) states.set(form, { key: kept.makeKey(), page: here(), place: place(form), base: null, words: null });
    return states.get(form);
  }

  /** Other words than those that the proof has gone out with (here or in another window) need another proof. */
  function prove(form, words) {
    const state = stateOf(form);
    const known = kept.find(state.key);
    const before = known ? known.sent : state.words;
    if (before && before !== words) {
      kept.forget(state.key);
      state.key = kept.makeKey();
    }
    state.words = words;
  }

  const isChoice = (one) => ["checkbox", "radio"].includes(one.type);
  const chosen = (one) => (one.multiple && one.options ? [...one.selectedOptions].map((option) => option.value) : null);
  const served = (one) =>
    one.options ? [...one.options].filter((option) => option.defaultSelected).map((option) => option.value).join("\n") || (one.multiple ? "" : one.options[0]?.value ?? "") : one.defaultValue;
  const present = (one) => (one.multiple && one.options ? chosen(one).join("\n") : one.value);

  /** What the form reads now, and what it read when the server made it. */
  function read(form) {
    return fields(form).map((one) => ({
      name: one.name,
      value: one.value,
      on: isChoice(one) ? one.checked : null,
      many: chosen(one),
      base: isChoice(one) ? one.defaultChecked : served(one),
      changed: isChoice(one) ? one.checked !== one.defaultChecked : present(one) !== served(one),
    }));
  }

  /** Everything that she can see and change in it, and the button that she pressed. */
  const allOf = (form, button) => JSON.stringify([read(form).map(({ name, value, on, many }) => [name, value, on, many]), button?.name ?? "", button?.value ?? "", [...form.querySelectorAll("[type=file]")].flatMap((one) => [...one.files].map((file) => [one.name, file.name, file.size]))]);

  /** What she is asked to read before she agrees, by its mark; "" where nothing is asked. */
  const noticeOf = (form) => form.elements.namedItem("seen")?.value ?? "";

  const wordsOf = (form) => [...form.querySelectorAll(WORDS)].map((one) => one.value.trim()).find(Boolean) ?? "";

  /** Keep the form as it reads now; `more` says how it stands. The key, or "" where nothing could be kept. */
  function keep(form, more = {}) {
    if (isLeaving) return "";
    const state = stateOf(form);
    const typed = read(form);
    for (const one of typed) {
      // On the page that refused it, the form was made with her words: what it read at first is older.
      const first = state.base?.find((known) => known.name === one.name && (one.on === null || known.value === one.value));
      if (first) Object.assign(one, { base: first.base, changed: one.changed || first.changed });
    }
    const known = kept.find(state.key);
    if (!known && !more.state && state.words) Object.assign(state, { key: kept.makeKey(), words: null });
    if (!more.state && !typed.some((one) => one.changed) && !known?.files) {
      kept.forget(state.key);
      return "";
    }
    const about = { page: state.page, place: state.place, title: document.title.split(" · ")[0], words: wordsOf(form).slice(0, 60), notice: noticeOf(form) };
    return kept.keep({ state: "typed", ...known, key: state.key, ...about, typed, ...more }) ? state.key : "";
  }

  let isLeaving = false;
  let pending = new Set();
  let timer = 0;

  function flush() {
    clearTimeout(timer);
    for (const form of pending) if (form.isConnected) keep(form);
    pending = new Set();
  }

  function touched({ target }) {
    const form = target.form;
    if (!form || !target.name || form.dataset.giving !== undefined || !isKept(form)) return;
    if (target.type === "file") return void keepFiles(form);
    if (!target.matches(TYPED)) return;
    delete form.dataset.waiting;
    pending.add(form);
    clearTimeout(timer);
    timer = setTimeout(flush, 250);
  }

  /** Pictures that she chose; where the device keeps none, the note of the draft says so. */
  async function keepFiles(form) {
    const files = [...form.querySelectorAll("[type=file]")].flatMap((one) => [...one.files].map((file) => [one.name, file]));
    const key = stateOf(form).key;
    keep(form, { state: "typed", files: files.length });
    await kept.keepFiles(key, files);
  }

  document.addEventListener("input", touched, true);
  document.addEventListener("change", touched, true);
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", flush);

  // --- sent ------------------------------------------------------------------------------------------------------

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      // She is asked first whether she is sure (app.js).
      if (!leaves(form) || (form.dataset.confirm && !form.dataset.confirmed)) return;
      if (!navigator.onLine) {
        // She would not be out, and what she typed would be gone.
        event.preventDefault();
        event.stopImmediatePropagation();
        window.dac?.toast("网络不通，还没退出，有网了再退");
        return;
      }
      const count = kept.mine().filter((one) => one.state === "waiting" || one.stopped).length;
      if (count && !window.confirm(`还有 ${count} 条没发出去，退出就会删掉。要退出吗？`)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      pending.clear();
      isLeaving = true;
      kept.leave();
    },
    true,
  );

  /** It stays where it is, and says why. */
  function hold(event, why) {
    const form = event.target;
    event.preventDefault();
    keep(form);
    delete form.dataset.sent;
    event.submitter?.removeAttribute("aria-busy");
    say(form, why, [], stateOf(form).key);
    form.querySelector(".kept-note")?.scrollIntoView({ block: "center" });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || atTheDoor) return;
    if (isKept(form) && kept.isElsewhere()) return void hold(event, "现在这里登录的是别的账号，没有替它提交。写的都留在这台设备上，换回原来的账号就能接着写");
    if (byHand && !navigator.onLine && isKept(form)) {
      // The desk's acts reach many: none goes out by itself later.
      return void hold(event, "网络不通，没有发出去。写的都在，网络恢复后再按一次");
    }
    const words = isKept(form) && !form.dataset.does ? allOf(form, event.submitter) : "";
    if (words) prove(form, words);
    // Other words have got another proof: the way back from the door is found by the one that goes out.
    tab.write({ page: stateOf(form).page, key: isKept(form) ? stateOf(form).key : "" });
    if (!words) return;
    pending.delete(form);
    keep(form, { state: "sent", sent: words });
    // An answer that is no page (a file, a part) brings its word too.
    let looks = 0;
    const look = setInterval(() => {
      hear();
      looks += 1;
      if (looks > 60) clearInterval(look);
    }, 1000);
  });

  document.addEventListener("formdata", (event) => {
    const form = event.target;
    // A tap on a part of the page means each time what it says; what was typed is meant once.
    const isTap = form.hasAttribute("hx-post") && !wordsOf(form);
    if (form.method !== "post" || atTheDoor || leaves(form)) return;
    if (kept.owner) event.formData.set("_who", kept.owner);
    if (!isKept(form) || form.dataset.does || isTap) return;
    event.formData.set("_once", stateOf(form).key);
    event.formData.set("_hides", hidden(form));
  });

  const made = new WeakMap(); // hidden input → what the page put into it

  function lookAtHidden() {
    for (const one of document.querySelectorAll("input[type=hidden]")) if (!made.has(one)) made.set(one, one.value);
  }

  /** The names, line by line, of what the page itself hides in the form: it is no word of hers, and differs from page to page. */
  function hidden(form) {
    const all = [...form.elements].filter((one) => one.name);
    const hers = new Set(all.filter((one) => one.type !== "hidden" || made.get(one) !== one.value).map((one) => one.name));
    return [...new Set(all.map((one) => one.name))].filter((name) => !hers.has(name)).join("\n");
  }

  function hear() {
    const said = kept.answer();
    if (said?.word === "done") for (const form of document.forms) if (states.get(form)?.key === said.key && !form.dataset.waiting) states.delete(form);
    return said;
  }

  document.addEventListener("htmx:afterRequest", hear);

  // --- given back -------------------------------------------------------------------------------------------------

  /** Put back what she typed; what somebody changed meanwhile stays as it is, and her words are told. */
  function give(form, { typed, notice }) {
    const seen = {};
    const others = [];
    let given = 0;
    form.dataset.giving = "";
    for (const one of typed) {
      const same = fields(form).filter((input) => input.name === one.name);
      const input = one.on === null ? same[(seen[one.name] ??= 0)] : same.find((other) => other.value === one.value);
      seen[one.name] += 1;
      if (one.changed === false) continue;
      // She ticked below other words than these: whether she agrees to these is hers to say.
      if (one.on && notice !== noticeOf(form)) continue;
      if (!input) {
        given += standIn(form, one);
        continue;
      }
      if (one.on === null && one.value === present(input)) continue;
      if (one.on === null && one.base !== undefined && served(input) !== one.base) {
        others.push([input.labels?.[0]?.textContent.trim() || one.name, one.value]);
        continue;
      }
      if (one.on !== null) input.checked = one.on;
      else if (one.many) for (const option of input.options) option.selected = one.many.includes(option.value);
      else input.value = one.value;
      // What is given back is seen, wherever it was folded away.
      if (one.value.trim()) input.closest("details")?.setAttribute("open", "");
      given += 1;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    delete form.dataset.giving;
    return { given, others };
  }

  /** A tick on a row that a longer list showed, and this page does not yet; how many it gave. */
  function standIn(form, one) {
    if (!one.on || !form.hasAttribute("data-grows")) return 0;
    const input = Object.assign(document.createElement("input"), { type: "checkbox", className: "pick", name: one.name, value: one.value, checked: true, hidden: true });
    input.dataset.standIn = "";
    form.append(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return 1;
  }

  document.addEventListener("htmx:afterSwap", () => {
    lookAtHidden();
    for (const input of document.querySelectorAll("[data-stand-in]")) {
      const row = fields(input.form).find((one) => one !== input && one.name === input.name && one.value === input.value);
      if (!row) continue;
      row.checked = input.checked;
      input.remove();
      row.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });

  async function giveFiles(form, record) {
    const files = await kept.filesOf(record.key);
    let given = 0;
    for (const input of form.querySelectorAll("[type=file]")) {
      const hers = files.filter(([name]) => name === input.name);
      if (!hers.length || input.files.length) continue;
      try {
        const carrier = new DataTransfer();
        for (const [, file] of hers) carrier.items.add(file);
        input.files = carrier.files;
        given += hers.length;
      } catch {
        // An old browser lets no script choose files: the note says so.
      }
    }
    return given >= record.files;
  }

  function say(form, words, others, key) {
    form.querySelector(".kept-note")?.remove();
    const note = document.createElement("p");
    note.className = "kept-note help-block help-warning";
    note.setAttribute("role", "status");
    const text = document.createElement("span");
    text.className = "kept-note__text";
    text.textContent = [words, ...others.map(([name, value]) => `「${name}」后来改过，你写的是：${value}`)].join("\n");
    const away = document.createElement("button");
    away.type = "button";
    away.className = "kept-note__away button button-small button-secondary";
    away.textContent = "不要了";
    away.addEventListener("click", () => {
      kept.forget(key);
      states.delete(form);
      form.reset();
      for (const one of fields(form)) one.dispatchEvent(new Event("change", { bubbles: true }));
      pending.delete(form);
      note.remove();
    });
    note.append(text, away);
    form.prepend(note);
  }

  /** Each form takes up its newest draft of this page: words, files, and the proof that goes with them. */
  async function takeUp(form, record) {
    const wasSent = record.stopped || record.state === "sent";
    const [how] = performance.getEntriesByType("navigation");
    if (record.stopped && how?.type === "back_forward" && !record.renewed) {
      // The browser kept the page that was refused, its old mark in it: fetch it anew.
      kept.change(record.key, { renewed: true });
      location.reload();
      return;
    }
    const { given, others } = give(form, record);
    if (!given && !others.length && !record.files) return void kept.forget(record.key);
    Object.assign(stateOf(form), { key: record.key, page: record.page, base: record.typed, words: record.sent || allOf(form) });
    kept.change(record.key, { state: "typed", stopped: false, renewed: false });
    form.closest("details")?.setAttribute("open", "");
    let words = wasSent ? "你刚才写的还在，看一眼，再提交一次" : "你上次写的还在";
    if (record.files && !(await giveFiles(form, record))) words += "；图片这台设备没留住，要重新选";
    if (wasSent && window.dac) window.dac.toast(words);
    say(form, words, others, record.key);
  }

  /** Where its forms and links lead stays, though the page gets another address. */
  function pin() {
    for (const form of document.forms) form.setAttribute("action", actionOf(form));
    for (const one of document.querySelectorAll("[formaction]")) one.setAttribute("formaction", one.formAction);
    for (const one of document.querySelectorAll("a[href^='?']")) one.setAttribute("href", one.href);
  }

  /** Whichever way she signs in, it leads to where she wrote: the address that refused her may answer forms alone. */
  function leadBack(page) {
    for (const next of document.querySelectorAll("form input[name=next]")) next.value = page;
    for (const way of document.querySelectorAll("a[href*='/wecom/login/']")) {
      const address = new URL(way.href);
      address.searchParams.set("next", page);
      way.href = address.href;
    }
  }

  function begin() {
    lookAtHidden();
    const said = hear();
    const from = tab.read();
    // What another tab's form met is heard here too, and is no answer of this page's.
    const isAnswer = refused || (said?.word === "mend" && said.key === from.key) || document.documentElement.hasAttribute("data-answers");
    // The answer to a form can't be asked for again: back and reload lead to where it was written.
    // A page that is one step of several says itself where it is found again.
    const address = document.documentElement.dataset.answers || (atTheDoor || !isAnswer || !from.page ? location.href : from.page);
    if (address !== location.href) pin();
    history.replaceState(history.state, "", address);
    if (atTheDoor || refused) {
      const record = kept.find(from.key);
      if (!record) return;
      // What waits for the network goes on waiting: it goes out when she is in again.
      if (record.state !== "waiting") kept.change(record.key, { state: "typed", stopped: true });
      if (atTheDoor) leadBack(record.page);
      document.querySelector("[data-kept]")?.removeAttribute("hidden");
      return;
    }
    // What was sent and not answered is asked for by waiting.js.
    const free = kept.mine().filter((one) => one.state === "typed" || (one.state === "sent" && !one.body)).sort((one, other) => other.at - one.at);
    for (const form of document.forms) {
      if (!isKept(form)) continue;
      const adopted = isAnswer && free.find((one) => one.key === from.key && one.place === place(form));
      if (adopted) {
        // The page has her words in it already, with what is to be mended beside them.
        Object.assign(stateOf(form), { key: adopted.key, page: adopted.page, base: adopted.typed, words: adopted.sent });
        if (adopted.files) giveFiles(form, adopted);
      }
      // She began before this script did: what she writes now is newer than any draft.
      const isWriting = form.contains(document.activeElement) && read(form).some((one) => one.changed);
      if (isWriting) touched({ target: document.activeElement });
      if (adopted || isWriting) continue;
      const record = free.find((one) => one.page === here() && one.place === place(form));
      if (record) takeUp(form, record);
    }
  }

  window.addEventListener("pageshow", (event) => {
    isLeaving = false;
    if (!event.persisted) return;
    hear();
    // The browser kept the page that was refused, its old proof in it: fetch it anew.
    if (kept.mine().some((one) => one.stopped && one.page === here())) location.reload();
  });

  // Out of the way of what the page's own scripts fill in.
  if (document.readyState === "complete") begin();
  else document.addEventListener("DOMContentLoaded", begin);

  const isThere = (record) => [...document.forms].some((form) => isKept(form) && place(form) === record.place);

  window.dacDrafts = { isThere, keep, stateOf, isKept, actionOf, renew: (form) => states.delete(form), wordsOf, hear };
})();
