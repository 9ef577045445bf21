-- What was published, for ever: each is judged together with those before it.
-- depends:

-- migrate: apply

CREATE TABLE publications (
    programme_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    made_at timestamptz NOT NULL,
    content text NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    children integer[] NOT NULL,
    PRIMARY KEY (programme_id, number)
);
COMMENT ON COLUMN publications.content IS 'JSON, as anybody may read it; it names the digest of the one before';
COMMENT ON COLUMN publications.children IS 'of each figure told, of how many children; never shown';

CREATE FUNCTION published_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was published is never changed';
END
$$;
CREATE TRIGGER published_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON publications
    FOR EACH STATEMENT EXECUTE FUNCTION published_for_ever();

-- migrate: rollback
