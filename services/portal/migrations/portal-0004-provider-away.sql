-- Who was to renew a session's tokens found the provider away: until the lease ends nobody waits for it
-- depends: portal-0001-sessions

-- migrate: apply

ALTER TABLE sessions ADD COLUMN provider_away boolean NOT NULL DEFAULT false;

-- migrate: rollback

ALTER TABLE sessions DROP COLUMN provider_away;
