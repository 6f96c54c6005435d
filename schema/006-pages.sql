-- Version 6: standing pages, menus and front pages as the desk arranges them (src/news).

ALTER TABLE pages ADD COLUMN state INTEGER NOT NULL DEFAULT 0;   -- enum page_state; 0: readers have it
ALTER TABLE pages ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- of title, slug and body: page_versions.version

CREATE TABLE page_versions (
  page_id INTEGER NOT NULL REFERENCES pages (id),
  version INTEGER NOT NULL,               -- 1, 2, 3 ...; the newest says what the page's row says
  saved_at INTEGER NOT NULL,
  account_id INTEGER NOT NULL,            -- 0: came from outside
  account_name TEXT NOT NULL,
  title TEXT NOT NULL,
  slug TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (page_id, version)
);
INSERT INTO page_versions (page_id, version, saved_at, account_id, account_name, title, slug, body)
  SELECT id, 1, modified_at, 0, '', title, slug, body FROM pages;

CREATE TABLE page_paths (
  lang TEXT NOT NULL,
  path TEXT NOT NULL,                     -- an address that readers had and no page has now
  page_id INTEGER NOT NULL,               -- where it leads; 0: the page was deleted
  PRIMARY KEY (lang, path)
);
CREATE INDEX page_paths_by_page ON page_paths (page_id);

ALTER TABLE menu_entries ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0; -- 1: kept at the desk, not shown

ALTER TABLE sections ADD COLUMN front_position INTEGER NOT NULL DEFAULT 0; -- order of its block on the front page; 0: after those that have one

CREATE TABLE front_pins (
  lang TEXT NOT NULL,
  position INTEGER NOT NULL,              -- 0: leads the front page; 1, 2, 3 ...: behind it, before the newest
  number INTEGER NOT NULL,                -- articles.number
  until_at INTEGER NOT NULL,              -- no longer from this moment; 0: until somebody takes it off
  PRIMARY KEY (lang, position)
);
