-- When a consumer was last at the end of its source, whether something new was there or not
-- depends: log-0008-identity

-- migrate: apply

ALTER TABLE consumers ADD COLUMN IF NOT EXISTS heard_at timestamptz;

-- migrate: rollback

ALTER TABLE consumers DROP COLUMN heard_at;
