// SPDX-License-Identifier: AGPL-3.0-or-later
// The lock screen, a headset's buttons and the keyboard's media keys, by the Media Session API.
const session = navigator.mediaSession;

export function offer(actions) {
  for (const [name, act] of Object.entries(actions)) {
    try {
      session?.setActionHandler(name, act);
    } catch {
      // a browser that has no such button
    }
  }
}

export function show(title, artist, state) {
  if (!session) return;
  session.playbackState = state;
  if (session.metadata?.title === title && session.metadata.artist === artist) return;
  const icon = document.querySelector('link[rel="icon"][sizes], link[rel="icon"]');
  session.metadata = new MediaMetadata({ title, artist, artwork: icon ? [{ src: icon.href }] : [] });
}

export function forget() {
  if (!session) return;
  session.metadata = null;
  session.playbackState = 'none';
}
