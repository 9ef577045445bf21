-- The data keys of one service, wrapped; apart from its log and from its log's backup
-- depends:

-- migrate: apply

-- A destroyed key leaves its row, a tombstone: no other key is ever made in its place, so what
-- was erased does not come back with the next seal. `wrapped_by` names the key-encryption key.
CREATE TABLE keys (
    key_id uuid PRIMARY KEY,
    person uuid NOT NULL,
    purpose text NOT NULL,
    wrapped bytea,
    wrapped_by text,
    destroyed_at timestamptz,
    CONSTRAINT one_key_per_person_and_purpose UNIQUE (person, purpose),
    CONSTRAINT wrapped_until_destroyed CHECK (
        (wrapped IS NULL) = (destroyed_at IS NOT NULL)
        AND (wrapped IS NULL) = (wrapped_by IS NULL)
    )
);

-- migrate: rollback

DROP TABLE keys;
