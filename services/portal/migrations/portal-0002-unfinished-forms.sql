-- What was typed into a form whose session had ended: sealed, for one person, for a day
-- depends: portal-0001-sessions

-- migrate: apply

CREATE TABLE unfinished_forms (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    until timestamptz NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX unfinished_forms_of_person ON unfinished_forms (person, until);
CREATE INDEX unfinished_forms_by_end ON unfinished_forms (until);

-- migrate: rollback

DROP TABLE unfinished_forms;
