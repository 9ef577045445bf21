-- A version is looked up by its index, also in the first minute of a log
-- depends: log-0004-restored

-- migrate: apply

-- As before, but for the question about versions: as EXISTS beneath an OR it could be answered by
-- hashing all events, and with the plan of an empty table, kept until the first ANALYZE, it was. A
-- subquery for one value is looked up for each part, whatever was planned.
CREATE OR REPLACE FUNCTION append_batch(
    principals uuid[], keys uuid[], macs bytea[], uptos integer[],
    part_commands integer[], part_streams text[], part_versions integer[], part_silents boolean[],
    event_ids uuid[], streams text[], versions integer[], types text[], records bytea[],
    recorded_ats timestamptz[]
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    base bigint;
BEGIN
    SELECT h.position INTO STRICT base FROM public.head h WHERE h.id = 1 FOR UPDATE;
    BEGIN
        INSERT INTO public.events (position, event_id, stream, version, type, record, recorded_at)
            SELECT base + new.n, new.event_id, new.stream, new.version, new.type, new.record,
                new.recorded_at
            FROM unnest(event_ids, streams, versions, types, records, recorded_ats)
                WITH ORDINALITY
                AS new (event_id, stream, version, type, record, recorded_at, n);
        -- The constraint sees a version that is taken; not one that is missing nor, where a stream
        -- takes part without events, one that has come. Looked at after the inserts, since a
        -- command may stand on one before it in the batch.
        IF EXISTS (
            SELECT FROM unnest(part_streams, part_versions, part_silents)
                AS part (stream, version, silent)
            WHERE part.version > 0 AND (
                    SELECT e.version FROM public.events e
                    WHERE e.stream = part.stream AND e.version = part.version) IS NULL
                OR part.silent AND (
                    SELECT e.version FROM public.events e
                    WHERE e.stream = part.stream AND e.version = part.version + 1) IS NOT NULL
        ) THEN
            RAISE unique_violation;
        END IF;
        INSERT INTO public.commands (principal, idempotency_key, request_mac, position)
            SELECT new.principal, new.key, new.mac, base + new.upto
            FROM unnest(principals, keys, macs, uptos) AS new (principal, key, mac, upto);
        UPDATE public.head SET position = base + cardinality(event_ids) WHERE id = 1;
        RETURN ARRAY(SELECT base + upto FROM unnest(uptos) upto);
    EXCEPTION WHEN unique_violation THEN
        RETURN public.append_checked(principals, keys, macs, uptos, part_commands, part_streams,
            part_versions, part_silents, event_ids, streams, versions, types, records,
            recorded_ats);
    END;
END;
$$;

-- migrate: rollback

-- The older body is another answer to the same question: nothing to undo.
SELECT 1;
