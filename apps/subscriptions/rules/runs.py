"""The states of a billing run."""

from enum import StrEnum


class RunStatus(StrEnum):
    """FORECASTING while it is added up what the run would bill, before any of it is. HELD: that is beyond the
    thresholds, and waits for approval. RUNNING until nothing is due any more; what could not be billed does not keep a
    run from finishing. PAUSED by a person. A dry run finishes with its forecast."""

    FORECASTING = "FORECASTING"
    HELD = "HELD"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"


TRANSITIONS: dict[RunStatus, tuple[RunStatus, ...]] = {
    RunStatus.FORECASTING: (RunStatus.HELD, RunStatus.RUNNING, RunStatus.FINISHED),
    RunStatus.HELD: (RunStatus.RUNNING,),
    RunStatus.RUNNING: (RunStatus.PAUSED, RunStatus.FINISHED),
    RunStatus.PAUSED: (RunStatus.RUNNING,),
    RunStatus.FINISHED: (),
}

WAITING = (RunStatus.HELD, RunStatus.PAUSED)
"""It goes on when a person says so."""
