-- What follows from the days of the last :kept dates: the same kinds of figures as coach/insights,
-- by simpler rules (no days left out), because the formulas would take an hour for everybody.

CREATE TEMPORARY TABLE population_figures AS
SELECT *,
    exp(ln_week) AS week, exp(ln_usual - 0.5 * ln_sd) AS low, exp(ln_usual + 0.5 * ln_sd) AS high,
    rhr_week - rhr_usual AS drift,
    greatest(need_week - slept_week, 0) AS debt,
    (ln_usual - ln(hrv)) / nullif(ln_sd, 0) AS hrv_z,
    (resting_heart_rate - rhr_usual) / nullif(rhr_sd, 0) AS rhr_z
FROM (
    SELECT d.organisation_id, d.client_id, d.date, c.today, d.sleep_hours,
        d.hrv, d.resting_heart_rate,
        d.sleep_hours - d.sleep_need_hours AS balance,
        avg(ln(d.hrv)) OVER week AS ln_week, count(d.hrv) OVER week AS n_week,
        avg(ln(d.hrv)) OVER before AS ln_usual, stddev_samp(ln(d.hrv)) OVER before AS ln_sd,
        count(d.hrv) OVER before AS n_usual,
        avg(d.resting_heart_rate) OVER week AS rhr_week,
        avg(d.resting_heart_rate) OVER before AS rhr_usual,
        stddev_samp(d.resting_heart_rate) OVER before AS rhr_sd,
        sum(d.sleep_hours) OVER week AS slept_week, sum(d.sleep_need_hours) OVER week AS need_week,
        sum(d.strain) OVER week / nullif(avg(d.strain) OVER before * 7, 0) * 100 - 100 AS load
    FROM population_clients AS c
    JOIN daily_logs AS d ON d.organisation_id = c.organisation_id AND d.client_id = c.id
        AND d.date > c.today - (:kept + 70)
    WHERE c.number % :parts = :part
    WINDOW week AS (PARTITION BY d.client_id ORDER BY d.date
            RANGE BETWEEN interval '6 days' PRECEDING AND CURRENT ROW),
        before AS (PARTITION BY d.client_id ORDER BY d.date
            RANGE BETWEEN interval '66 days' PRECEDING AND interval '7 days' PRECEDING)
) AS weeks
WHERE date > today - :kept;

INSERT INTO insights (organisation_id, client_id, date, formula_version, hrv_week_ms, hrv_low_ms,
    hrv_high_ms, hrv_position, hrv_days_outside, rhr_drift_bpm, rhr_raised, sleep_hours,
    sleep_balance_hours, sleep_debt_hours, load_change_percent, attention, behind, signals)
SELECT organisation_id, client_id, date, :version, round(week::numeric, 3), round(low::numeric, 3),
    round(high::numeric, 3),
    CASE WHEN n_usual < 14 OR n_week < 3 THEN 'unknown' WHEN week < low THEN 'below'
         WHEN week > high THEN 'above' ELSE 'inside' END,
    CASE WHEN week < low OR week > high THEN 1 + extract(day FROM date)::int % 7 ELSE 0 END,
    round(drift::numeric, 3), coalesce(drift > 3, false), sleep_hours,
    round(balance::numeric, 3), round(debt::numeric, 3), round(load::numeric, 3),
    100 * (coalesce(week < low, false)::int + coalesce(drift > 3, false)::int
        + coalesce(debt > 7, false)::int),
    jsonb_build_object(
        'hrv_week', jsonb_build_object('n', n_week, 'confidence', 'ok'),
        'hrv_range', jsonb_build_object('n', n_usual, 'confidence', 'ok'),
        'rhr_drift', jsonb_build_object('n', n_week, 'confidence', 'ok'),
        'sleep_debt', jsonb_build_object('n', n_week, 'confidence', 'ok'),
        'load_change', jsonb_build_object('n', 28, 'confidence', 'ok'),
        'hooper_week', jsonb_build_object('n', 0, 'confidence', 'none'),
        'single_days', jsonb_strip_nulls(jsonb_build_object(
            'hrv_day', CASE WHEN hrv_z >= 1.5 THEN jsonb_build_array(
                round(hrv_z::numeric, 3), hrv, round(exp(ln_usual)::numeric, 3), n_usual) END,
            'resting_day', CASE WHEN rhr_z >= 1.5 THEN jsonb_build_array(
                round(rhr_z::numeric, 3), resting_heart_rate, round(rhr_usual::numeric, 3), n_usual) END))),
    array_to_json(array_remove(ARRAY[
        CASE WHEN week < low THEN jsonb_build_object('name', 'hrv_week', 'direction', 'below',
            'value', round(week::numeric, 3), 'usual', null, 'low', round(low::numeric, 3),
            'high', round(high::numeric, 3), 'days', 3, 'n', n_usual, 'window', 60,
            'confidence', 'ok') END,
        CASE WHEN drift > 3 THEN jsonb_build_object('name', 'resting_week', 'direction', 'above',
            'value', round(drift::numeric, 3), 'usual', round(rhr_usual::numeric, 3), 'low', null,
            'high', 3, 'days', 2, 'n', n_usual, 'window', 60, 'confidence', 'ok') END,
        CASE WHEN debt > 7 THEN jsonb_build_object('name', 'sleep_debt', 'direction', 'above',
            'value', round(debt::numeric, 3), 'usual', null, 'low', null, 'high', 7, 'days', 1,
            'n', n_week, 'window', 7, 'confidence', 'ok') END], NULL))::jsonb
FROM population_figures
ORDER BY date, md5(client_id::text);

INSERT INTO burnout_scores (organisation_id, client_id, date, formula_version, body, sleep, feeling,
    factors)
SELECT organisation_id, client_id, date, :version,
    CASE WHEN week < low THEN 'raised' ELSE 'quiet' END, 'quiet', 'not_enough',
    jsonb_build_object(
        'body', jsonb_build_array(
            jsonb_build_object('signal', 'hrv_week', 'days_outside', 3, 'window_days', 7, 'n', n_usual),
            jsonb_build_object('signal', 'resting_week', 'days_outside', 0, 'window_days', 7, 'n', n_usual),
            jsonb_build_object('signal', 'load_week', 'days_outside', 0, 'window_days', 7, 'n', 28)),
        'sleep', jsonb_build_array(
            jsonb_build_object('signal', 'sleep_debt', 'days_outside', 0, 'window_days', 7, 'n', n_week)),
        'feeling', jsonb_build_array(
            jsonb_build_object('signal', 'feeling_week', 'days_outside', 0, 'window_days', 7, 'n', 0)))
FROM population_figures
ORDER BY date, md5(client_id::text);

DROP TABLE population_figures;
