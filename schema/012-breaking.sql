-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 12: what stands in the breaking-news banner of a language (src/news/breaking.c), and which texts that are out
-- have newer words. A mark counts for six hours, and a newer one of the same language ends it before: readers see one at
-- most.

CREATE TABLE breaking (
  number INTEGER PRIMARY KEY,             -- articles.number
  marked_at INTEGER NOT NULL              -- from when on; of what is scheduled, the time of its publication
);
CREATE INDEX breaking_by_time ON breaking (marked_at, number);

ALTER TABLE manuscripts ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0; -- (derived) 1: out, and saved anew since it was published
UPDATE manuscripts SET ahead = 1 WHERE state = 3 AND version <> published_version;
CREATE INDEX manuscripts_by_ahead ON manuscripts (ahead, lang, saved_at, id);
