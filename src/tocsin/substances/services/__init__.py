"""All writing to the register: the seed files, and what people add. One transaction each."""

from tocsin.substances.services.adding import add_name, add_substance
from tocsin.substances.services.loading import RegisterLoad, load_register

__all__ = ["RegisterLoad", "add_name", "add_substance", "load_register"]
