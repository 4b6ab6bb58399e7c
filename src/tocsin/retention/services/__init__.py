"""All writing of retention: periods, holds, erasures."""

from tocsin.retention.services.erasing import erase_expired
from tocsin.retention.services.holds import lift_hold, place_hold
from tocsin.retention.services.periods import set_period

__all__ = ["erase_expired", "lift_hold", "place_hold", "set_period"]
