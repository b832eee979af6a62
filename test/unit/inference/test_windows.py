"""Which stretches of audio are heard together."""

import unittest

import numpy as np
from engine.windows import WindowCutter, WindowLimits

LIMITS = WindowLimits(longest=100, shortest=50, padding=5, longest_gap=30)


def stream(*parts):
    """Probabilities of alternating silence and speech, in frames, silence first."""
    return np.concatenate([np.full(size, float(index % 2), np.float32) for index, size in enumerate(parts)])


def cut(*parts, step=None):
    cutter = WindowCutter(LIMITS)
    probabilities = stream(*parts)
    windows = []
    for begin in range(0, len(probabilities), step or len(probabilities)):
        cutter.push(probabilities[begin : begin + (step or len(probabilities))])
        windows += cutter.windows(final=False)
    cutter.finish()
    return windows + list(cutter.windows(final=True))


def kept(window):
    return sum(end - begin for begin, end in window.pieces)


class Windows(unittest.TestCase):
    def test_silence_has_none(self):
        self.assertEqual(cut(1000), [])
        self.assertEqual(WindowCutter(LIMITS).needed_from, 0)

    def test_one_stretch_of_speech_keeps_its_padding(self):
        (window,) = cut(20, 40, 20)
        self.assertEqual(window.pieces, ((15, 65),))
        self.assertEqual(window.regions, ((20, 60),))

    def test_padding_stops_at_the_ends_of_the_audio(self):
        (window,) = cut(2, 40, 3)
        self.assertEqual(window.pieces, ((0, 45),))

    def test_clicks_are_not_speech(self):
        self.assertEqual(cut(20, 2, 20), [])

    def test_a_pause_is_cut_down_to_its_padding(self):
        (window,) = cut(10, 20, 25, 20, 10)
        self.assertEqual(window.pieces, ((5, 35), (50, 80)))

    def test_a_short_pause_is_kept_whole(self):
        (window,) = cut(10, 20, 8, 20, 10)
        self.assertEqual(window.pieces, ((5, 63),))

    def test_a_long_silence_ends_a_window(self):
        one, two = cut(10, 20, 31, 20, 10)
        self.assertEqual((one.regions, two.regions), (((10, 30),), ((61, 81),)))

    def test_a_window_ends_at_the_longest_pause_in_reach(self):
        one, _ = cut(0, 55, 9, 12, 4, 12, 4, 60)
        self.assertEqual(one.regions, ((0, 55),))

    def test_without_a_pause_speech_is_split_where_it_is_least_like_speech(self):
        cutter = WindowCutter(LIMITS)
        probabilities = np.full(180, 0.9, np.float32)
        probabilities[93] = 0.6
        cutter.push(probabilities)
        cutter.finish()
        one, two = cutter.windows(final=True)
        self.assertEqual((one.regions, two.regions), (((0, 93),), ((93, 180),)))

    def test_no_audio_is_in_two_windows_and_none_is_too_long(self):
        random = np.random.default_rng(7)
        for _ in range(200):
            sizes = random.integers(1, 60, size=random.integers(2, 40))
            windows = cut(*sizes)
            pieces = [piece for window in windows for piece in window.pieces]
            self.assertTrue(all(begin < end for begin, end in pieces))
            self.assertTrue(all(one[1] <= two[0] for one, two in zip(pieces, pieces[1:])), sizes)
            self.assertTrue(all(kept(window) <= LIMITS.longest + 2 * LIMITS.padding for window in windows), sizes)
            speech = sum(size for size in sizes[1::2] if size >= 3)
            self.assertEqual(sum(end - begin for w in windows for begin, end in w.regions), speech, sizes)

    def test_the_audio_needed_again_stays_short(self):
        cutter = WindowCutter(LIMITS)
        for _ in range(200):
            cutter.push(stream(17, 31))
            list(cutter.windows(final=False))
            self.assertLess(cutter._speech.frames - cutter.needed_from, 400)


if __name__ == "__main__":
    unittest.main()
