-- The tree over the log, the checkpoints that were signed, and who may go on with both
-- depends: log-0002-append

-- migrate: apply

-- Full tiles alone, for ever: level 0 holds leaf hashes, each hash of the next level is the root
-- over one tile (C2SP tlog-tiles). What is not full yet is in `notary.right_edge`.
CREATE TABLE tiles (
    level smallint NOT NULL CHECK (level >= 0),
    number bigint NOT NULL CHECK (number >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    PRIMARY KEY (level, number)
);
-- Hashes do not get smaller by being compressed.
ALTER TABLE tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE checkpoints (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER no_update_tiles BEFORE UPDATE ON tiles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete_tiles BEFORE DELETE ON tiles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate_tiles BEFORE TRUNCATE ON tiles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_update_checkpoints BEFORE UPDATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete_checkpoints BEFORE DELETE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate_checkpoints BEFORE TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How many records the tree has, up to which checkpoint Kafka is known to have them all, and the
-- epoch of the leader who may say so. `right_edge`: the unfinished tile of each level. `trouble`
-- is why nothing is signed any more.
CREATE TABLE notary (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    epoch integer NOT NULL DEFAULT 0,
    size bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
    released bigint NOT NULL DEFAULT 0 CHECK (released BETWEEN 0 AND size),
    right_edge bytea[] NOT NULL DEFAULT '{}',
    trouble text
);
INSERT INTO notary DEFAULT VALUES;

-- migrate: rollback

DROP TABLE notary, checkpoints, tiles;
