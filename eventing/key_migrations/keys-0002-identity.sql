-- Whose keys these are: see the log's migration of the same name
-- depends: keys-0001-tables

-- migrate: apply

CREATE TABLE IF NOT EXISTS identity (name text PRIMARY KEY, value text NOT NULL);

-- migrate: rollback

DROP TABLE identity;
