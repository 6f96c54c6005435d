// SPDX-License-Identifier: AGPL-3.0-or-later
// How long a text is, in the unit its readers count in: words, or characters where words are not set apart.
export const countsCharacters = (lang) => /^(zh|ja)/.test(lang);

export function count(doc, lang) {
  const text = doc.textBetween(0, doc.content.size, '\n', ' ');
  if (countsCharacters(lang)) return [...text.replace(/[\s\p{P}]/gu, '')].length;
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’\-.,]*/gu)?.length ?? 0;
}
