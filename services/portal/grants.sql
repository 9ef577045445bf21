-- What the portal's role may do in the tables of its own migrations, beside what every service's may.
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO {role};
GRANT SELECT, INSERT ON publications TO {role};
GRANT SELECT, INSERT, DELETE ON unfinished_forms TO {role};
