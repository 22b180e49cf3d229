-- What else there is of a client: answers, tags, notes, workouts, sleeps, and WHOOP's own words of
-- the first :raw clients. Modest beside the days: a page asks for few of them.

INSERT INTO check_ins (organisation_id, id, client_id, date, sleep, stress, fatigue, soreness, seen_at)
SELECT organisation_id, pg_temp.made_id(16, number * 1024::bigint + age), id, today - age,
    1 + h % 6, 1 + (h >> 8) % 6, 1 + (h >> 16) % 6, 1 + (h >> 24) % 6,
    CASE WHEN age > 0 THEN now() END
FROM population_clients, generate_series(0, 179) AS age,
    LATERAL (SELECT abs(hashint8extended(number * 4096 + age, :seed + 21) / 2) AS h OFFSET 0) AS dice
WHERE answers AND h % 10 < 7;

INSERT INTO day_tags (organisation_id, id, client_id, kind, first_date, last_date)
SELECT organisation_id, pg_temp.made_id(17, number * 64::bigint + part), id,
    (ARRAY['travelling', 'competition', 'ill', 'holiday', 'injured', 'medication'])[1 + (number + part) % 6],
    today - part * 90 - number % 60, today - part * 90 - number % 60 + 1 + number % 5
FROM population_clients, generate_series(0, 5) AS part;

INSERT INTO notes (organisation_id, id, client_id, author_id, date, text)
SELECT c.organisation_id, pg_temp.made_id(18, c.number * 64::bigint + part), c.id, s.user_id,
    c.today - part * 40, 'Spoke about the week; easy until the weekend.'
FROM population_clients AS c
JOIN population_staff AS s ON s.organisation = c.organisation AND s.coach = c.coach,
    generate_series(0, 4) AS part;

INSERT INTO workouts (organisation_id, client_id, key, date, started_at, ended_at, offset_minutes,
    sources, activity, strain, energy_kj, average_heart_rate, max_heart_rate, zone_1_minutes,
    zone_2_minutes, zone_3_minutes, zone_4_minutes, zone_5_minutes)
SELECT organisation_id, id, pg_temp.made_id(19, number * 1024::bigint + age)::text, today - age,
    today - age + interval '17 hours', today - age + interval '18 hours', east, '["whoop"]'::jsonb,
    (ARRAY['running', 'cycling', 'weightlifting', 'swimming'])[1 + number % 4],
    6 + h % 9, 1500 + h % 900, 120 + h % 30, 160 + h % 30, 10, 20, 15, 10, 5
FROM population_clients, generate_series(0, 59) AS age,
    LATERAL (SELECT abs(hashint8extended(number * 4096 + age, :seed + 22) / 2) AS h OFFSET 0) AS dice
WHERE h % 10 < 6;

INSERT INTO sleeps (organisation_id, client_id, key, date, started_at, ended_at, offset_minutes,
    sources, nap, sleep_hours, sleep_quality, in_bed_hours)
SELECT d.organisation_id, d.client_id, pg_temp.made_id(20, c.number * 1024::bigint + (c.today - d.date))::text,
    d.date, d.sleep_started_at, d.sleep_ended_at, d.sleep_offset_minutes, '["whoop"]'::jsonb,
    false, d.sleep_hours, d.sleep_quality, d.in_bed_hours
FROM population_clients AS c
JOIN daily_logs AS d ON d.organisation_id = c.organisation_id AND d.client_id = c.id
    AND d.date > c.today - 30
WHERE d.sleep_started_at IS NOT NULL;

INSERT INTO whoop_records (organisation_id, client_id, kind, provider_id, raw, starts_at, ends_at,
    provider_updated_at)
SELECT d.organisation_id, d.client_id, kind,
    pg_temp.made_id(21, c.number * 1024::bigint + (c.today - d.date))::text,
    jsonb_build_object('id', d.date, 'user_id', 10000 + c.number, 'cycle_id', c.today - d.date,
        'created_at', d.sleep_ended_at, 'updated_at', d.sleep_ended_at, 'start', d.sleep_started_at,
        'end', d.sleep_ended_at, 'timezone_offset', '+01:00', 'score_state', 'SCORED', 'score',
        jsonb_build_object('strain', d.strain, 'kilojoule', d.energy_kj, 'hrv_rmssd_milli', d.hrv,
            'recovery_score', d.recovery_score, 'resting_heart_rate', d.resting_heart_rate,
            'respiratory_rate', d.respiratory_rate, 'sleep_performance_percentage', d.sleep_quality)),
    d.sleep_started_at, d.sleep_ended_at, d.sleep_ended_at
FROM population_clients AS c
JOIN daily_logs AS d ON d.organisation_id = c.organisation_id AND d.client_id = c.id,
    (VALUES ('cycle'), ('sleep'), ('recovery')) AS kinds (kind)
WHERE c.number < :raw;
