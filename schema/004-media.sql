-- Version 4: what people upload: originals, alternative texts and where pictures are used (src/record).
-- Originals of pictures lie in DIR/originals/ab/<sha256>.<ext> and are never served; sound is served as it came and
-- lies in DIR/media like the sizes.

ALTER TABLE media ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;            -- enum media_kind
ALTER TABLE media ADD COLUMN original_sha256 TEXT NOT NULL DEFAULT '';   -- of the file as uploaded; '': none was kept
ALTER TABLE media ADD COLUMN original_ext TEXT NOT NULL DEFAULT '';      -- by content: "heic"
ALTER TABLE media ADD COLUMN original_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN file_name TEXT NOT NULL DEFAULT '';         -- as uploaded, for people only
ALTER TABLE media ADD COLUMN focal_x INTEGER NOT NULL DEFAULT 500;       -- what must stay visible: thousandths from the left
ALTER TABLE media ADD COLUMN focal_y INTEGER NOT NULL DEFAULT 500;       -- and from the top
ALTER TABLE media ADD COLUMN duration_ms INTEGER NOT NULL DEFAULT 0;     -- of sound
ALTER TABLE media ADD COLUMN added_by INTEGER NOT NULL DEFAULT 0;        -- accounts.id; 0: the command line
ALTER TABLE media ADD COLUMN added_by_name TEXT NOT NULL DEFAULT '';     -- as it was then
ALTER TABLE media ADD COLUMN avif INTEGER NOT NULL DEFAULT 0;            -- enum media_avif
ALTER TABLE media ADD COLUMN version INTEGER NOT NULL DEFAULT 1;         -- +1 at each edit and replacement
CREATE INDEX media_by_original ON media (original_sha256);
CREATE INDEX media_by_avif ON media (avif, id);

CREATE TABLE media_alts (
  media_id INTEGER NOT NULL REFERENCES media (id),
  lang TEXT NOT NULL,
  alt TEXT NOT NULL,                      -- offered wherever the picture is used in this language; never empty
  PRIMARY KEY (media_id, lang)
);

CREATE TABLE media_words (
  word TEXT NOT NULL,                     -- (derived) a search token of file name, credit and alternative texts
  media_id INTEGER NOT NULL,
  PRIMARY KEY (word, media_id)
);
CREATE INDEX media_words_by_media ON media_words (media_id);

CREATE TABLE media_uses (
  media_id INTEGER NOT NULL REFERENCES media (id), -- so what is used cannot go
  place INTEGER NOT NULL,                 -- enum media_place
  owner_id INTEGER NOT NULL,              -- article number, page id or manuscript id
  lang TEXT NOT NULL,                     -- the owner's
  has_alt INTEGER NOT NULL,               -- 1: the place has an alternative text of its own
  PRIMARY KEY (media_id, place, owner_id)
);
CREATE INDEX media_uses_by_owner ON media_uses (place, owner_id);
CREATE INDEX media_uses_by_alt ON media_uses (lang, has_alt, media_id);

INSERT INTO media_uses (media_id, place, owner_id, lang, has_alt)
  SELECT image_id, 1, number, lang, CASE WHEN image_alt = '' THEN 0 ELSE 1 END FROM articles
  WHERE image_id IN (SELECT id FROM media);
