// SPDX-License-Identifier: AGPL-3.0-or-later
// What script adds to the desk: passkeys, and the menu folded on a phone. Every page works without it, but for passkeys.
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
