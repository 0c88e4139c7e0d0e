"""What jobs leave with their model for the next ones that ask for nearly the same."""

from __future__ import annotations


class Left:
    """Few things, the last ones. Who takes one has it alone, until it is put back; who sees one
    shares it, and leaves it as it is.

    Args:
        most: numbers that all of them hold together.

    Attributes:
        with_runs: leave control runs, too. The last digits of a float32 then depend on what was
            asked before, as they do where several users are served at once.
    """

    MOST_THINGS = 16

    def __init__(self, most: int) -> None:
        self.most, self.with_runs = most, False
        self._things: dict[object, tuple[object, int]] = {}

    def take(self, key: object) -> object | None:
        """What was left under this key."""
        what, _ = self._things.pop(key, (None, 0))
        return what

    def see(self, key: object) -> object | None:
        """What was left under this key, which is now the last of all."""
        if key not in self._things:
            return None
        self._things[key] = self._things.pop(key)
        return self._things[key][0]

    def put(self, key: object, what: object, numbers: int) -> None:
        """Leave a thing of so many numbers, in the place of those left longest ago; not at all
        where it is too large."""
        if numbers > self.most:
            return
        self._things[key] = what, numbers
        while len(self._things) > self.MOST_THINGS or self._numbers() > self.most:
            del self._things[next(iter(self._things))]

    def clear(self) -> None:
        """Let all go."""
        self._things.clear()

    def _numbers(self) -> int:
        return sum(numbers for _, numbers in self._things.values())
