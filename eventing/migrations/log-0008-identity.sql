-- Whose log this is, and check values of the keys by which it is written
-- depends: log-0007-proven

-- migrate: apply

-- `log` and `keys` name a service: `vongtay migrate` writes them. `mac-key` and `code-key` are written
-- by the first process that starts. Nobody changes a row: another value beside it means a wrong
-- address or key.
CREATE TABLE IF NOT EXISTS identity (name text PRIMARY KEY, value text NOT NULL);

-- migrate: rollback

DROP TABLE identity;
