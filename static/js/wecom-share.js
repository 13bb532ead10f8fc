/* Inside WeCom's client a share may go straight to groups, customers or their moments; elsewhere nothing of this
   shows, and the text is copied as everywhere. The vendor's script is loaded at the first tap that needs it. */
"use strict";

(() => {
  const { sdk, sign } = document.currentScript.dataset;
  if (!/wxwork/i.test(navigator.userAgent)) return;
  document.documentElement.classList.add("in-wecom");

  const CALLS = {
    group: "shareToExternalChat",
    single: "shareToExternalContact",
    moments: "shareToExternalMoments",
  };
  const PATIENCE_MS = 8000;
  let ready = null;

  function load() {
    if (window.ww) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = sdk;
      script.addEventListener("load", resolve, { once: true });
      script.addEventListener("error", reject, { once: true });
      document.head.append(script);
    });
  }

  /** Sign this page with both tickets; the client checks them before it does anything. */
  function prepare() {
    ready ??= (async () => {
      await load();
      const url = location.href.split("#")[0];
      const answer = await fetch(`${sign}?url=${encodeURIComponent(url)}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const signed = await answer.json();
      window.ww.register({
        corpId: signed.corpId,
        agentId: signed.agentId,
        jsApiList: Object.values(CALLS),
        getConfigSignature: () => signed.corp,
        getAgentConfigSignature: () => signed.agent,
      });
    })().catch((error) => {
      ready = null; // the next tap may try again
      throw error;
    });
    return ready;
  }

  function inTime(promise) {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS, new Error("late")));
    return Promise.race([promise, late]);
  }

  async function send(button) {
    const words = document.querySelector(button.dataset.from)?.value ?? "";
    const picture = button.dataset.picture && new URL(button.dataset.picture, location.href).href;
    const attachment =
      button.dataset.wecom === "moments" && picture
        ? { msgtype: "image", image: { imgUrl: picture } }
        : { msgtype: "link", link: { title: button.dataset.title, url: button.dataset.url, desc: button.dataset.text ?? "", imgUrl: picture || "" } };
    try {
      await inTime(prepare());
      await window.ww[CALLS[button.dataset.wecom]]({ text: { content: words }, attachments: [attachment] });
      took("sent");
    } catch (error) {
      if (/cancel/i.test(error?.errMsg ?? "")) return;
      const copied = await window.dac.copy(words);
      if (copied) took("copied");
      window.dac.toast(copied ? "企业微信没有打开，文字已复制，粘贴就行" : "企业微信没有打开，请长按文字复制");
    }
  }

  /** Say what she took from the sheet, as its button for copying does. */
  function took(what) {
    const form = document.querySelector("form[data-took]")?.cloneNode(true);
    if (!form) return;
    form.elements.took.value = what;
    window.dac.post(form);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wecom]");
    if (button) send(button);
  });

  /** Inside the client its own button stands in the place of the way round. */
  function show(root) {
    for (const button of root.querySelectorAll("[data-wecom]")) button.hidden = false;
    for (const form of root.querySelectorAll("[data-outside-wecom]")) form.hidden = true;
  }

  document.addEventListener("DOMContentLoaded", () => show(document));
  document.addEventListener("htmx:afterSwap", (event) => show(event.detail.target));
})();
