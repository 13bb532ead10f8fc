/* The numbers in the basket are kept as she changes them, whichever way she leaves.
   One post is under way at a time, then the newest numbers: the basket is a cookie of the answer, and the answer that
   comes last would win. What could not be kept is tried again, and she is told. Until the server has a number it also
   stays in this tab, for a reload that is faster than the post. */
"use strict";

(() => {
  const form = document.querySelector("[data-basket]");
  const STORE = `dac.basket ${location.pathname}`;
  const LIFE_MS = 600000;
  const ANSWER_MS = 15000;
  const GATHER_MS = 250;

  function store(rows) {
    try {
      if (rows.length) sessionStorage.setItem(STORE, JSON.stringify({ at: Date.now(), rows }));
      else sessionStorage.removeItem(STORE);
    } catch {
      // Switched off: then what the post does not bring is lost with the page.
    }
  }

  function stored() {
    try {
      const found = JSON.parse(sessionStorage.getItem(STORE));
      return found && Date.now() - found.at < LIFE_MS ? found.rows : [];
    } catch {
      return [];
    }
  }

  if (!form) {
    store([]);
    return;
  }

  const inputs = [...form.querySelectorAll("[data-stepper] input[type=number]")];
  //: What the server has, as far as this page knows; left out of the post, the number is written whatever it has.
  const known = new Map(inputs.map((one) => [one, form.elements[one.name.replace(/^n-/, "was-")]]));
  //: Every number that the basket may hold by this page's doing: what it held, and what went out unanswered.
  const maybe = new Map(inputs.map((one) => [one, new Set([known.get(one).value])]));
  const open = () => inputs.filter((one) => known.get(one).disabled);
  const line = form.querySelector("[data-basket-said]");

  function say(text) {
    line.hidden = !text;
    line.lastElementChild.textContent = text;
  }

  let newest = 0;
  let kept = 0;
  let timer = 0;
  let pause = 2000;
  let underWay = null;
  let isSubmitted = false;

  const storeOpen = () => store(open().map((one) => [one.name, [...maybe.get(one)], one.value]));

  function changed(one) {
    known.get(one).disabled = true;
    newest += 1;
    storeOpen();
    const pieces = document.querySelector("[data-pieces]");
    if (pieces) pieces.textContent = String(inputs.reduce((all, input) => all + (Number(input.value) || 0), 0));
    if (!timer && !underWay) timer = setTimeout(go, GATHER_MS);
  }

  const body = () => new URLSearchParams(new FormData(form));

  function post(signal) {
    for (const one of open()) maybe.get(one).add(one.value);
    storeOpen();
    return fetch(location.pathname, { method: "POST", body: body(), headers: { "X-Requested-With": "fetch" }, keepalive: true, signal });
  }

  async function go() {
    clearTimeout(timer);
    timer = 0;
    if (underWay || isSubmitted || kept === newest) return;
    const sent = newest;
    const values = new Map(open().map((one) => [one, one.value]));
    underWay = new AbortController();
    const late = setTimeout(() => underWay?.abort(), ANSWER_MS);
    const answer = await post(underWay.signal).catch(() => null);
    clearTimeout(late);
    underWay = null;
    if (isSubmitted) return;
    if (answer?.ok || answer?.status === 422) {
      kept = sent;
      pause = 2000;
      for (const [one, value] of values) {
        known.get(one).value = value;
        maybe.set(one, new Set([value]));
        known.get(one).disabled = one.value !== value;
      }
      storeOpen();
      say(answer.ok ? "" : await answer.text());
      return go();
    }
    if (answer && answer.status !== 429 && answer.status < 500) {
      say("数量没有存上，刷新这一页再改一次。");
      return;
    }
    say(answer ? "数量还没存上，过一会儿自动再存，先别关这一页。" : "网络不通，数量还没存上，网络好了会自动再存。");
    timer = setTimeout(go, answer ? Math.max(pause, 1000 * (Number(answer.headers.get("Retry-After")) || 0)) : pause);
    pause = Math.min(pause * 2, 30000);
  }

  form.addEventListener("change", (event) => known.has(event.target) && changed(event.target));
  addEventListener("online", go);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && kept !== newest && go());

  // Each way out of the form takes the numbers along: nothing older may answer after it.
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      window.dac?.toast("网络不通，网络好了再点一次");
      return;
    }
    isSubmitted = true;
    underWay?.abort();
    clearTimeout(timer);
    store([]);
  });

  addEventListener("pagehide", () => {
    if (isSubmitted || kept === newest) return;
    underWay?.abort();
    post().catch(() => {});
  });

  // The browser shows the page as it left it: the basket may hold something else by now.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // A number of which the page before this one did not hear any more goes out again, since older ones may still be
  // on their way; not where the basket got another number elsewhere.
  for (const [name, bases, value] of stored()) {
    const one = inputs.find((input) => input.name === name);
    if (!one || !bases.includes(known.get(one).value)) continue;
    maybe.set(one, new Set(bases));
    one.value = value;
    one.dispatchEvent(new Event("input", { bubbles: true }));
    one.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (!open().length) store([]);
})();
