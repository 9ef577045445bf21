-- The log of one service, and who has read how far
-- depends:

-- migrate: apply

-- Taken first by every append. Its row lock is what makes positions dense and lets them become
-- visible in order: the next writer gets its positions only after this one has committed.
CREATE TABLE head (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0)
) WITH (fillfactor = 10);
INSERT INTO head DEFAULT VALUES;

-- `record` is the truth; the columns beside it are copies of what it says. The leaf is computed
-- here, so that none can be stored which is not that of its record.
CREATE TABLE events (
    position bigint PRIMARY KEY CHECK (position > 0),
    event_id uuid NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    type text NOT NULL,
    record bytea NOT NULL,
    leaf bytea NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || record)) STORED,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT one_event_per_version UNIQUE (stream, version)
);

-- Accepted commands, remembered for ever: `position` is the answer that a repetition gets.
CREATE TABLE commands (
    principal uuid NOT NULL,
    idempotency_key uuid NOT NULL,
    request_mac bytea NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT a_command_happens_once PRIMARY KEY (principal, idempotency_key)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END;
$$;

CREATE TRIGGER no_update_events BEFORE UPDATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete_events BEFORE DELETE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate_events BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_update_commands BEFORE UPDATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete_commands BEFORE DELETE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate_commands BEFORE TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- How far the log is published, and the epoch of the leader who may say so.
CREATE TABLE relay (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    published bigint NOT NULL DEFAULT 0 CHECK (published >= 0),
    epoch integer NOT NULL DEFAULT 0,
    trouble text
);
INSERT INTO relay DEFAULT VALUES;

-- One row for each source that a consumer follows: a generation of a read model, or the reactions.
-- `hint` is where to look in Kafka first (offsets, and the record read last); never a truth.
-- `trouble` is what keeps it from going on, for those who look after it.
CREATE TABLE consumers (
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    generation integer NOT NULL DEFAULT 1,
    source text NOT NULL,
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    epoch integer NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'building' CHECK (status IN ('building', 'live', 'retired')),
    trouble text,
    hint jsonb,
    PRIMARY KEY (name, generation, source)
);

-- Records that a consumer could not apply, and the later ones of their streams, in order.
-- A person asks for 'retry' or 'skip'; what was skipped stays, so that a rebuild skips it too.
CREATE TABLE parked (
    consumer text NOT NULL,
    generation integer NOT NULL DEFAULT 1,
    source text NOT NULL,
    stream text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    record bytea NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    parked_at timestamptz NOT NULL DEFAULT now(),
    fate text CHECK (fate IN ('retry', 'skip', 'skipped')),
    PRIMARY KEY (consumer, generation, source, position)
);

-- migrate: rollback

DROP TABLE parked, consumers, relay, commands, events, head;
DROP FUNCTION refuse_change();
