/* The consumer's page: says once that it is being read, counts quantities, remembers an address if she asks.
   Without this file every link still leads on and the order form still posts. */
"use strict";

(() => {
  const { page, readUrl, csrf } = document.body.dataset;

  // Being read: three seconds in view, or the first tap. The answer is of no use to the page.
  if (page) {
    let said = false;
    let timer = 0;
    const say = () => {
      if (said) return;
      said = true;
      clearTimeout(timer);
      fetch(readUrl, {
        method: "POST",
        body: new URLSearchParams({ page, csrfmiddlewaretoken: csrf }),
        keepalive: true,
        credentials: "same-origin",
      }).catch(() => {});
    };
    const wait = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") timer = setTimeout(say, 3000);
    };
    document.addEventListener("visibilitychange", wait);
    document.addEventListener("click", say, { capture: true });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") say();
    });
    wait();
  }

  const yuan = (fen) =>
    `¥${Math.floor(fen / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",")}.${String(fen % 100).padStart(2, "0")}`;

  // The bar at the foot shows the price of what is chosen.
  const chosen = document.querySelector("[data-chosen-price] .price");
  const choices = document.querySelectorAll("input[type=radio][data-price]");
  if (chosen && choices.length) {
    const show = () => {
      const one = [...choices].find((choice) => choice.checked);
      if (one) chosen.textContent = yuan(Number(one.dataset.price));
    };
    for (const choice of choices) choice.addEventListener("change", show);
    show();
  }

  /** Buttons beside a number. `price` is that of one piece; `changed` is told of each new number. */
  function stepper(box, changed) {
    const input = box.querySelector("input");
    const most = Math.min(Number(input.max), Number(box.dataset.most) || Number(input.max));
    const button = (word, name, step) => {
      const one = document.createElement("button");
      one.type = "button";
      one.className = "stepper__btn";
      one.setAttribute("aria-label", word);
      one.textContent = name;
      one.addEventListener("click", () => {
        input.value = String(Math.min(most, Math.max(1, (Number.parseInt(input.value, 10) || 1) + step)));
        input.dispatchEvent(new Event("change", { bubbles: true }));
        show();
      });
      return one;
    };
    const less = button("减一件", "−", -1);
    const more = button("加一件", "+", 1);
    const count = () => (/^\d+$/.test(input.value.trim()) ? Number(input.value.trim()) : 0);
    const show = () => {
      less.disabled = count() <= 1;
      more.disabled = count() >= most;
      changed();
    };
    input.before(less);
    input.after(more);
    input.addEventListener("input", show);
    return { show, fen: (price) => (count() >= 1 && count() <= most ? price * count() : Number.NaN) };
  }

  /** The sum at the foot follows the numbers: what can't be ordered has no sum, an old one would be another's. */
  function counting(form) {
    const total = document.querySelector("[data-total]");
    const boxes = [...form.querySelectorAll("[data-stepper]")];
    const word = document.querySelector("[data-total-word]");
    if (word && boxes.length) word.textContent = "合计";
    const steppers = [];
    const sum = () => {
      if (!total || steppers.length < boxes.length) return;
      const fen = steppers.reduce((all, [one, price]) => all + one.fen(price), 0);
      total.textContent = Number.isNaN(fen) ? "—" : yuan(fen);
    };
    for (const box of boxes) steppers.push([stepper(box, sum), Number(box.dataset.price || form.dataset.price)]);
    for (const [one] of steppers) one.show();
  }

  // The address stays on this phone, in the browser's own store, and only when she ticks the box.
  const STORE = "dac.receiver";
  const FIELDS = ["name", "phone", "address"];

  function recall() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) || null;
    } catch {
      return null;
    }
  }

  function remembering(form) {
    const line = form.querySelector("[data-remember]");
    const known = form.querySelector("[data-known]");
    try {
      localStorage.setItem(`${STORE}.probe`, "1");
      localStorage.removeItem(`${STORE}.probe`);
    } catch {
      return; // the browser keeps nothing: no promise is shown
    }
    line.hidden = false;
    const box = line.querySelector("input");
    const kept = recall();
    if (kept) {
      box.checked = true;
      const empty = FIELDS.every((name) => !form.elements[name].value);
      if (empty) {
        for (const name of FIELDS) form.elements[name].value = kept[name] || "";
        known.hidden = false;
      }
    }
    form.querySelector("[data-forget]").addEventListener("click", () => {
      const waiting = window.dacKept?.mine().filter((one) => one.state === "waiting").length;
      if (waiting && !window.confirm(`还有 ${waiting} 条没发出去，清除就会一起删掉。要清除吗？`)) return;
      localStorage.removeItem(STORE);
      window.dacKept?.leave();
      window.dispatchEvent(new Event("storage")); // the line of what waits is drawn anew (waiting.js)
      for (const name of FIELDS) form.elements[name].value = "";
      box.checked = false;
      known.hidden = true;
      form.elements.name.focus();
      window.dac?.toast("已从这台手机清除");
    });
    form.addEventListener("submit", () => {
      if (!form.elements.consent.checked) return;
      if (box.checked) {
        localStorage.setItem(STORE, JSON.stringify(Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]))));
      } else {
        localStorage.removeItem(STORE);
      }
    });
  }

  const form = document.querySelector("[data-order]");
  if (form) {
    counting(form);
    remembering(form);
  }

  // basket.js keeps what she changes.
  const basket = document.querySelector("[data-basket]");
  if (basket) counting(basket);
})();
