"""From tokens to sentences with times, and what is done to loops."""

import unittest

from engine.repetition import without_loops
from engine.segments import Segment, split_by_sentences, split_by_timestamps
from engine.timeline import Timeline


class Letters:
    """A vocabulary in which tokens below 1000 are letters and the others steps of 20 ms."""

    timestamp_begin = 1000

    def text(self, ids):
        return "".join(map(chr, ids))


def tokens(*parts):
    return [
        token
        for part in parts
        for token in ([1000 + round(part / 0.02)] if isinstance(part, float) else map(ord, part))
    ]


def split(*parts, length=16.0):
    return [(s.start, s.end, s.text) for s in split_by_timestamps(tokens(*parts), Letters(), length)]


class Timestamps(unittest.TestCase):
    def test_pairs_of_times_enclose_a_segment(self):
        self.assertEqual(split(0.0, " One.", 2.0, 2.0, " Two.", 5.0), [(0.0, 2.0, "One."), (2.0, 5.0, "Two.")])

    def test_a_gap_between_segments_stays(self):
        self.assertEqual(split(0.5, " One.", 2.0, 3.0, " Two.", 5.0), [(0.5, 2.0, "One."), (3.0, 5.0, "Two.")])

    def test_the_last_may_lack_its_end(self):
        self.assertEqual(split(1.0, " One.", length=7.0), [(1.0, 7.0, "One.")])

    def test_times_lie_in_the_window_and_do_not_run_backwards(self):
        self.assertEqual(split(4.0, " One.", 2.0, length=7.0), [(4.0, 4.0, "One.")])
        self.assertEqual(split(1.0, " One.", 29.0, length=7.0), [(1.0, 7.0, "One.")])

    def test_no_text_is_no_segment(self):
        self.assertEqual(split(), [])
        self.assertEqual(split(0.0, " ", 2.0), [])


class Sentences(unittest.TestCase):
    def parts(self, text):
        return [s.text for s in split_by_sentences(Segment(0.0, 10.0, text))]

    def test_sentences_share_the_time_by_their_length(self):
        one, two = split_by_sentences(Segment(10.0, 20.0, "Four. And a longer one."))
        self.assertEqual((one.start, one.end, two.end), (10.0, two.start, 20.0))
        self.assertLess(one.end, 13.0)

    def test_a_full_stop_inside_is_none(self):
        for text in ("It takes 2.5 seconds.", "Use node.js here.", "Wait... then go on.", "No end"):
            self.assertEqual(self.parts(text), [text])

    def test_quotes_go_with_their_sentence(self):
        self.assertEqual(len(self.parts('He said "No." Then he left.')), 2)


class Loops(unittest.TestCase):
    def test_a_loop_is_said_once(self):
        self.assertEqual(without_loops("so we go on and on and on and on and on and on now"), "so we go on and on now")
        self.assertEqual(without_loops("Thank you. " * 30), "Thank you.")

    def test_what_people_say_stays(self):
        for text in ("no no no, not that one", "very very good", "one two one two one two three", ""):
            self.assertEqual(without_loops(text), text)


class Times(unittest.TestCase):
    """A window of two pieces, 100–104 s and 110–115 s of the audio, speech 0.4 s inside each, with one short pause."""

    timeline = Timeline([(100.0, 104.0), (110.0, 115.0)], [(100.4, 101.5), (101.9, 103.6), (110.4, 114.6)])

    def test_length_is_what_is_played(self):
        self.assertEqual(self.timeline.length, 9.0)

    def test_a_border_moves_to_the_pause_near_it(self):
        self.assertEqual((self.timeline.end(1.6), self.timeline.begin(1.6)), (101.5, 101.9))

    def test_a_border_at_a_silence_that_was_cut_out_has_it_between(self):
        for time in (3.7, 4.0, 4.3):
            self.assertEqual((self.timeline.end(time), self.timeline.begin(time)), (103.6, 110.4))

    def test_the_window_begins_and_ends_with_its_speech(self):
        self.assertEqual((self.timeline.begin(0.0), self.timeline.end(9.0)), (100.4, 114.6))

    def test_far_from_any_pause_the_time_itself_counts(self):
        self.assertAlmostEqual(self.timeline.begin(6.5), 112.5)
        self.assertAlmostEqual(self.timeline.end(6.5), 112.5)


if __name__ == "__main__":
    unittest.main()
