-- Version 3: what the newsroom works on before and after the public sees it (src/news).

ALTER TABLE articles ADD COLUMN dateline TEXT NOT NULL DEFAULT '';   -- "Jakarta": printed before the first paragraph
ALTER TABLE articles ADD COLUMN breaking INTEGER NOT NULL DEFAULT 0; -- 1: in the breaking-news banner while it is new

CREATE TABLE manuscripts (
  id INTEGER NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL,                -- articles.number once it was published or scheduled; 0: never yet
  lang TEXT NOT NULL,
  section_id INTEGER NOT NULL,            -- (derived) of the newest content
  state INTEGER NOT NULL,                 -- enum manuscript_state
  headline TEXT NOT NULL,                 -- (derived) of the newest content, for lists
  lacks_alt INTEGER NOT NULL,             -- (derived) 1: the newest content has a picture without alternative text
  version INTEGER NOT NULL,               -- of the newest content: manuscript_versions.version
  published_version INTEGER NOT NULL,     -- what the public has or will have at its time; 0: none
  publish_at INTEGER NOT NULL,            -- (derived) articles.published_at while the state is out; 0: none
  owner_id INTEGER NOT NULL,              -- accounts.id of who began it; 0: came with an import
  owner_name TEXT NOT NULL,               -- as it was then
  created_at INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,              -- of the newest version
  saved_by INTEGER NOT NULL,
  saved_by_name TEXT NOT NULL,
  translation_group INTEGER NOT NULL,     -- as in articles; 0: alone so far
  source_id INTEGER NOT NULL,             -- manuscripts.id this is a translation of; 0: none
  source_version INTEGER NOT NULL,        -- published_version of the source that it was made from or checked against
  lease_account INTEGER NOT NULL,         -- who has it open; 0: nobody
  lease_name TEXT NOT NULL,
  lease_session INTEGER NOT NULL,         -- the same person in two windows is two
  lease_until INTEGER NOT NULL
);
CREATE INDEX manuscripts_by_number ON manuscripts (number);
CREATE INDEX manuscripts_by_saved ON manuscripts (saved_at, id);
CREATE INDEX manuscripts_by_state ON manuscripts (state, lang, saved_at, id);
CREATE INDEX manuscripts_by_owner ON manuscripts (owner_id, saved_at, id);
CREATE INDEX manuscripts_by_time ON manuscripts (state, publish_at, id);
CREATE INDEX manuscripts_by_alt ON manuscripts (lacks_alt, saved_at, id);
CREATE INDEX manuscripts_by_source ON manuscripts (source_id);
CREATE INDEX manuscripts_by_group ON manuscripts (translation_group);

CREATE TABLE manuscript_versions (
  manuscript_id INTEGER NOT NULL REFERENCES manuscripts (id),
  version INTEGER NOT NULL,               -- 1, 2, 3 ...
  kind INTEGER NOT NULL,                  -- enum version_kind
  saved_at INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  account_name TEXT NOT NULL,
  content TEXT NOT NULL,                  -- canonical JSON (content.c)
  PRIMARY KEY (manuscript_id, version)
);

CREATE TABLE manuscript_asides (
  id INTEGER NOT NULL PRIMARY KEY,        -- a text that came too late to be the next version: kept, never lost
  manuscript_id INTEGER NOT NULL REFERENCES manuscripts (id),
  base_version INTEGER NOT NULL,          -- what its writer had before his eyes
  saved_at INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  account_name TEXT NOT NULL,
  content TEXT NOT NULL,
  settled INTEGER NOT NULL                -- 1: merged into a version, or put away by its writer
);
CREATE INDEX manuscript_asides_by_manuscript ON manuscript_asides (manuscript_id, settled, id);
CREATE INDEX manuscript_asides_by_account ON manuscript_asides (account_id, settled, id);

CREATE TABLE manuscript_words (
  word TEXT NOT NULL,                     -- (derived) a search token of headline, byline, tags of the newest content
  manuscript_id INTEGER NOT NULL,
  PRIMARY KEY (word, manuscript_id)
);
CREATE INDEX manuscript_words_by_manuscript ON manuscript_words (manuscript_id);

CREATE TABLE manuscript_notes (
  id INTEGER NOT NULL PRIMARY KEY,        -- what colleagues say to one another about a text; never public
  manuscript_id INTEGER NOT NULL REFERENCES manuscripts (id),
  version INTEGER NOT NULL,               -- the newest when it was written
  written_at INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  account_name TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX manuscript_notes_by_manuscript ON manuscript_notes (manuscript_id, id);
