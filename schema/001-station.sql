-- The station's database, version 1. Every column is explained here: this file is the data dictionary.
-- Portable subset: INTEGER becomes BIGINT on PostgreSQL, BLOB becomes BYTEA. Times are microseconds since 1970 UTC,
-- 0 = not given. Booleans are 0 or 1. `lang` is the language's code ("en"); '' = all languages.
-- Columns marked (derived) can be computed from others; `siaran verify` does and compares.
-- Statements end with a semicolon at the end of a line; there are none inside literals.

CREATE TABLE schema_versions (
  version INTEGER NOT NULL PRIMARY KEY,   -- number of the migration file
  applied_at INTEGER NOT NULL             -- when it ran here
);

CREATE TABLE settings (
  key TEXT NOT NULL,                      -- see record.h, setting_get
  lang TEXT NOT NULL,                     -- '' = for all languages
  value TEXT NOT NULL,
  PRIMARY KEY (key, lang)
);

CREATE TABLE secrets (
  name TEXT NOT NULL PRIMARY KEY,         -- "vote-cookie"
  value BLOB NOT NULL                     -- 32 random bytes
);

CREATE TABLE people (
  id INTEGER NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,              -- in the author page's address
  name TEXT NOT NULL,                     -- as printed in a byline
  bio TEXT NOT NULL                       -- plain text, public
);
CREATE INDEX people_by_name ON people (name);

CREATE TABLE sections (
  id INTEGER NOT NULL PRIMARY KEY,
  lang TEXT NOT NULL,
  slug TEXT NOT NULL,                     -- shares its names with the language's top-level standing pages
  name TEXT NOT NULL,
  description TEXT NOT NULL,              -- plain text, one sentence
  highlight INTEGER NOT NULL,             -- 1: Program Highlight
  on_front INTEGER NOT NULL,              -- 1: has a block on the front page
  position INTEGER NOT NULL,
  UNIQUE (lang, slug)
);

CREATE TABLE articles (
  id INTEGER NOT NULL PRIMARY KEY,        -- time-ordered, made by the program
  number INTEGER NOT NULL UNIQUE,         -- the small public number in addresses, 1 .. 2^24-1
  lang TEXT NOT NULL,
  section_id INTEGER NOT NULL REFERENCES sections (id),
  translation_group INTEGER NOT NULL,     -- equal for translations of one another; the id of the first
  slug TEXT NOT NULL,                     -- decoration behind the number
  headline TEXT NOT NULL,
  standfirst TEXT NOT NULL,               -- plain text; may be empty
  byline TEXT NOT NULL,                   -- as printed; empty: none is printed
  agency TEXT NOT NULL,                   -- credit line, "Reuters"
  image_id INTEGER NOT NULL,              -- media.id of the lead image; 0: none
  image_alt TEXT NOT NULL,                -- alternative text in the article's language
  image_caption TEXT NOT NULL,
  image_credit TEXT NOT NULL,             -- empty: the picture's own
  image_file_name TEXT NOT NULL,          -- named on an imported page whose picture did not come along
  state INTEGER NOT NULL,                 -- enum article_state
  featured INTEGER NOT NULL,              -- 1: may lead the front page
  published_at INTEGER NOT NULL,          -- public from this moment when state is published
  expires_at INTEGER NOT NULL,            -- hidden from this moment; 0: never
  modified_at INTEGER NOT NULL,           -- last change readers should know of; 0: none since publication
  reads_base INTEGER NOT NULL,            -- reads brought along from the old site
  votes_base_sum INTEGER NOT NULL,        -- imported stars
  votes_base_count INTEGER NOT NULL,      -- imported votes
  votes_estimated INTEGER NOT NULL,       -- 1: the imported sum was rebuilt from a rounded percentage
  votes_sum INTEGER NOT NULL,             -- (derived) votes_base_sum + sum of votes.value
  votes_count INTEGER NOT NULL,           -- (derived) votes_base_count + number of votes
  version INTEGER NOT NULL,               -- +1 at each save
  withdrawal_notice TEXT NOT NULL,        -- what stands at the address of a withdrawn article
  body TEXT NOT NULL                      -- HTML as html_clean writes it; last, so that lists need not read past it
);
CREATE INDEX articles_by_lang ON articles (lang, state, published_at, number);
CREATE INDEX articles_by_section ON articles (section_id, state, published_at, number);
CREATE INDEX articles_by_expiry ON articles (lang, state, expires_at, published_at);
CREATE INDEX articles_by_section_expiry ON articles (section_id, state, expires_at, published_at);
CREATE INDEX articles_by_group ON articles (translation_group);
CREATE INDEX articles_by_number ON articles (lang, state, number, published_at, modified_at, expires_at);

CREATE TABLE article_blocks (
  lang TEXT NOT NULL,
  block INTEGER NOT NULL,                 -- 2,500 numbers each: 1 .. 2500 are block 1; a sitemap file lists one
  published INTEGER NOT NULL,             -- (derived) its articles in state published, due or not
  changed_at INTEGER NOT NULL,            -- (derived) the greatest published_at and modified_at of these; 0: none
  PRIMARY KEY (lang, block)
);

CREATE TABLE section_counts (
  section_id INTEGER NOT NULL PRIMARY KEY,
  published INTEGER NOT NULL              -- (derived) articles of the section in state published, due or not
);

CREATE TABLE corrections (
  id INTEGER NOT NULL PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles (id),
  corrected_at INTEGER NOT NULL,
  notice TEXT NOT NULL                    -- plain text, public
);
CREATE INDEX corrections_by_article ON corrections (article_id);

CREATE TABLE tags (
  id INTEGER NOT NULL PRIMARY KEY,
  lang TEXT NOT NULL,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (lang, slug)
);

CREATE TABLE article_tags (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  tag_id INTEGER NOT NULL REFERENCES tags (id),
  position INTEGER NOT NULL,              -- order on the article
  number INTEGER NOT NULL,                -- (derived) the article's number
  state INTEGER NOT NULL,                 -- (derived) the article's state
  published_at INTEGER NOT NULL,          -- (derived) the article's
  PRIMARY KEY (article_id, tag_id)
);
CREATE INDEX article_tags_by_tag ON article_tags (tag_id, state, published_at, number);

CREATE TABLE article_people (
  article_id INTEGER NOT NULL REFERENCES articles (id),
  person_id INTEGER NOT NULL REFERENCES people (id),
  position INTEGER NOT NULL,              -- order in the byline
  lang TEXT NOT NULL,                     -- (derived) the article's
  number INTEGER NOT NULL,                -- (derived) the article's number
  state INTEGER NOT NULL,                 -- (derived) the article's state
  published_at INTEGER NOT NULL,          -- (derived) the article's
  PRIMARY KEY (article_id, person_id)
);
CREATE INDEX article_people_by_person ON article_people (person_id, lang, state, published_at, number);

CREATE TABLE votes (
  number INTEGER NOT NULL,                -- article number
  voter BLOB NOT NULL,                    -- HMAC(cookie, number): says nothing about other articles
  value INTEGER NOT NULL,                 -- 1 .. 5 stars
  voted_at INTEGER NOT NULL,
  PRIMARY KEY (number, voter)
);

CREATE TABLE read_epochs (
  epoch INTEGER NOT NULL PRIMARY KEY,     -- number of a cell file; the greatest is the one in use
  begun_at INTEGER NOT NULL
);

CREATE TABLE read_totals (
  number INTEGER NOT NULL,                -- article number
  epoch INTEGER NOT NULL,
  reads INTEGER NOT NULL,                 -- absolute value of the cell when last flushed: readers
  raw_reads INTEGER NOT NULL,             -- absolute value: every answer
  PRIMARY KEY (number, epoch)
);

CREATE TABLE read_days (
  day INTEGER NOT NULL,                   -- civil day number (days since 1970-01-01 in the station's zone)
  number INTEGER NOT NULL,
  reads INTEGER NOT NULL,
  raw_reads INTEGER NOT NULL,
  PRIMARY KEY (day, number)
);

CREATE TABLE media (
  id INTEGER NOT NULL PRIMARY KEY,
  width INTEGER NOT NULL,                 -- of the largest size
  height INTEGER NOT NULL,
  credit TEXT NOT NULL,
  added_at INTEGER NOT NULL
);

CREATE TABLE media_sizes (
  sha256 TEXT NOT NULL,                   -- 64 hex digits; DIR/media/ab/<sha256>.<ext>
  ext TEXT NOT NULL,                      -- "jpg", "png", "webp", "svg"
  media_id INTEGER NOT NULL REFERENCES media (id),
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (media_id, sha256)
);
CREATE INDEX media_sizes_by_hash ON media_sizes (sha256);

CREATE TABLE pages (
  id INTEGER NOT NULL PRIMARY KEY,
  lang TEXT NOT NULL,
  parent_id INTEGER NOT NULL,             -- pages.id; 0: a root
  translation_group INTEGER NOT NULL,
  slug TEXT NOT NULL,
  path TEXT NOT NULL,                     -- (derived) slugs from the root joined by '/'
  title TEXT NOT NULL,
  body TEXT NOT NULL,                     -- HTML as html_clean writes it
  position INTEGER NOT NULL,              -- among its siblings
  integrity INTEGER NOT NULL,             -- 1: the root of Zona Integritas
  modified_at INTEGER NOT NULL,
  UNIQUE (lang, path)
);
CREATE INDEX pages_by_parent ON pages (parent_id, position);

CREATE TABLE menu_entries (
  lang TEXT NOT NULL,
  position INTEGER NOT NULL,
  target INTEGER NOT NULL,                -- enum menu_target
  target_id INTEGER NOT NULL,             -- sections.id or pages.id; 0: none
  label TEXT NOT NULL,                    -- '': the target's own name
  address TEXT NOT NULL,                  -- of MENU_ADDRESS
  PRIMARY KEY (lang, position)
);

CREATE TABLE listen_ways (
  lang TEXT NOT NULL,
  position INTEGER NOT NULL,
  kind INTEGER NOT NULL,                  -- enum listen_kind
  label TEXT NOT NULL,
  value TEXT NOT NULL,                    -- address or frequency
  note TEXT NOT NULL,
  PRIMARY KEY (lang, position)
);

CREATE TABLE legacy_addresses (
  site TEXT NOT NULL,                     -- the old install: '' the root one, "german", ...
  kind INTEGER NOT NULL,                  -- enum legacy_kind
  old_id INTEGER NOT NULL,
  new_id INTEGER NOT NULL,                -- article number, section, person, page or tag id
  PRIMARY KEY (site, kind, old_id)
);

CREATE TABLE search_docs (
  doc_key INTEGER NOT NULL PRIMARY KEY,   -- language, publication second and number in one ordered integer (search.c)
  number INTEGER NOT NULL UNIQUE,         -- article number
  headline TEXT NOT NULL,                 -- (derived) plain text as indexed
  standfirst TEXT NOT NULL,               -- (derived)
  body TEXT NOT NULL,                     -- (derived)
  facets TEXT NOT NULL                    -- (derived) words that stand for filters: "xsec42"
);
