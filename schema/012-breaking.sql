-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 12: what stands in the breaking-news banner of a language (src/news/breaking.c). A mark counts for six hours, and
-- a newer one of the same language ends it before: readers see one at most.

CREATE TABLE breaking (
  number INTEGER PRIMARY KEY,             -- articles.number
  marked_at INTEGER NOT NULL              -- from when on; of what is scheduled, the time of its publication
);
