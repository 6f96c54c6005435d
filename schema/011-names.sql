-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 11: sections, tags and people as the desk keeps them: renamed, merged, deleted without losing what led to them
-- (src/news/section_edit.c, tag_edit.c, person_edit.c, merge.c).

ALTER TABLE sections ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- +1 at each save
ALTER TABLE tags ADD COLUMN version INTEGER NOT NULL DEFAULT 1;     -- +1 at each save
ALTER TABLE people ADD COLUMN version INTEGER NOT NULL DEFAULT 1;   -- +1 at each save
ALTER TABLE people ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;   -- 1: no page of their own any more; bylines stay

CREATE TABLE aliases (
  kind INTEGER NOT NULL,                  -- enum alias_kind
  lang TEXT NOT NULL,                     -- '' of people, who have none
  word TEXT NOT NULL,                     -- a slug or name that something had and nothing has now
  target_id INTEGER NOT NULL,             -- what it means now: sections.id, tags.id, people.id; 0: what had it was deleted
  PRIMARY KEY (kind, lang, word)
);
CREATE INDEX aliases_by_target ON aliases (kind, target_id);

CREATE TABLE merges (
  kind INTEGER NOT NULL,                  -- enum merge_kind
  from_id INTEGER NOT NULL,               -- what goes, once nothing hangs on it
  to_id INTEGER NOT NULL,                 -- what takes its place; 0: nothing
  begun_at INTEGER NOT NULL,
  moved INTEGER NOT NULL,                 -- articles and texts so far
  account_id INTEGER NOT NULL,            -- who ordered it
  account_name TEXT NOT NULL,
  PRIMARY KEY (kind, from_id)
);

CREATE INDEX manuscripts_by_section ON manuscripts (section_id);
