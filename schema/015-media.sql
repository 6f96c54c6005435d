-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 15: the station's logo and icon count among the uses of their picture: media_uses.place 5 and 6, owner_id 0,
-- lang '' (src/news/media_uses.c). Files that others took the place of are kept, a stated number of each medium
-- (src/record/media_earlier.c).

INSERT INTO media_uses (media_id, place, owner_id, lang, has_alt)
  SELECT m.id, CASE WHEN s.key = 'logo_media' THEN 5 ELSE 6 END, 0, '', 1 FROM settings s, media m
  WHERE s.key IN ('logo_media', 'icon_media') AND s.lang = '' AND s.value = CAST(m.id AS TEXT);

CREATE TABLE media_earlier (
  id INTEGER NOT NULL PRIMARY KEY,        -- the newest last
  media_id INTEGER NOT NULL REFERENCES media (id), -- goes with it only
  original INTEGER NOT NULL,              -- 1: in DIR/originals; 0: in DIR/media, and no longer served
  sha256 TEXT NOT NULL,                   -- of the file as it was uploaded or imported
  ext TEXT NOT NULL,                      -- by content: "heic"
  bytes INTEGER NOT NULL,
  file_name TEXT NOT NULL,                -- as the medium was called then
  replaced_at INTEGER NOT NULL,
  replaced_by INTEGER NOT NULL,           -- accounts.id
  replaced_by_name TEXT NOT NULL          -- as it was then
);
CREATE INDEX media_earlier_by_media ON media_earlier (media_id, id);
CREATE INDEX media_earlier_by_hash ON media_earlier (sha256);
