-- Organisations, their people, who coaches whom, what they share, how they are linked.
-- Everything is a function of the seed and a number; the keys look like those of coach/ids.py.

CREATE FUNCTION pg_temp.made_id(kind int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT ('0190' || lpad(to_hex(kind), 4, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;

-- Between 0 and 1, evenly.
CREATE FUNCTION pg_temp.evenly(h bigint) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (h & 1048575)::float8 / 1048576 $$;

-- Around 0, spread by 1: three even draws of one hash.
CREATE FUNCTION pg_temp.spread(h bigint) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (((h & 1048575) + ((h >> 20) & 1048575) + ((h >> 40) & 1048575))::float8 / 1048576 - 1.5) * 2 $$;

CREATE TABLE population_organisations AS
SELECT o AS number, pg_temp.made_id(1, o) AS id
FROM generate_series(0, :organisations - 1) AS o;

-- `trouble` is what is wrong in the last days of some of them.
CREATE TABLE population_clients AS
SELECT
    n AS number,
    o.number AS organisation,
    o.id AS organisation_id,
    pg_temp.made_id(2, n) AS id,
    CASE WHEN o.number > 0 THEN n % :coaches
         WHEN n < :large THEN 0
         WHEN n < :large + :usual THEN 1
         ELSE 2 + n % 2 END AS coach,
    zone.name AS timezone,
    zone.east AS east,
    (now() AT TIME ZONE zone.name)::date AS today,
    pg_temp.evenly(h1) AS phase,
    35 + 60 * pg_temp.evenly(h2) AS hrv,
    45 + 18 * pg_temp.evenly(h3) AS rhr,
    6.6 + 1.4 * pg_temp.evenly(h4) AS sleep,
    14 + 3 * pg_temp.evenly(h5) AS breaths,
    CASE WHEN h6 % 100 < 8 THEN 'strained' WHEN h6 % 100 < 14 THEN 'short'
         WHEN h6 % 100 < 20 THEN 'quiet' ELSE 'none' END AS trouble,
    pg_temp.evenly(h6) < 0.4 AS answers
FROM (
    SELECT n,
        CASE WHEN n < :first_organisation THEN 0
             ELSE 1 + (n - :first_organisation) % greatest(:organisations - 1, 1) END AS organisation,
        hashint8extended(n, :seed + 1) AS h1, hashint8extended(n, :seed + 2) AS h2,
        hashint8extended(n, :seed + 3) AS h3, hashint8extended(n, :seed + 4) AS h4,
        hashint8extended(n, :seed + 5) AS h5, abs(hashint8extended(n, :seed + 6) / 2) AS h6
    FROM generate_series(0, :clients - 1) AS n
) AS dice
JOIN population_organisations AS o ON o.number = least(dice.organisation, :organisations - 1)
JOIN (VALUES (0, 'Europe/Berlin', 60), (1, 'Europe/London', 0), (2, 'Europe/Helsinki', 120))
    AS zone (number, name, east) ON zone.number = dice.h6 % 3;

INSERT INTO organisations (id, name, slug, timezone)
SELECT id, 'Organisation ' || number, 'population-' || number, 'Europe/Berlin'
FROM population_organisations;

INSERT INTO token_directory (token_hash, kind, organisation_id, row_id)
SELECT encode(sha256(('population-' || number)::bytea), 'hex'), 'slug', id, id
FROM population_organisations;

-- Staff: number 0 owns, the others coach.
CREATE TABLE population_staff AS
SELECT o.number AS organisation, o.id AS organisation_id, s AS coach,
    pg_temp.made_id(3, o.number * 64 + s + 1) AS user_id,
    pg_temp.made_id(4, o.number * 64 + s + 1) AS id
FROM population_organisations AS o, generate_series(-1, :coaches - 1) AS s;

INSERT INTO users (id, email, password_hash)
SELECT user_id, 'staff-' || organisation || '-' || coach + 1 || '@population.example', :password
FROM population_staff;

INSERT INTO memberships (organisation_id, id, user_id, role, name)
SELECT organisation_id, id, user_id, CASE WHEN coach < 0 THEN 'owner' ELSE 'coach' END,
    'Coach ' || organisation || '.' || coach + 1
FROM population_staff;

INSERT INTO users (id, email, password_hash)
SELECT pg_temp.made_id(5, number), 'client-' || number || '@population.example', :password
FROM population_clients;

INSERT INTO memberships (organisation_id, id, user_id, role, name)
SELECT organisation_id, pg_temp.made_id(6, number), pg_temp.made_id(5, number), 'client',
    'Client ' || number
FROM population_clients;

INSERT INTO clients (organisation_id, id, user_id, name, timezone, external_id)
SELECT organisation_id, id, pg_temp.made_id(5, number),
    (ARRAY['Ada', 'Ben', 'Chloe', 'Dmitri', 'Elif', 'Farid', 'Gita', 'Hugo', 'Ines', 'Jonas'])
    [1 + number % 10] || ' ' || number, timezone, 'crm-' || number
FROM population_clients;

INSERT INTO coach_clients (organisation_id, coach_id, client_id)
SELECT c.organisation_id, s.id, c.id
FROM population_clients AS c
JOIN population_staff AS s ON s.organisation = c.organisation AND s.coach = c.coach;

-- Nearly everybody shares what the strap says; half share what they write themselves.
INSERT INTO consents (organisation_id, id, client_id, field_group, starts_at, text_version)
SELECT c.organisation_id, pg_temp.made_id(7, c.number * 8 + g.number), c.id, g.name,
    now() - interval '2 years', '2026-11'
FROM population_clients AS c
JOIN (VALUES (0, 'recovery', 4), (1, 'sleep', 5), (2, 'strain', 6), (3, 'workouts', 10),
    (4, 'journal', 50), (5, 'check_in', 15)) AS g (number, name, percent_silent)
    ON (c.number * 37 + g.number * 11) % 100 >= g.percent_silent;

INSERT INTO integrations (organisation_id, id, client_id, external_user_id, status, scopes,
    last_sync, next_sync, data_through)
SELECT organisation_id, pg_temp.made_id(8, number), id, (10000 + number)::text,
    CASE WHEN trouble = 'quiet' AND number % 2 = 0 THEN 'reconnect_needed' ELSE 'active' END,
    '["read:recovery", "read:cycles", "read:sleep", "read:workout", "offline"]'::jsonb,
    now() - interval '1 hour' * (1 + number % 9), now() + interval '6 hours', now()
FROM population_clients
WHERE number % 20 <> 0;
