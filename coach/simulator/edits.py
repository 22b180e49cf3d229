"""Records that were scored again by hand: each edit moves their values a little."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from coach.simulator.records import Recovery, Sleep, Workout


def edited_sleep(sleep: Sleep, edits: Sequence[datetime]) -> Sleep:
    if not edits or sleep.score is None:
        return sleep
    stages = sleep.score.stage_summary
    more = replace(stages, disturbance_count=stages.disturbance_count + len(edits))
    score = replace(sleep.score, stage_summary=more)
    return replace(sleep, updated_at=max(sleep.updated_at, edits[-1]), score=score)


def edited_recovery(recovery: Recovery, edits: Sequence[datetime]) -> Recovery:
    if not edits or recovery.score is None:
        return recovery
    percent = (recovery.score.recovery_score + 7 * len(edits)) % 98 + 1
    score = replace(recovery.score, recovery_score=percent)
    return replace(recovery, updated_at=max(recovery.updated_at, edits[-1]), score=score)


def edited_workout(workout: Workout, edits: Sequence[datetime]) -> Workout:
    if not edits or workout.score is None:
        return workout
    score = replace(workout.score, kilojoule=workout.score.kilojoule + 40 * len(edits))
    return replace(workout, updated_at=max(workout.updated_at, edits[-1]), score=score)
