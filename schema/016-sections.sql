-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 16: the lists of the desk pass by what is of other sections without looking at its row: each index holds the
-- section behind its order.

DROP INDEX manuscripts_by_lang;
DROP INDEX manuscripts_by_state;
DROP INDEX manuscripts_by_alt_lang;
DROP INDEX manuscripts_by_stale;
DROP INDEX manuscripts_by_ahead;
CREATE INDEX manuscripts_by_lang ON manuscripts (lang, saved_at, id, section_id);
CREATE INDEX manuscripts_by_state ON manuscripts (state, lang, saved_at, id, section_id);
CREATE INDEX manuscripts_by_alt_lang ON manuscripts (lacks_alt, lang, saved_at, id, section_id);
CREATE INDEX manuscripts_by_stale ON manuscripts (stale, lang, saved_at, id, section_id);
CREATE INDEX manuscripts_by_ahead ON manuscripts (ahead, lang, saved_at, id, section_id);
