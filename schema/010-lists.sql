-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 10: every list of the desk stands in an index in its own order, language by language; statistics find where
-- an article stands without its row.

ALTER TABLE manuscripts ADD COLUMN stale INTEGER NOT NULL DEFAULT 0; -- (derived) 1: its source was published anew since source_version
UPDATE manuscripts SET stale = 1 WHERE source_id <> 0 AND source_version <
  (SELECT o.published_version FROM manuscripts o WHERE o.id = manuscripts.source_id);

DROP INDEX manuscripts_by_saved;
DROP INDEX manuscripts_by_owner;
DROP INDEX manuscripts_by_alt;
CREATE INDEX manuscripts_by_lang ON manuscripts (lang, saved_at, id);
CREATE INDEX manuscripts_by_owner_lang ON manuscripts (owner_id, lang, saved_at, id);
CREATE INDEX manuscripts_by_alt_lang ON manuscripts (lacks_alt, lang, saved_at, id);
CREATE INDEX manuscripts_by_stale ON manuscripts (stale, lang, saved_at, id);

CREATE INDEX articles_by_place ON articles (number, lang, section_id);
