"""Where features put what the ground calls by name."""

from collections import UserDict
from typing import TypeVar

Thing = TypeVar("Thing")


class Registry(UserDict[str, Thing]):
    """Things by name. A name is given once: a second feature with the same one would silence the first."""

    def __setitem__(self, name: str, thing: Thing) -> None:
        if name in self:
            raise ValueError(f"Two features call something «{name}».")
        super().__setitem__(name, thing)
