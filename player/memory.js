// SPDX-License-Identifier: AGPL-3.0-or-later
// What the browser keeps for the next visit (volume, saving data) and this tab for its next page (what was heard). Nothing
// of it is ever sent. A browser that keeps nothing behaves as at a first visit.
const shelf = (store) => ({
  get(key) {
    try {
      return JSON.parse(store().getItem(`siaran-${key}`));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value === null) store().removeItem(`siaran-${key}`);
      else store().setItem(`siaran-${key}`, JSON.stringify(value));
    } catch {
      // full or forbidden
    }
  },
});

export const kept = shelf(() => localStorage);
export const tab = shelf(() => sessionStorage);
