-- What each reader folds, since when a reaction is there, and what nobody here knows yet
-- depends: log-0005-by-index

-- migrate: apply

-- `folds` is what a generation of a read model is a fold of: the types, their versions and fields.
-- Empty: of more than one such set, so it is the fold of none. `began_at` is when a reaction was
-- there for the first time, by the service's clock.
ALTER TABLE consumers
    ADD COLUMN folds text NOT NULL DEFAULT '',
    ADD COLUMN began_at timestamptz;

-- Each reaction has a cursor of its own; what had been read for all of them together begins anew,
-- and the keys of its commands say that they were given.
DELETE FROM consumers WHERE name = 'reactions';
DELETE FROM parked WHERE consumer = 'reactions';

-- Types and versions that came and are not declared in the code that read them.
CREATE TABLE unknown_types (
    source text NOT NULL,
    type text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    records bigint NOT NULL DEFAULT 1,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    PRIMARY KEY (source, type, version)
);

-- migrate: rollback

DROP TABLE unknown_types;
ALTER TABLE consumers DROP COLUMN folds, DROP COLUMN began_at;
