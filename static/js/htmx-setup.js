/* htmx's manners: sheets open when their content arrives, failures are said, an ended session signs in again. */
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith("/login/")) {
    // The session ended: the sign-in page must not land inside a card.
    event.detail.shouldSwap = false;
    location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}&ended=1`);
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const sheet = event.detail.target.closest("dialog.sheet");
  if (!sheet) return;
  window.dac.openDialog(sheet);
  sheet.scrollTop = 0;
  const words = sheet.querySelector("[data-autocopy]");
  // Still within the tap's grace in most browsers; where it is not, the button below the text does it.
  if (words) window.dac.copy(words.value).then((done) => done && window.dac.toast("已复制，去粘贴就行"));
});

// A server's word beside its answer: HX-Trigger: {"dac:toast": "已加入货架"}.
document.addEventListener("dac:toast", (event) => window.dac.toast(event.detail.value));

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  const { status } = xhr;
  // A refusal that brings its reason has been said by that (dac:toast above).
  if (xhr.getResponseHeader("HX-Trigger")?.includes("dac:toast")) return;
  if (status === 403) window.dac.toast("这一步没有权限，刷新一下再试");
  else if (status === 404) window.dac.toast("这一条已经不在了，刷新看看");
  else if (status === 429) window.dac.toast("点得太快了，歇几秒再试");
  else window.dac.toast("没有成功，刚才的操作没有生效，请再试一次");
});

document.addEventListener("htmx:sendError", () => window.dac.toast("网络不通，刚才的操作没有发出去"));
document.addEventListener("htmx:timeout", () => window.dac.toast("网络太慢，请再试一次"));
