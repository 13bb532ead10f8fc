/* Keeps the phones alive: what the product sends appears by itself. Without this file every button still works. */
(() => {
  'use strict';

  const EVERY = 1500;
  const frames = [...document.querySelectorAll('[data-live]')];
  const last = new Map();

  const toBottom = (frame) => { frame.scrollTop = frame.scrollHeight; };

  const refresh = async (frame) => {
    // A frame in which somebody is typing or choosing is left alone.
    if (frame.hasAttribute('data-still') && frame.contains(document.activeElement)) return;
    const answer = await fetch(frame.dataset.live, { headers: { 'X-Requested-With': 'fetch' } });
    if (!answer.ok) return;
    const html = await answer.text();
    const bare = html.replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, '');
    if (last.get(frame) === bare) return;
    const isFirst = !last.has(frame);
    last.set(frame, bare);
    if (isFirst) return;
    const wasAtBottom = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 80;
    frame.innerHTML = html;
    if (frame.hasAttribute('data-follow') && wasAtBottom) toBottom(frame);
  };

  const refreshAll = () => Promise.all(frames.map((frame) => refresh(frame).catch(() => {})));

  frames.filter((frame) => frame.hasAttribute('data-follow')).forEach(toBottom);
  if (frames.length) {
    refreshAll();
    setInterval(() => { if (!document.hidden) refreshAll(); }, EVERY);
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-quiet]')) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const input = form.querySelector('input[name="text"]:not([type="hidden"])');
    if (input) input.value = '';
    const phone = form.closest('.device');
    const frame = phone && phone.querySelector('[data-follow]');
    if (frame) toBottom(frame);
    const sent = fetch(form.action, { method: 'POST', body: data, redirect: 'manual' }).catch(() => {});
    setTimeout(refreshAll, 250);
    await sent;
    await refreshAll();
    if (frame) toBottom(frame);
  });

  const tabs = [...document.querySelectorAll('.tabs a')];
  const stage = document.querySelector('.stage');
  if (stage && tabs.length) {
    const mark = () => {
      const middle = stage.scrollLeft + stage.clientWidth / 2;
      const phones = [...stage.querySelectorAll('.phone')];
      const shown = phones.find((phone) => {
        const left = phone.offsetLeft - stage.offsetLeft;
        return middle >= left && middle < left + phone.offsetWidth;
      });
      tabs.forEach((tab) => {
        if (shown && tab.hash === '#' + shown.id) tab.setAttribute('aria-current', 'true');
        else tab.removeAttribute('aria-current');
      });
    };
    const show = (hash, behavior) => {
      const phone = hash && stage.querySelector(hash);
      if (phone) stage.scrollTo({ left: phone.offsetLeft - stage.offsetLeft - (stage.clientWidth - phone.offsetWidth) / 2, behavior });
    };
    tabs.forEach((tab) => tab.addEventListener('click', (event) => {
      event.preventDefault();
      history.replaceState(null, '', tab.hash);
      show(tab.hash, 'smooth');
    }));
    stage.addEventListener('scroll', mark, { passive: true });
    show(location.hash, 'instant');
    window.scrollTo(0, 0);
    mark();
  }
})();
