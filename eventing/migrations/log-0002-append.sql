-- Append a batch of commands: optimistic first, each apart when a guard says no
-- depends: log-0001-tables

-- migrate: apply

-- Decide each command of a batch apart, in order, and return the answers: the position, or
-- -1 where a stream has another version, -2 where the key came before with another MAC.
--
-- `uptos` counts the events of this command and those before it. A part is one stream's part in a
-- command: its version, and whether it has no events and only stands on that version.
CREATE FUNCTION append_checked(
    principals uuid[], keys uuid[], macs bytea[], uptos integer[],
    part_commands integer[], part_streams text[], part_versions integer[], part_silents boolean[],
    event_ids uuid[], streams text[], versions integer[], types text[], records bytea[],
    recorded_ats timestamptz[]
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    base bigint;
    answers bigint[] := '{}';
    stored record;
    first_event integer := 1;
BEGIN
    -- Head before all else, as in append_batch: writers that lock in different orders deadlock.
    SELECT h.position INTO STRICT base FROM public.head h WHERE h.id = 1 FOR UPDATE;
    FOR this IN 1 .. cardinality(principals) LOOP
        -- A statement of its own, after the lock, in a volatile function: it sees what the other
        -- writer committed while this one waited. In one statement with the lock it would not.
        SELECT c.request_mac, c.position INTO stored FROM public.commands c
            WHERE c.principal = principals[this] AND c.idempotency_key = keys[this];
        IF FOUND THEN
            answers[this] :=
                CASE WHEN stored.request_mac = macs[this] THEN stored.position ELSE -2 END;
        ELSIF EXISTS (
            SELECT FROM unnest(part_commands, part_streams, part_versions)
                AS part (command, stream, version)
            WHERE part.command = this AND part.version <> coalesce(
                (SELECT max(e.version) FROM public.events e WHERE e.stream = part.stream), 0)
        ) THEN
            answers[this] := -1;
        ELSE
            INSERT INTO public.events
                    (position, event_id, stream, version, type, record, recorded_at)
                SELECT base + 1 + i - first_event, event_ids[i], streams[i], versions[i],
                    types[i], records[i], recorded_ats[i]
                FROM generate_series(first_event, uptos[this]) i;
            base := base + 1 + uptos[this] - first_event;
            INSERT INTO public.commands (principal, idempotency_key, request_mac, position)
                VALUES (principals[this], keys[this], macs[this], base);
            answers[this] := base;
        END IF;
        first_event := uptos[this] + 1;
    END LOOP;
    UPDATE public.head SET position = base WHERE id = 1;
    RETURN answers;
END;
$$;

-- The same, believing that nothing is in the way: the unique constraints are the guards, and a
-- violation undoes all but the lock on head before each command is decided apart.
CREATE FUNCTION append_batch(
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
            WHERE part.version > 0 AND NOT EXISTS (
                    SELECT FROM public.events e
                    WHERE e.stream = part.stream AND e.version = part.version)
                OR part.silent AND EXISTS (
                    SELECT FROM public.events e
                    WHERE e.stream = part.stream AND e.version = part.version + 1)
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

DROP FUNCTION append_batch;
DROP FUNCTION append_checked;
