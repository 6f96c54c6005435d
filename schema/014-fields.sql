-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 14: extra fields that the station defines and articles fill in (src/news/extra_field.c); what readers wrote
-- under articles on the old site, kept as a closed archive (src/news/comment.c).

CREATE TABLE extra_fields (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,              -- "venue": what articles.extra_fields calls it; never changes
  kind INTEGER NOT NULL,                  -- enum extra_kind
  position INTEGER NOT NULL,              -- order in form and page, from 1
  shown INTEGER NOT NULL,                 -- 1: readers see it
  everywhere INTEGER NOT NULL,            -- 1: of all sections, also those to come; 0: of those in extra_field_sections
  label TEXT NOT NULL,                    -- in every language that has none of its own
  choices TEXT NOT NULL DEFAULT '',       -- of a choice, one a line: what is stored, tab, words
  version INTEGER NOT NULL DEFAULT 1      -- +1 at each save
);

CREATE TABLE extra_field_words (          -- in one language
  field_id INTEGER NOT NULL,              -- extra_fields.id
  lang TEXT NOT NULL,
  label TEXT NOT NULL DEFAULT '',         -- '': the common one
  choices TEXT NOT NULL DEFAULT '',       -- as above; what is missing is said in the common words
  PRIMARY KEY (field_id, lang)
);

CREATE TABLE extra_field_sections (
  field_id INTEGER NOT NULL,              -- extra_fields.id
  section_id INTEGER NOT NULL,            -- sections.id
  PRIMARY KEY (field_id, section_id)
);

ALTER TABLE articles ADD COLUMN extra_fields TEXT NOT NULL DEFAULT ''; -- rows (src/news/rows.c): extra_fields.name, value

CREATE TABLE comments (                   -- of the old site's readers; no address of theirs is kept
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,                -- articles.number
  site TEXT NOT NULL,                     -- the old install: '' or 'german'
  old_id INTEGER NOT NULL,                -- of the comment there; 0: not known
  mark INTEGER NOT NULL,                  -- (derived) hash of name, minute and words: the same comment from another source
  written_at INTEGER NOT NULL,
  name TEXT NOT NULL,                     -- as it stood below the comment; '': none
  body TEXT NOT NULL,                     -- plain text in lines
  hidden INTEGER NOT NULL DEFAULT 0,      -- 1: readers do not see it
  reason TEXT NOT NULL DEFAULT ''         -- why, for staff
);
CREATE INDEX comments_by_article ON comments (number, written_at, id);
CREATE INDEX comments_by_old ON comments (site, old_id);
CREATE INDEX comments_by_mark ON comments (number, mark);

CREATE TABLE comments_erased (            -- deleted for good: an import does not bring them back. No word of them is kept
  site TEXT NOT NULL,
  old_id INTEGER NOT NULL,                -- 0: the comment had none
  number INTEGER NOT NULL,                -- articles.number
  mark INTEGER NOT NULL,                  -- as of comments
  PRIMARY KEY (site, old_id, number, mark)
);
CREATE INDEX comments_erased_by_mark ON comments_erased (number, mark);
