/* Without a network a form is not sent into the browser's error page: it waits on this device (kept.js) and goes out once,
   with its proof, when the network is back. A quiet line says how many wait; a tap shows them, to look or take away. */
"use strict";

(() => {
  const kept = window.dacKept;
  const drafts = window.dacDrafts;
  const WORD = "还没发出，网络一恢复就发";
  const AWAY = "还没发出；现在这里登录的是别的账号，换回来再发";
  const REACH_MS = 8000;
  const SEND_MS = 60000;
  // An order of this morning is not placed by itself tonight: she is given it back instead. A word of hers on what may be
  // done with her data goes out whenever it can.
  const ORDER_MS = 30 * 60 * 1000;

  const waiting = () => kept.mine().filter((one) => one.state === "waiting").sort((one, other) => one.at - other.at);

  async function inTime(limit, ask) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), limit);
    try {
      return await ask(stop.signal);
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  async function isReached() {
    if (!navigator.onLine) return false;
    const answer = await inTime(REACH_MS, (signal) => fetch("/livez", { method: "HEAD", cache: "no-store", signal }));
    return Boolean(answer) && answer.status < 500;
  }

  // --- a form is sent ------------------------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (event.defaultPrevented || !drafts.isKept(form) || form.dataset.does || form.target) return;
    const button = event.submitter;
    if (form.dataset.reached !== undefined) {
      delete form.dataset.reached;
      return;
    }
    event.preventDefault();
    if (form.dataset.waiting && form.querySelector("textarea,[type=text]") && !drafts.wordsOf(form)) return window.dac.toast(WORD);
    // What its answer shows is shown once, to whoever stands before it: such a form goes out now or not at all.
    const isNow = form.hasAttribute("data-now");
    if (!isNow) await pack(form, button);
    if (await isReached()) {
      form.dataset.reached = "";
      form.requestSubmit(button);
      return;
    }
    if (isNow) {
      delete form.dataset.sent;
      button?.removeAttribute("aria-busy");
      return window.dac.toast("网络不通，没有发出去，有网了再点一次");
    }
    // She may have written on while the network was asked for: what waits is what stands there now.
    wait(form, await pack(form, button));
    delete form.dataset.sent;
    button?.removeAttribute("aria-busy");
  });

  const pressed = new WeakMap(); // form → the button that it waits with

  /** Keep everything that it would send; the key, or "" where the device has no room for it. */
  async function pack(form, button) {
    pressed.set(form, button);
    const all = new FormData(form);
    if (button?.name && !all.has(button.name)) all.append(button.name, button.value);
    const pairs = [...all].filter(([name]) => name !== "csrfmiddlewaretoken");
    const files = pairs.filter(([, value]) => value instanceof File && value.size);
    const key = drafts.keep(form, {
      state: "sent",
      action: button?.hasAttribute("formaction") ? button.formAction : drafts.actionOf(form),
      body: pairs.filter(([, value]) => !(value instanceof File)),
      files: files.length,
      isOrder: form.hasAttribute("data-order"),
    });
    const hasRoom = key && (!files.length || (await kept.keepFiles(key, files)));
    return hasRoom ? key : "";
  }

  /** Put the form into the queue. */
  function wait(form, key) {
    if (!key) return window.dac.toast("网络不通，这台设备也留不下它：先别关这一页，有网再发");
    kept.change(key, { state: "waiting" });
    form.dataset.waiting = key;
    // A note or a tag: the next one may be written now. What stands for itself stays, and takes its own place.
    const isAdded = !form.hasAttribute("data-order") && [...form.elements].every((one) => one.type === "hidden" || !one.defaultValue || ["checkbox", "radio", "submit", "button"].includes(one.type) || one.options);
    if (isAdded && drafts.wordsOf(form)) {
      drafts.renew(form);
      form.reset();
    }
    show();
    window.dac.toast(WORD);
    later();
  }

  /** She corrects what waits and was never tried: it goes out as it stands now. */
  async function correct({ target }) {
    const form = target.form;
    if (!form || !pressed.has(form) || !drafts.isKept(form)) return;
    const one = kept.find(drafts.stateOf(form).key);
    if (one?.state !== "waiting" || one.tried) return;
    await pack(form, pressed.get(form));
    kept.change(one.key, { state: "waiting" });
  }

  document.addEventListener("input", correct);
  document.addEventListener("change", correct);

  document.addEventListener("htmx:sendError", (event) => {
    const form = event.detail.elt;
    if (form.matches?.("form[method=post]") && drafts.isKept(form) && drafts.wordsOf(form)) {
      pack(form, event.detail.requestConfig?.triggeringEvent?.submitter).then((key) => wait(form, key));
    }
  });

  // --- it goes out ---------------------------------------------------------------------------------------------

  let timer = 0;
  let pause = 5000;
  let isSending = false;

  function later() {
    clearTimeout(timer);
    if (kept.isElsewhere() || !waiting().length) return;
    timer = setTimeout(sendAll, pause);
    pause = Math.min(pause * 2, 60000);
  }

  async function markOf(page) {
    const there = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? document.body.dataset.csrf;
    if (there && page === null) return there;
    const answer = await inTime(SEND_MS, (signal) => fetch(page ?? location.href, { signal, cache: "no-store" }));
    if (!answer) return "";
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    return found.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  async function post(one, files, mark) {
    const body = new FormData();
    for (const [name, value] of one.body) body.append(name, value);
    for (const [name, file] of files) body.append(name, file);
    body.set("_once", one.key);
    body.set("csrfmiddlewaretoken", mark);
    return inTime(SEND_MS, (signal) => fetch(one.action, { method: "POST", body, signal }));
  }

  /** One of them: "done", "mend", "door", "later", or "" without a network. */
  async function send(one) {
    const files = one.files ? await kept.filesOf(one.key) : [];
    if (files.length < (one.files ?? 0)) return ["mend", null]; // not without the pictures, which this device has lost
    let answer = await post(one, files, await markOf(null));
    let said = kept.answer();
    if (answer?.status === 403 && said?.word !== "door" && !kept.isElsewhere()) {
      answer = await post(one, files, await markOf(one.page)); // the page is older than the session
      said = kept.answer();
    }
    if (!answer) return ["", null];
    if (said?.key === one.key) return [said.word, answer];
    // Without a word of the server's nothing is known to be done, unless another window has heard it.
    if (!kept.find(one.key)) return ["done", answer];
    return [answer.status >= 400 && answer.status < 500 ? "mend" : "later", answer];
  }

  async function sendOne(one) {
    kept.change(one.key, { tried: true });
    const [word, answer] = await send(one);
    if (word === "done") return led(one, answer.url);
    if (word === "mend") giveBack(one, "没收下", { sent: "" });
    else kept.change(one.key, { state: "waiting" });
    return word;
  }

  /** It does not go out by itself any more: she is told, and where its page stands open it has her words again. */
  function giveBack(one, why, changes = {}) {
    kept.change(one.key, { state: "typed", stopped: true, ...changes });
    const isHere = one.page === location.pathname + location.search && drafts.isThere(one);
    window.dac.toast(`有一条${why}，内容还在`);
    if (isHere) location.reload();
    else tell(one, why);
  }

  function led(one, address) {
    kept.forget(one.key);
    window.dac.toast("刚才没发出的，发出去了");
    const isHere = one.page === location.pathname + location.search;
    const isTyping = kept.mine().some((other) => other.state === "typed" && other.page === one.page);
    if (isHere && !isTyping && !document.querySelector("dialog[open]")) setTimeout(() => (location.href.split("#")[0] === address.split("#")[0] ? location.reload() : location.assign(address)), 1200);
    return "done";
  }

  async function all() {
    for (const { key } of waiting()) {
      if (kept.isElsewhere()) break;
      const one = kept.find(key);
      if (one?.state !== "waiting") continue; // taken away meanwhile
      if (one.isOrder && Date.now() - one.at > ORDER_MS) {
        if (!(await isReached())) break; // its page is opened anew for it
        giveBack(one, "隔得太久，没有替你发出去");
        continue;
      }
      // Without a network, at the door, or while the server rests: the others would fare alike.
      if (!["done", "mend"].includes(await sendOne(one))) break;
      pause = 5000;
    }
  }

  async function sendAll() {
    if (isSending || kept.isElsewhere() || !waiting().length) return;
    isSending = true;
    try {
      // One window sends; even if two did, each form has one proof.
      if (navigator.locks) await navigator.locks.request("dac.waiting", { ifAvailable: true }, (lock) => lock && all());
      else await all();
    } finally {
      isSending = false;
      show();
      later();
    }
  }

  // --- what she sees -------------------------------------------------------------------------------------------

  const make = (tag, name, text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });

  function show() {
    document.querySelector(".waiting[data-count]")?.remove(); // what is told beside it stays
    const count = waiting().length;
    if (!count) return;
    const line = make("p", "waiting");
    line.dataset.count = String(count);
    line.setAttribute("role", "status");
    const button = make("button", "waiting__look", "看看");
    button.type = "button";
    button.addEventListener("click", list);
    line.append(make("span", "waiting__text", `${count} 条${kept.isElsewhere() ? AWAY : WORD}`), button);
    (document.getElementById("main") ?? document.body).prepend(line);
  }

  /** Refused while she was elsewhere, or where its page has no form for it any more: her words, and the way there. */
  function tell(one, why) {
    const line = make("p", "waiting");
    line.setAttribute("role", "status");
    const link = make("a", "waiting__look", "去看看");
    link.href = one.page;
    line.append(make("span", "waiting__text", `「${one.title}」有一条${why}${one.words ? `，你写的是：${one.words}` : ""}`), link);
    (document.getElementById("main") ?? document.body).prepend(line);
  }

  function list() {
    const sheet = make("dialog", "sheet");
    const head = make("div", "sheet__head");
    const close = make("button", "sheet__close", "×");
    close.type = "button";
    close.setAttribute("aria-label", "关闭");
    close.setAttribute("data-close", "");
    head.append(make("h2", "clamp-1", "还没发出的"), close);
    const rows = make("ul", "stack waiting__list");
    for (const one of waiting()) {
      const row = make("li", "waiting__row");
      const link = make("a", "waiting__what");
      link.href = one.page;
      link.append(make("span", "strong clamp-1", one.title), make("span", "small quiet clamp-2", one.words || "一次点击"));
      const away = make("button", "waiting__look", "删掉");
      away.type = "button";
      away.addEventListener("click", () => {
        kept.forget(one.key);
        row.remove();
        show();
        if (!waiting().length) window.dac.closeDialog(sheet);
      });
      row.append(link, away);
      rows.append(row);
    }
    sheet.append(head, make("p", "small quiet waiting__hint", "只留在这台手机上，网络一恢复就发，每条只发一次。"), rows);
    sheet.addEventListener("close", () => sheet.remove());
    document.body.append(sheet);
    window.dac.openDialog(sheet);
  }

  /** What went out without an answer goes out once more: its proof makes it one. So does what its page has no form for now. */
  function join() {
    const here = location.pathname + location.search;
    for (const one of kept.mine()) {
      const isHomeless = one.state === "typed" && one.sent && one.page === here && !drafts.isThere(one);
      if (one.body && (one.state === "sent" || isHomeless)) kept.change(one.key, { state: "waiting" });
    }
  }

  function wake() {
    drafts.hear();
    join();
    show();
    pause = 5000;
    sendAll();
  }

  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  addEventListener("storage", show);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
})();
