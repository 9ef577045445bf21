-- How far each log that is read here is vouched for, and what its topic claimed that it never held
-- depends: log-0006-readers

-- migrate: apply

-- What is read of a log and not yet covered by a checkpoint of it gives nobody a right. `held`:
-- something false was read, and nothing more counts before the rows are new.
CREATE TABLE vouched (
    source text PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0),
    held boolean NOT NULL DEFAULT false
);

-- `effects` are positions of our own log: what had come of it before it was found out.
CREATE TABLE false_records (
    source text NOT NULL,
    position bigint NOT NULL,
    leaf bytea NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    effects bigint[] NOT NULL,
    PRIMARY KEY (source, position, leaf)
);

-- migrate: rollback

DROP TABLE false_records;
DROP TABLE vouched;
