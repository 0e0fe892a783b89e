"""The states of a billing run."""

from enum import StrEnum


class RunStatus(StrEnum):
    """RUNNING until nothing is due any more; what could not be billed does not keep a run from finishing."""

    RUNNING = "RUNNING"
    FINISHED = "FINISHED"


TRANSITIONS: dict[RunStatus, tuple[RunStatus, ...]] = {
    RunStatus.RUNNING: (RunStatus.FINISHED,),
    RunStatus.FINISHED: (),
}
