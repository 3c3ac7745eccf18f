"""Which worker does what, and when. Pure: see `schedule` and `placement` for the theory."""

from mu.schedule.schedule import Schedule
from mu.schedule.settings import ScheduleSettings

__all__ = ["Schedule", "ScheduleSettings"]
