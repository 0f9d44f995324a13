(() => {
  'use strict';
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Light and dark: what the reader prefers, until the button chooses.
  const button = document.getElementById('scheme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const scheme = () => root.dataset.scheme || (dark.matches ? 'dark' : 'light');
  const label = () => { button.textContent = scheme() === 'dark' ? 'Light' : 'Dark'; };
  button.addEventListener('click', () => { root.dataset.scheme = scheme() === 'dark' ? 'light' : 'dark'; label(); });
  dark.addEventListener('change', label);
  label();
  button.hidden = false;

  // A link to something in a collapsed part opens it, and so does printing.
  const reveal = () => {
    const at = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (const d of at ? all('details', at) : []) { if (d.parentElement === at) d.open = true; }
  };
  addEventListener('hashchange', reveal);
  reveal();
  let opened = [];
  addEventListener('beforeprint', () => { opened = all('details:not([open])'); for (const d of opened) d.open = true; });
  addEventListener('afterprint', () => { for (const d of opened) d.open = false; });

  // The files of the page: one line with their names and lengths, and their contents.
  const data = document.getElementById('data');
  let unpacked;
  const unpack = () => unpacked ||= (async () => {
    const packed = Uint8Array.from(atob(data.content.textContent.trim()), c => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const end = bytes.indexOf(10);
    let at = end + 1;
    return JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))).map(f => {
      const file = { name: f.name, blob: new Blob([bytes.subarray(at, at + f.length)], { type: f.type }) };
      at += f.length;
      return file;
    });
  })();
  if (data && 'DecompressionStream' in window) {
    const note = document.getElementById('no-script');
    if (note) note.remove();
    for (const b of all('button[data-file]')) {
      b.disabled = false;
      b.addEventListener('click', async () => {
        const file = (await unpack())[Number(b.dataset.file)];
        const link = document.createElement('a');
        link.href = URL.createObjectURL(file.blob);
        link.download = file.name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      });
    }
  }

  // Zooming in time: the inner drawing of a chart shows a part of its width, and the ticks
  // below follow.
  const steps = (lo, hi) => {
    let step = 10 ** Math.floor(Math.log10((hi - lo) / 6));
    step *= [1, 2, 5, 10].find(m => (hi - lo) / (step * m) <= 6) || 10;
    const out = [];
    for (let i = Math.ceil(lo / step - 1e-9); i * step <= hi * (1 + 1e-9); i++) out.push(Number((i * step).toPrecision(6)));
    return out;
  };
  for (const figure of all('figure.zooms')) {
    const views = all('svg.zoom', figure);
    if (!views.length) continue;
    const units = views[0].viewBox.baseVal.width;
    const length = Number(views[0].dataset.length);
    let from = 0, to = 1;
    const show = () => {
      for (const v of views) {
        v.setAttribute('viewBox', `${from * units} 0 ${(to - from) * units} ${v.viewBox.baseVal.height}`);
        const ticks = v.parentNode.querySelector('.ticks');
        const left = v.x.baseVal.value, width = v.width.baseVal.value;
        const old = all('.tick', ticks);
        const form = old[0].cloneNode();
        for (const o of old) o.remove();
        for (const t of steps(from * length, to * length)) {
          const text = form.cloneNode();
          text.setAttribute('x', left + (t / length - from) / (to - from) * width);
          text.textContent = t;
          ticks.append(text);
        }
      }
    };
    const set = (a, b) => {
      const wide = Math.min(1, Math.max(b - a, 2 / length));
      from = Math.min(Math.max(0, a), 1 - wide);
      to = from + wide;
      show();
    };
    const scale = f => { const m = (from + to) / 2, w = (to - from) * f / 2; set(m - w, m + w); };
    const move = f => { const w = to - from; set(from + f * w, to + f * w); };
    const actions = [['Zoom in', () => scale(0.5), '+'], ['Zoom out', () => scale(2), '-'], ['Earlier', () => move(-0.5), 'ArrowLeft'],
      ['Later', () => move(0.5), 'ArrowRight'], ['All', () => set(0, 1), '0']];
    const bar = document.createElement('div');
    bar.className = 'zoombar';
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', 'Zoom in time');
    for (const [name, act] of actions) {
      const b = document.createElement('button');
      b.type = 'button';
      b.textContent = name;
      b.addEventListener('click', act);
      bar.append(b);
    }
    bar.addEventListener('keydown', e => {
      const action = actions.find(a => a[2] === e.key);
      if (action) { action[1](); e.preventDefault(); }
    });
    figure.querySelector('.chart').before(bar);
    for (const v of views) {
      let began = null;
      const place = e => { const box = v.getBoundingClientRect(); return from + (to - from) * (e.clientX - box.left) / box.width; };
      v.addEventListener('pointerdown', e => { if (e.pointerType === 'mouse') began = place(e); });
      v.addEventListener('pointerup', e => {
        const end = place(e);
        if (began !== null && Math.abs(end - began) > 0.02 * (to - from)) set(Math.min(began, end), Math.max(began, end));
        began = null;
      });
      v.addEventListener('dblclick', () => set(0, 1));
    }
  }
})();
