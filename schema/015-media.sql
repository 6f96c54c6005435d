-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 15: the station's logo and icon count among the uses of their picture: media_uses.place 5 and 6, owner_id 0,
-- lang '' (src/news/media_uses.c).

INSERT INTO media_uses (media_id, place, owner_id, lang, has_alt)
  SELECT m.id, CASE WHEN s.key = 'logo_media' THEN 5 ELSE 6 END, 0, '', 1 FROM settings s, media m
  WHERE s.key IN ('logo_media', 'icon_media') AND s.lang = '' AND s.value = CAST(m.id AS TEXT);
