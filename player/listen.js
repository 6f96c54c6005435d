// SPDX-License-Identifier: AGPL-3.0-or-later
// On every page of a station that can be heard. It shows the buttons that need script, copies addresses, and fetches the
// player (main.js) when somebody wants to listen, listened before this page came, or looks at what is on the air.
const about = document.querySelector('meta[name="player"]');
let player;

function load() {
  player ??= import(about.content).then((made) => made.begin(about.dataset));
  player.catch((error) => {
    player = undefined;
    document.documentElement.classList.remove('has-player'); // the browser's own controls do it then
    for (const button of document.querySelectorAll('button[data-listen]')) button.hidden = true;
    console.warn(error);
  });
  return player;
}

// Of a page that came, by a load or by a move of the player.
function prepare() {
  document.documentElement.classList.add('has-player');
  for (const button of document.querySelectorAll('button[data-listen], button[data-copy]')) button.hidden = false;
  for (const link of document.querySelectorAll('a[data-listen]')) link.setAttribute('role', 'button');
  if (document.querySelector('[data-service]')) load();
}

async function copy(button) {
  const text = button.firstChild, before = text.data;
  await navigator.clipboard.writeText(button.dataset.copy);
  text.data = button.dataset.done;
  setTimeout(() => (text.data = before), 4000);
}

const plain = (event) => !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

document.addEventListener('click', (event) => {
  const listen = event.target.closest?.('[data-listen]'), address = event.target.closest?.('[data-copy]');
  if (address) copy(address).catch(() => getSelection().selectAllChildren(address.previousElementSibling));
  if (!listen || !plain(event)) return;
  event.preventDefault();
  load().then((made) => made.listen(listen.dataset.listen), () => listen.href && location.assign(listen.href));
});
document.addEventListener('keydown', (event) => {
  if (event.key !== ' ' || !event.target.matches?.('a[data-listen]')) return;
  event.preventDefault();
  event.target.click();
});
for (const kind of ['pointerover', 'focusin'])
  document.addEventListener(kind, (event) => event.target.closest?.('[data-listen]') && load(), { passive: true });
document.addEventListener('siaran:page', prepare);
prepare();
try {
  if (sessionStorage.getItem('siaran-heard')) load();
} catch {
  // a browser that keeps nothing has nothing to go on with
}
