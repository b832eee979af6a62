"""Whisper's loops: a phrase it repeats over and over where nobody does."""

_FEWEST = 4
"""Times in a row from which a phrase counts as a loop. People do say a thing three times."""

_LONGEST_PHRASE = 12
"""Words."""


def without_loops(text):
    """The text with each looping phrase said once."""
    words = text.split()
    kept = []
    index = 0
    while index < len(words):
        size, times = _loop(words, index)
        kept += words[index : index + size]
        index += size * times
    return " ".join(kept)


def _loop(words, index):
    """The phrase that loops from here on, as (words, times); (1, 1) when none does."""
    for size in range(1, _LONGEST_PHRASE + 1):
        phrase = _plain(words[index : index + size])
        times = 1
        while _plain(words[index + times * size : index + (times + 1) * size]) == phrase:
            times += 1
        if times >= _FEWEST:
            return size, times
    return 1, 1


def _plain(words):
    return [word.strip(".,!?;:-").lower() for word in words]
