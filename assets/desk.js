// SPDX-License-Identifier: AGPL-3.0-or-later
// What script adds to the desk: passkeys, saving while somebody writes, files sent one by one, lists put in order by dragging, and the menu folded on a phone. Every page works without it, but for passkeys.
'use strict';

const fromText = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

async function fetchChallenge(form) {
  const token = form.elements.token?.value;
  const answer = await fetch(form.dataset.challenge, { method: 'POST', headers: token ? { 'X-Token': token } : {} });
  if (!answer.ok) throw new Error(`the challenge was answered with ${answer.status}`);
  return answer.json();
}

const known = (ask) => ask.known.map((id) => ({ type: 'public-key', id: fromText(id) }));

// The bytes go into the form's hidden fields, and the form is sent like any other.
async function create(form, ask) {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: fromText(ask.challenge),
      rp: ask.rp,
      user: { ...ask.user, id: fromText(ask.user.id) },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }],
      excludeCredentials: known(ask),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    },
  });
  form.elements.client_data.value = toText(made.response.clientDataJSON);
  form.elements.attestation.value = toText(made.response.attestationObject);
}

async function get(form, ask) {
  const given = await navigator.credentials.get({
    publicKey: { challenge: fromText(ask.challenge), rpId: ask.rp.id, allowCredentials: known(ask), userVerification: 'required' },
  });
  form.elements.credential.value = toText(given.rawId);
  form.elements.client_data.value = toText(given.response.clientDataJSON);
  form.elements.authenticator_data.value = toText(given.response.authenticatorData);
  form.elements.signature.value = toText(given.response.signature);
}

async function usePasskey(form) {
  const problem = form.querySelector('.passkey-problem');
  const button = form.querySelector('button[type="submit"]');
  problem.hidden = true;
  button.disabled = true;
  try {
    const ask = await fetchChallenge(form);
    await (form.dataset.passkey === 'create' ? create(form, ask) : get(form, ask));
    form.submit();
  } catch (error) {
    problem.hidden = false;
    console.warn(error);
  }
  button.disabled = false;
}

if (window.PublicKeyCredential) {
  document.documentElement.classList.add('script');
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      usePasskey(form);
    });
  }
}

// A text that is written on is saved a few seconds after the last key, and held open for this window. What could not be
// saved stays in the form and is tried again; what came too late is kept aside, and a link leads there.
const AUTOSAVE_MS = 4000, LEASE_MS = 60000;

const KEEPALIVE_BYTES = 60000; // what a browser takes along from a page that is left

function watch(form) {
  const line = form.querySelector('.autosave');
  const token = form.elements.token.value;
  let timer = null, sent = fingerprint(form), saving = null, apart = false, gone = false, failed = false, over = false;

  const say = (state, address) => {
    failed = state === 'failed' || state === 'over';
    line.dataset.state = state;
    line.textContent = line.dataset[state];
    if (address) {
      const link = document.createElement('a');
      link.href = address;
      link.textContent = address;
      line.append(' ', link);
    }
  };
  const unsaved = () => fingerprint(form) !== sent;
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  };
  async function send(keepalive) {
    const now = fingerprint(form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: 'POST', keepalive, headers: { 'X-Token': token }, body: new URLSearchParams(new FormData(form)) });
      const got = answer.ok ? await answer.json() : { saved: false };
      over = answer.status === 403; // nothing more comes through from this page but the form itself, which leads to the login
      if (!got.saved) throw new Error(`answered with ${answer.status}`);
      sent = now;
      if (got.aside) {
        apart = true; // the newer text is looked at first
        say('aside', got.aside);
        return;
      }
      const clean = !unsaved();
      for (const field of document.querySelectorAll('input[name="version"]')) field.value = got.version;
      if (clean) sent = fingerprint(form);
      say('saved');
    } catch (error) {
      say(over ? 'over' : 'failed');
      console.warn(error);
    }
  }
  async function save() {
    clearTimeout(timer);
    timer = null;
    if (apart || gone || over || saving || !unsaved()) return;
    saving = send(false);
    await saving;
    saving = null;
    if (unsaved() && !apart && !over) later(failed ? 2 * AUTOSAVE_MS : AUTOSAVE_MS);
  }
  form.addEventListener('input', () => later(AUTOSAVE_MS));

  // Another form of the page is sent when what was written here is safe, and not before. The text's own form waits for
  // what is on its way, so that it does not come too late behind it.
  document.addEventListener('submit', async (event) => {
    const own = event.target === form;
    if (event.defaultPrevented || apart || (own ? !saving : !unsaved())) {
      gone = gone || (own && !event.defaultPrevented);
      return;
    }
    event.preventDefault();
    await saving;
    if (!own) await save();
    if (!own && (unsaved() || apart)) line.scrollIntoView({ block: 'center' });
    else event.target.requestSubmit(event.submitter);
  });
  // Who leaves by a link or closes the window: what is short enough goes along, before the rest the browser asks.
  const leaving = () => !gone && !apart && unsaved();
  addEventListener('beforeunload', (event) => {
    if (leaving() && (failed || fingerprint(form).length > KEEPALIVE_BYTES)) event.preventDefault();
  });
  const sendOff = () => { if (leaving() && !over && !saving && fingerprint(form).length <= KEEPALIVE_BYTES) saving = send(true).then(() => { saving = null; }); };
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') sendOff(); });

  const hold = (more) => fetch(form.dataset.lease, { method: 'POST', keepalive: true, headers: { 'X-Token': token }, body: new URLSearchParams(more) })
    .catch((error) => console.warn(error));
  hold({});
  setInterval(() => hold({}), LEASE_MS);
  addEventListener('pagehide', () => {
    sendOff();
    hold({ drop: '1' });
  });
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    gone = false;
    saving = null; // its answer may have come while the page was put away
    hold({});
    later(AUTOSAVE_MS);
  });
}

const fingerprint = (form) => new URLSearchParams(new FormData(form)).toString();

for (const form of document.querySelectorAll('form[data-autosave]')) watch(form);

// A list that people put in order: what is dragged sends its own form, with the item it fell beside. The form's buttons
// do the same without script.
function sortable(list) {
  let dragged = null;
  const clear = () => { for (const item of list.children) delete item.dataset.drop; };
  const wayOf = (event, item) => {
    const box = item.getBoundingClientRect();
    const at = (event.clientY - box.top) / box.height;
    if ('tree' in list.dataset && at > 0.3 && at < 0.7) return 'into';
    return at < 0.5 ? 'before' : 'after';
  };
  for (const item of list.children) {
    const form = item.querySelector('.sort-ways');
    if (!form) continue;
    item.draggable = true;
    item.addEventListener('dragstart', (event) => {
      dragged = item;
      item.dataset.drag = '';
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', item.dataset.id);
    });
    item.addEventListener('dragend', () => {
      delete item.dataset.drag;
      dragged = null;
      clear();
    });
    item.addEventListener('dragover', (event) => {
      if (!dragged || dragged === item) return;
      event.preventDefault();
      clear();
      item.dataset.drop = wayOf(event, item);
    });
    item.addEventListener('drop', (event) => {
      if (!dragged || dragged === item) return;
      event.preventDefault();
      const sent = dragged.querySelector('.sort-ways');
      for (const [name, value] of [['way', wayOf(event, item)], ['beside', item.dataset.id]]) {
        const field = document.createElement('input');
        field.type = 'hidden';
        field.name = name;
        field.value = value;
        sent.append(field);
      }
      sent.submit();
    });
  }
}

for (const list of document.querySelectorAll('[data-sort]')) sortable(list);

// Files go one at a time, each with a bar that shows how far it is; what is chosen or dropped meanwhile waits its turn.
// A file that was not taken says why, and the others go on.
function sendFile(form, file, item) {
  const bar = item.querySelector('progress'), line = item.querySelector('[data-state]');
  const data = new FormData();
  for (const field of form.querySelectorAll('input:not([type="file"]):not([name="token"])')) data.append(field.name, field.value);
  data.append('files', file);
  const refuse = (why) => {
    bar.hidden = true;
    line.dataset.state = 'refused';
    line.classList.add('upload-refused');
    line.textContent = why;
  };
  if (file.size > Number(form.dataset.most ?? Infinity)) return refuse(form.dataset.large);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener('loadend', () => {
      let got = null;
      try { got = JSON.parse(request.responseText); } catch { /* no answer, or a page instead of one */ }
      if (!got?.taken) {
        refuse(got?.why ?? form.dataset.broken);
        return resolve();
      }
      bar.hidden = true;
      line.dataset.state = 'taken';
      line.textContent = form.dataset.taken;
      const link = document.createElement('a');
      link.href = got.address;
      link.textContent = got.choice ?? file.name;
      item.querySelector('bdi').replaceChildren(link);
      // It can be chosen at once, without the page being loaded anew, which would lose what was typed.
      for (const list of document.querySelectorAll('select[data-grows]'))
        if (got.choice && ![...list.options].some((one) => one.value === got.choice)) list.add(new Option(got.choice, got.choice));
      resolve();
    });
    request.open('POST', form.action);
    request.setRequestHeader('X-Token', form.elements.token.value);
    request.setRequestHeader('Accept', 'application/json');
    request.send(data);
  });
}

function takeFiles(form) {
  const input = form.querySelector('input[type="file"]');
  const list = Object.assign(document.createElement('ul'), { className: 'uploads' });
  const drop = Object.assign(document.createElement('p'), { className: 'drop', textContent: form.dataset.files });
  let turn = Promise.resolve();
  list.setAttribute('aria-live', 'polite');
  input.closest('.field').after(drop);
  form.after(list);
  const add = (files) => {
    for (const file of files) {
      const item = document.createElement('li');
      const name = document.createElement('bdi'), bar = document.createElement('progress'), line = document.createElement('span');
      name.textContent = file.name;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute('aria-label', file.name);
      line.dataset.state = 'waiting';
      line.textContent = form.dataset.waiting;
      item.append(name, bar, line);
      list.append(item);
      turn = turn.then(() => sendFile(form, file, item));
    }
  };
  form.addEventListener('submit', (event) => {
    if (input.files.length === 0) return; // the page says what is missing
    event.preventDefault();
    add([...input.files]);
    input.value = '';
  });
  for (const kind of ['dragenter', 'dragover']) {
    form.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      drop.classList.add('drop-over');
    });
  }
  form.addEventListener('dragleave', (event) => { if (!form.contains(event.relatedTarget)) drop.classList.remove('drop-over'); });
  form.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('drop-over');
    add([...event.dataTransfer.files]);
  });
}

for (const form of document.querySelectorAll('form[data-files]')) takeFiles(form);

// A click on the picture sets its focal point; the number fields do the same, by keyboard and without script.
function setFocal(frame) {
  const x = document.getElementById('f-focal_x'), y = document.getElementById('f-focal_y');
  if (!x || !y) return;
  const image = frame.querySelector('img');
  const dot = Object.assign(document.createElement('span'), { className: 'focal-dot' });
  const share = (field) => Math.min(1000, Math.max(0, Number(field.value) || 0));
  const show = () => {
    dot.style.left = `${share(x) / 10}%`;
    dot.style.top = `${share(y) / 10}%`;
  };
  frame.classList.add('focal-can');
  frame.append(dot);
  show();
  x.addEventListener('input', show);
  y.addEventListener('input', show);
  image.addEventListener('click', (event) => {
    const box = image.getBoundingClientRect();
    x.value = Math.round(1000 * (event.clientX - box.left) / box.width);
    y.value = Math.round(1000 * (event.clientY - box.top) / box.height);
    show();
  });
}

for (const frame of document.querySelectorAll('.focal')) setFocal(frame);

// A preview wider than its window is drawn smaller, so that the whole width is seen.
function fit(frame) {
  const width = Number(frame.getAttribute('width')), height = Number(frame.getAttribute('height'));
  const adapt = () => {
    const scale = Math.min(1, frame.parentElement.clientWidth / width);
    frame.style.transform = scale < 1 ? `scale(${scale})` : '';
    frame.style.marginBlockEnd = `${-height * (1 - scale)}px`;
    frame.style.marginInlineEnd = scale < 1 ? `${-width * (1 - scale)}px` : '';
  };
  new ResizeObserver(adapt).observe(frame.parentElement);
}

for (const frame of document.querySelectorAll('.window iframe')) fit(frame);

// On a phone the menu begins folded; where there is room it always stands open.
const fold = document.querySelector('.side-fold');
if (fold) {
  const wide = window.matchMedia('(min-width: 60rem)');
  const adapt = () => { fold.open = wide.matches; };
  wide.addEventListener('change', adapt);
  adapt();
}

// What is wrong with a form is read first.
document.querySelector('.problems')?.focus();
