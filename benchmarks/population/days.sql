-- The days from :oldest to :newest (counted back from each client's own today), as they come in:
-- day after day of everybody, so that one client's days lie far apart, as they do after two years.
-- Strain follows the week, the heart a slow wave; nights without a strap, journeys without any row.

WITH made AS (
INSERT INTO daily_logs (
    organisation_id, client_id, date, recovery_score, strain, hrv, sleep_hours, sleep_quality,
    resting_heart_rate, spo2, skin_temp_celsius, respiratory_rate, sleep_efficiency,
    sleep_consistency, in_bed_hours, light_hours, deep_hours, rem_hours, awake_hours,
    sleep_need_hours, sleep_debt_hours, nap_hours, sleep_started_at, sleep_ended_at,
    sleep_offset_minutes, energy_kj, average_heart_rate, max_heart_rate, step_count, workout_count,
    mood, source, sources, doubtful, calibrating, state
)
SELECT
    organisation_id, id, date,
    CASE WHEN worn THEN round(least(greatest(
        58 + 15 * pg_temp.spread(h2) + 7 * wave - 30 * strained, 1), 99)) END,
    strain,
    CASE WHEN worn THEN round((hrv * exp(
        0.05 * wave + 0.1 * pg_temp.spread(h2) - 0.25 * strained))::numeric, 3) END,
    asleep,
    CASE WHEN worn THEN round(least(100 * asleep / need, 100)) END,
    CASE WHEN worn THEN round(rhr * (1 - 0.02 * wave + 0.03 * pg_temp.spread(h3)) + 5 * strained) END,
    CASE WHEN worn THEN 95 + h3 % 4 END,
    CASE WHEN worn THEN round((33.6 + 0.4 * pg_temp.spread(h4))::numeric, 2) END,
    CASE WHEN worn THEN round((breaths + 0.4 * pg_temp.spread(h6) + strained)::numeric, 2) END,
    CASE WHEN worn THEN 88 + h4 % 10 END,
    CASE WHEN worn THEN 60 + h5 % 35 END,
    asleep * 1.09, asleep * 0.57, asleep * 0.2, asleep * 0.23, asleep * 0.09,
    CASE WHEN worn THEN need END,
    CASE WHEN worn THEN greatest(need - asleep, 0) / 2 END,
    CASE WHEN worn AND h6 % 8 = 0 THEN 0.5 END,
    woke - asleep * 1.09 * interval '1 hour', woke,
    CASE WHEN worn THEN east END,
    round(6500 + 420 * strain), round(rhr + 16), round(115 + 3.5 * strain),
    round(3500 + 600 * strain), (strain > 11)::int,
    CASE WHEN answers AND h5 % 3 = 0 THEN 3 + h5 % 7 END,
    'whoop',
    CASE WHEN typed THEN :sources_typed WHEN worn THEN :sources ELSE :sources_unworn END::jsonb,
    CASE WHEN h3 % 200 = 0 THEN '["hrv"]' ELSE '[]' END::jsonb,
    age > :days - 5,
    CASE WHEN age = 0 THEN 'provisional' ELSE 'final' END
FROM (
    SELECT *,
        CASE WHEN worn THEN round(least(greatest(
            sleep + CASE WHEN weekday > 5 THEN 0.5 ELSE 0 END + 0.7 * pg_temp.spread(h4)
            - CASE WHEN trouble = 'short' AND age < 9 THEN 1.7 ELSE 0 END, 2), 12)::numeric, 3)::float8
        END AS asleep,
        round(least(greatest(CASE WHEN age = 0 THEN 0.5 ELSE 1 END * (
            9.5 + CASE weekday WHEN 2 THEN 3 WHEN 4 THEN 3 WHEN 6 THEN 4 WHEN 7 THEN -3 ELSE 0 END
            + 2.2 * pg_temp.spread(h5)), 0.5), 20.8)::numeric, 3)::float8 AS strain,
        round((7.6 + 0.3 * pg_temp.spread(h6))::numeric, 3)::float8 AS need,
        CASE WHEN worn THEN date + interval '1 minute' * (390 - east + round(35 * pg_temp.spread(h1)))
        END AT TIME ZONE 'UTC' AS woke,
        worn AND h2 % 100 = 0 AS typed
    FROM (
        SELECT c.*, age, c.today - age AS date, extract(isodow FROM c.today - age) AS weekday,
            sin((:days - age) / 37.0 + 6.3 * c.phase) AS wave,
            CASE WHEN c.trouble = 'strained' AND age < 8 THEN 1 ELSE 0 END AS strained,
            abs(h1 / 2) % 100 >= 4 AS worn,
            abs(h1 / 2) AS h1, abs(h2 / 2) AS h2, abs(h3 / 2) AS h3,
            abs(h4 / 2) AS h4, abs(h5 / 2) AS h5, abs(h6 / 2) AS h6
        FROM population_clients AS c,
            generate_series(:oldest, :newest, -1) AS age,
            LATERAL (SELECT
                hashint8extended(c.number * 4096 + age, :seed + 11) AS h1,
                hashint8extended(c.number * 4096 + age, :seed + 12) AS h2,
                hashint8extended(c.number * 4096 + age, :seed + 13) AS h3,
                hashint8extended(c.number * 4096 + age, :seed + 14) AS h4,
                hashint8extended(c.number * 4096 + age, :seed + 15) AS h5,
                hashint8extended(c.number * 4096 + age, :seed + 16) AS h6,
                hashint8extended(c.number * 4096 + age / 9, :seed + 17) AS away OFFSET 0) AS dice
        WHERE NOT (c.trouble = 'quiet' AND age < 4)
            AND NOT (age > 14 AND abs(away / 2) % 1000 < 6)
            AND NOT (age = 0 AND abs(h6 / 2) % 100 < 12)
    ) AS drawn
) AS lived
ORDER BY age DESC, h1
RETURNING *
), said AS (
INSERT INTO day_readings (organisation_id, client_id, date, source, "values", doubtful, provisional,
    calibrating)
SELECT organisation_id, client_id, date, 'whoop',
    CASE WHEN hrv IS NULL THEN jsonb_build_object(
        'strain', strain, 'energy_kj', energy_kj, 'average_heart_rate', average_heart_rate,
        'max_heart_rate', max_heart_rate, 'step_count', step_count)
    ELSE jsonb_build_object(
        'strain', strain, 'energy_kj', energy_kj, 'average_heart_rate', average_heart_rate,
        'max_heart_rate', max_heart_rate, 'step_count', step_count,
        'recovery_score', recovery_score, 'hrv', hrv, 'resting_heart_rate', resting_heart_rate,
        'spo2', spo2, 'skin_temp_celsius', skin_temp_celsius,
        'respiratory_rate', respiratory_rate, 'sleep_hours', sleep_hours,
        'sleep_quality', sleep_quality, 'sleep_efficiency', sleep_efficiency,
        'sleep_consistency', sleep_consistency, 'in_bed_hours', in_bed_hours,
        'light_hours', light_hours, 'deep_hours', deep_hours, 'rem_hours', rem_hours,
        'awake_hours', awake_hours, 'sleep_need_hours', sleep_need_hours,
        'sleep_debt_hours', sleep_debt_hours, 'sleep_started_at', sleep_started_at,
        'sleep_ended_at', sleep_ended_at, 'sleep_offset_minutes', sleep_offset_minutes) END,
    doubtful, state = 'provisional', calibrating
FROM made
)
INSERT INTO day_readings (organisation_id, client_id, date, source, "values")
SELECT organisation_id, client_id, date, 'manual', jsonb_build_object('sleep_hours', sleep_hours)
FROM made
WHERE sources ->> 'sleep_hours' = 'manual';
