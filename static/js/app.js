/* What every page may use: toast, sheet, question before a step, copy, save, no double submit.
   Each is an addition: without this file every form still posts and every link still leads somewhere. */
"use strict";

document.documentElement.classList.add("has-js");

// A page that answers a form can't be asked for again: the way back to it begins at its address instead.
history.replaceState(history.state, "", location.href);

window.dac = (() => {
  let toastTimer = 0;
  const TAPPED = "a[href],button,input:not([type=hidden]),select,textarea,label,summary,[tabindex='0'],.waiting";
  //: A whole card that opens something; a toast may lie on it for a moment, never on a button.
  const CARD_PX = 88;

  /** The highest place where the toast covers nothing that one taps. */
  function freePlace(box) {
    const top = box.offsetTop;
    const { width, height } = box.getBoundingClientRect();
    const left = (innerWidth - width) / 2;
    const within = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
    const rects = [...within.querySelectorAll(TAPPED)]
      .map((one) => one.getBoundingClientRect())
      .filter((one) => one.width && one.bottom > 0 && one.top < innerHeight && one.right > left && one.left < left + width);
    for (const avoided of [rects, rects.filter((one) => one.height < CARD_PX)]) {
      const places = [top, ...avoided.map((one) => one.bottom + 6)].sort((one, other) => one - other);
      const isFree = (y) => y >= top && y + height <= innerHeight - 8 && !avoided.some((one) => one.bottom > y - 4 && one.top < y + height + 4);
      const found = places.find(isFree);
      if (found !== undefined) return found;
    }
    return top;
  }

  /** Say something short at the top of the screen; read out by screen readers. */
  function toast(text) {
    let box = document.getElementById("toast");
    if (!box) {
      box = document.createElement("div");
      box.id = "toast";
      box.className = "toast";
      box.setAttribute("role", "status");
      document.body.append(box);
    }
    // An open dialog lies in the top layer; a popover shown after it lies above.
    if (box.showPopover) {
      box.popover = "manual";
      if (box.matches(":popover-open")) box.hidePopover();
      box.showPopover();
    }
    box.textContent = text;
    box.style.top = "";
    box.style.top = `${freePlace(box)}px`;
    requestAnimationFrame(() => box.setAttribute("data-shown", ""));
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => {
      box.removeAttribute("data-shown");
      if (box.hidePopover && box.matches(":popover-open")) setTimeout(() => box.hidePopover(), 200);
    }, 2400);
  }

  /** Put `text` on the clipboard; false when the browser refuses and the reader must do it by hand. */
  async function copy(text) {
    try {
      if (navigator.clipboard && window.isSecureContext) {
        await navigator.clipboard.writeText(text);
        return true;
      }
    } catch {
      // Refused (no permission, not focused): the old way below still may work.
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true;
    area.className = "unseen";
    const open = document.querySelector("dialog[open]");
    (open || document.body).append(area);
    area.select();
    area.setSelectionRange(0, text.length);
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    area.remove();
    return done;
  }

  // What lies over the page is a step of the history: the phone's Back closes it and stays on the page.
  let going = Promise.resolve();
  const depth = () => history.state?.sheet ?? 0;

  function goBack(count) {
    going = new Promise((resolve) => {
      const stop = setTimeout(resolve, 1000);
      window.addEventListener("popstate", () => (clearTimeout(stop), resolve()), { once: true });
      history.go(-count);
    });
  }

  async function openDialog(dialog) {
    if (dialog.open) return;
    if (dialog.showModal) dialog.showModal();
    else dialog.setAttribute("open", "");
    await going; // another one closes just now
    if (!dialog.open) return;
    const step = depth() + 1;
    history.pushState({ ...history.state, sheet: step }, "");
    dialog.dataset.step = String(step);
  }

  function closeDialog(dialog) {
    if (dialog.close) dialog.close();
    else {
      dialog.removeAttribute("open");
      dialog.dispatchEvent(new Event("close"));
    }
  }

  // Closed by its button, a tap beside it or Esc: its step goes too.
  document.addEventListener(
    "close",
    ({ target }) => {
      const step = Number(target.dataset?.step ?? 0);
      delete target.dataset?.step;
      if (step && depth() >= step) goBack(depth() - step + 1);
    },
    true,
  );

  window.addEventListener("popstate", () => {
    for (const dialog of document.querySelectorAll("dialog[open][data-step]")) {
      if (Number(dialog.dataset.step) > depth()) closeDialog(dialog);
    }
  });

  // Come back from another page, or reloaded, to a step whose sheet is gone: to the page itself.
  window.addEventListener("pageshow", () => {
    if (depth() && !document.querySelector("dialog[open][data-step]")) goBack(depth());
  });

  /** Ask before a step; resolves to true or false. */
  function ask(text, { yes = "确定", danger = false } = {}) {
    const dialog = document.createElement("dialog");
    dialog.className = danger ? "ask ask_danger" : "ask";
    const words = document.createElement("p");
    words.className = "ask__text";
    words.textContent = text;
    const buttons = document.createElement("div");
    buttons.className = "ask__btns";
    for (const [word, value] of [["再想想", "no"], [yes, "yes"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = word;
      button.addEventListener("click", () => {
        dialog.returnValue = value;
        closeDialog(dialog);
      });
      buttons.append(button);
    }
    dialog.append(words, buttons);
    document.body.append(dialog);
    openDialog(dialog);
    return new Promise((resolve) => {
      dialog.addEventListener("close", async () => {
        await going; // else the way back would call off what the answer begins
        dialog.remove();
        resolve(dialog.returnValue === "yes");
      });
    });
  }

  /** Post a form in the background, kept alive if the page goes; whatever is answered, or null without a net. */
  async function send(form) {
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Requested-With": "fetch" },
        keepalive: true,
      });
      if (answer.redirected && new URL(answer.url).pathname.startsWith("/login/")) {
        location.assign(answer.url);
        return null;
      }
      return answer;
    } catch {
      return null;
    }
  }

  /** The same, where only a yes counts: the answer, or null when it failed. */
  async function post(form) {
    const answer = await send(form);
    return answer?.ok ? answer : null;
  }

  /** Put on the clipboard what is only known once `words` resolves. Some phones let a page write while the tap
   * is fresh alone, and take a promise for it; the others wait. */
  async function copyLater(words) {
    if (window.ClipboardItem && navigator.clipboard?.write && window.isSecureContext) {
      const blob = words.then((text) => new Blob([text], { type: "text/plain" }));
      blob.catch(() => {});
      try {
        await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
        return true;
      } catch {
        // Refused by the browser, or there are no words: the line below tells the two apart.
      }
    }
    return copy(await words);
  }

  /** Words for one person are given once the server has written down that she took them (`data-asks`): its no
   * takes them off the page, its reason in their place. */
  async function copyAllowed(form, source, button) {
    if (form.dataset.asking) return;
    form.dataset.asking = "1";
    const text = wordsOf(source);
    const asked = send(form);
    const words = asked.then((answer) => {
      if (!answer?.ok) throw new Error("not written down");
      return text;
    });
    const copied = await copyLater(words).catch(() => false);
    const answer = await asked;
    delete form.dataset.asking;
    if (answer?.ok) {
      toast(copied ? form.dataset.copied : "记下了，请长按文字复制");
      if (copied && form.dataset.then) button.textContent = form.dataset.then;
    } else if (answer?.status === 422) {
      const why = document.createElement("p");
      why.className = "notice notice_bad";
      why.setAttribute("role", "alert");
      why.textContent = await answer.text();
      (source.closest("label") ?? source).replaceWith(why);
      form.remove();
    } else {
      toast(answer ? "没记上，也没复制，刷新这一页再试" : "没记上，连上网再点一次");
    }
  }

  /** What stands in an element, line by line as it is seen. */
  function wordsOf(source) {
    return source.value ?? source.innerText.trim();
  }

  const insideChat = /MicroMessenger|wxwork/i.test(navigator.userAgent);

  /** Hand pictures to the phone: the system's sheet, else downloads; false where only a long press works. */
  async function savePictures(addresses, name) {
    if (insideChat) return false;
    try {
      const files = await Promise.all(
        addresses.map(async (address, index) => {
          const blob = await (await fetch(address)).blob();
          const kind = (blob.type.split("/")[1] || "jpg").replace("jpeg", "jpg");
          return new File([blob], `${name}-${index + 1}.${kind}`, { type: blob.type });
        }),
      );
      if (matchMedia("(pointer: coarse)").matches && navigator.canShare && navigator.canShare({ files })) {
        try {
          await navigator.share({ files });
          return true;
        } catch (error) {
          if (error.name === "AbortError") return true;
        }
      }
      for (const file of files) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(file);
        link.download = file.name;
        link.click();
        await new Promise((resolve) => setTimeout(resolve, 250));
        setTimeout(() => URL.revokeObjectURL(link.href), 30000);
      }
      return true;
    } catch {
      return false;
    }
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-open],[data-close],[data-back],[data-reload],[data-copy],[data-copy-from],[data-save]");
    if (target?.hasAttribute("data-open")) {
      const dialog = document.getElementById(target.dataset.open);
      if (dialog) {
        event.preventDefault();
        openDialog(dialog);
      }
    } else if (target?.hasAttribute("data-close")) {
      event.preventDefault();
      closeDialog(target.closest("dialog"));
    } else if (target?.hasAttribute("data-back")) {
      if (history.length > 1) {
        event.preventDefault();
        history.back();
      }
    } else if (target?.hasAttribute("data-reload")) {
      event.preventDefault();
      location.reload();
    } else if (target?.hasAttribute("data-copy")) {
      event.preventDefault();
      copy(target.dataset.copy).then((done) => toast(done ? target.dataset.copied || "已复制" : "请长按文字复制"));
    } else if (target?.hasAttribute("data-copy-from")) {
      event.preventDefault();
      const source = document.querySelector(target.dataset.copyFrom);
      copy(wordsOf(source)).then((done) => toast(done ? "已复制，去粘贴吧" : "请长按文字复制"));
    } else if (target?.hasAttribute("data-save")) {
      const pictures = [...document.querySelectorAll(target.dataset.save)];
      event.preventDefault();
      savePictures(pictures.map((one) => one.dataset.original || one.src), target.download || "图片").then((done) =>
        toast(done ? "已交给手机保存" : "长按图片，选「保存到手机」"),
      );
    }
    // A tap on the backdrop closes a sheet; it arrives with the dialog itself as target.
    if (event.target.matches("dialog.sheet")) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientY >= box.top && event.clientY <= box.bottom && event.clientX >= box.left && event.clientX <= box.right;
      if (!inside) closeDialog(event.target);
    }
  });

  // A form that names a field of money (data-amount) and the most it may be, in fen: what is empty, no amount
  // or too much is not asked about, but sent, so that the answer stands beside the field.
  function isAmountWrong(form) {
    if (!form.dataset.amount) return false;
    const typed = form.elements[form.dataset.amount].value.normalize("NFKC").replace(/[¥元\s]/g, "");
    if (!/^(\d{1,12}|[1-9]\d{0,2}(,\d{3})+)(\.\d{1,2})?$/.test(typed)) return true;
    const fen = Math.round(Number(typed.replaceAll(",", "")) * 100);
    return fen <= 0 || fen > Number(form.dataset.most);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.reached !== undefined) return; // asked already, and the network is there (waiting.js)
    if (form.dataset.confirm && !form.dataset.confirmed && !isAmountWrong(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const button = event.submitter;
      // `{amount_fen}` stands for what is in that field, as a number alone.
      const filled = (_, name) => form.elements[name]?.value.normalize("NFKC").replace(/[¥元\s]/g, "") ?? "";
      const sure = await ask(form.dataset.confirm.replace(/\{(\w+)\}/g, filled), {
        yes: form.dataset.confirmYes || "确定",
        danger: form.hasAttribute("data-danger"),
      });
      if (!sure) return;
      form.dataset.confirmed = "1";
      form.requestSubmit(button);
      delete form.dataset.confirmed;
      return;
    }
    const job = form.dataset.does;
    if (job === "copy") {
      event.preventDefault();
      const source = document.querySelector(form.dataset.from);
      if (form.hasAttribute("data-asks")) return copyAllowed(form, source, event.submitter);
      const done = await copy(wordsOf(source));
      toast(done ? form.dataset.copied || "已复制，去粘贴吧" : "请长按文字复制");
      if (done && form.dataset.then) event.submitter.textContent = form.dataset.then;
      post(form);
    } else if (job === "save") {
      event.preventDefault();
      const pictures = [...document.querySelectorAll(form.dataset.from)];
      if (form.dataset.fallback) toast(`正在准备 ${pictures.length} 张图片`);
      const done = await savePictures(pictures.map((one) => one.dataset.original || one.src), form.dataset.name || "图片");
      const sheet = document.getElementById(form.dataset.fallback ?? "");
      if (!done && sheet) openDialog(sheet);
      else toast(done ? `${pictures.length} 张图片已交给手机` : "长按图片，选「保存到手机」");
      post(form);
    } else if (!event.defaultPrevented) {
      // A second tap must not send the form twice.
      if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 8000) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = String(Date.now());
      event.submitter?.setAttribute("aria-busy", "true");
    }
  });

  // Coming back by the browser's button finds the page as it was left: take the marks off.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });

  // The tab bar or a dock grows with her text: the page ends above it (base.css).
  const feet = new ResizeObserver(() => {
    const fixed = [...document.querySelectorAll(".tabs, .dock")].filter((one) => getComputedStyle(one).position === "fixed");
    document.documentElement.style.setProperty("--foot", `${Math.max(0, ...fixed.map((one) => one.offsetHeight))}px`);
  });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".tabs, .dock").forEach((one) => feet.observe(one)));

  // A choice that sends its own form (sort order, period) where the button is only for the scriptless.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // A word that stands ready goes into its field, alone or beside what is there.
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-fill]");
    const field = button && document.querySelector(button.dataset.fill);
    if (!field) return;
    const { joins } = button.dataset;
    const word = button.textContent.trim();
    const there = joins ? field.value.split(/[,，、]/).map((one) => one.trim()).filter(Boolean) : [];
    field.value = joins ? [...new Set([...there, word])].join(joins) : word;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Choosing many: how many are ticked, and all that the page shows at once.
  function countPicked(form) {
    const boxes = [...form.querySelectorAll("input.pick")];
    const picked = boxes.filter((one) => one.checked).length;
    const told = document.querySelector(`[data-picked-of="${form.id}"]`);
    if (told) told.textContent = picked ? `选了 ${picked} 位` : "勾选要一起处理的客户";
    const all = document.querySelector(`[data-pick-all="${form.id}"]`);
    if (all) all.textContent = picked && picked === boxes.length ? "都不选" : "全选这些";
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("input.pick")) countPicked(event.target.form);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick-all]");
    const form = button && document.getElementById(button.dataset.pickAll);
    if (!form) return;
    const boxes = [...form.querySelectorAll("input.pick")];
    const isOn = boxes.some((one) => !one.checked);
    for (const one of boxes) one.checked = isOn;
    countPicked(form);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const told of document.querySelectorAll("[data-picked-of]")) countPicked(document.getElementById(told.dataset.pickedOf));
  });
  window.addEventListener("pageshow", () => {
    for (const told of document.querySelectorAll("[data-picked-of]")) countPicked(document.getElementById(told.dataset.pickedOf));
  });

  document.addEventListener("DOMContentLoaded", () => {
    const said = document.querySelector("[data-toast]");
    if (said) toast(said.textContent.trim());
  });

  return { toast, copy, ask, post, openDialog, closeDialog, savePictures };
})();
