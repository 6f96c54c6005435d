// SPDX-License-Identifier: AGPL-3.0-or-later
// The addresses a body may point to, by the rules of src/text/html_address.c: the address in canonical form, or ''.
const ADDRESS_MAX = 2048; // bytes
const bytes = (s) => new TextEncoder().encode(s).length;

function strip(dirty) {
  const s = dirty.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
  if (/[\0-\x1f\x7f]/.test(s)) return '';
  return s.replace(/[ <>"`]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
}

export function address(dirty, image = false) {
  if (bytes(dirty) > ADDRESS_MAX) return '';
  const s = strip(dirty);
  if (s === '' || bytes(s) > ADDRESS_MAX || /^\/?\\/.test(s)) return '';
  if (s.startsWith('//')) return s.length > 2 ? `https:${s}` : '';
  const scheme = /^([^/?#:]*):/.exec(s)?.[1].toLowerCase();
  if (scheme === undefined) return s;
  return (image ? ['http', 'https'] : ['http', 'https', 'mailto', 'tel']).includes(scheme) ? s : '';
}

// What people type for an address: "station.org/news" and "desk@station.org" are meant as a browser and a letter's writer
// understand them, not as a file beside this page.
export function typedAddress(typed) {
  const s = typed.trim();
  if (/^[^\s/:?#@]+@[^\s/:?#@]+\.[^\s/:?#@]+$/.test(s)) return address(`mailto:${s}`);
  if (/^[^\s/:?#@]+\.[^\s/:?#@.]{2,}(:\d+)?([/?#]|$)/.test(s)) return address(`https://${s}`);
  return /^([/#?]|[a-z]+:)/i.test(s) ? address(s) : '';
}
