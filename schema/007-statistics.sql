-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Version 7: votes are found by the time they were given, for the statistics of a stretch of days.

CREATE INDEX votes_by_time ON votes (voted_at);
