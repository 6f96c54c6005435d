-- Version 8: what an article carries beside its text (src/news/rows.c): one item a line, its cells divided by tabs.

ALTER TABLE articles ADD COLUMN gallery TEXT NOT NULL DEFAULT ''; -- pictures: media.id, alternative text, caption, credit
ALTER TABLE articles ADD COLUMN files TEXT NOT NULL DEFAULT '';   -- sound, video, documents: media.id, title
ALTER TABLE articles ADD COLUMN embeds TEXT NOT NULL DEFAULT '';  -- of other sites: address, title
