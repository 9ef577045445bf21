-- A log that may not go on before it was compared with Kafka, and what came back from there
-- depends: log-0003-tree

-- migrate: apply

-- Why the log takes nothing: it is an older one, restored, and Kafka knows more. Positions given
-- anew to other records would be two histories of one log.
ALTER TABLE head ADD COLUMN closed text;

CREATE FUNCTION refuse_while_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', OLD.closed USING ERRCODE = 'VT001';
END;
$$;
-- Every append sets this row. Whoever brings records back sets `closed` with it, each time anew.
CREATE TRIGGER no_append_while_closed BEFORE UPDATE ON head
    FOR EACH ROW WHEN (OLD.closed IS NOT NULL AND OLD.closed IS NOT DISTINCT FROM NEW.closed)
    EXECUTE FUNCTION refuse_while_closed();

-- The running service may close its log; only its owner opens it again.
CREATE FUNCTION close_log(why text) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    UPDATE public.head SET closed = why WHERE closed IS NULL;
$$;
REVOKE ALL ON FUNCTION close_log(text) FROM PUBLIC;

-- Records that came back without the rows of their commands, which Kafka does not have. What
-- follows the time in an event's id is derived from its command's key, so a repeated command is
-- known by the mark that its first event would have.
CREATE TABLE brought_back (
    mark bytea PRIMARY KEY CHECK (octet_length(mark) = 10),
    position bigint NOT NULL
);
CREATE TRIGGER no_update_brought_back BEFORE UPDATE ON brought_back
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_delete_brought_back BEFORE DELETE ON brought_back
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_truncate_brought_back BEFORE TRUNCATE ON brought_back
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- migrate: rollback

DROP TABLE brought_back;
DROP FUNCTION close_log(text);
DROP TRIGGER no_append_while_closed ON head;
DROP FUNCTION refuse_while_closed();
ALTER TABLE head DROP COLUMN closed;
