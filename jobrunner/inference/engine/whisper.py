"""The Whisper model: audio of a window to tokens with their scores."""

import json
import os
import zlib
from dataclasses import dataclass

import ctranslate2
import numpy as np

from engine.package_file import load_module
from engine.vocabulary import Vocabulary

RATE = 16_000
_LONGEST = 30 * RATE
_LATEST_FIRST_TIMESTAMP = 50
"""1 s in steps of 20 ms: Whisper's own limit for where the first sentence begins."""

_BEAM = 5
"""Whisper's own default (openai/whisper, transcribe.py)."""

_MODEL_TOKENS = 448
"""What Whisper was trained to write at most for one window, prompt included."""

_ENGLISH_TOKENS_PER_SECOND = 12
"""Twice the tokens of an auctioneer (5 words a second, 1.2 tokens a word)."""


@dataclass(frozen=True)
class Hearing:
    """What Whisper made of one window."""

    tokens: list
    text: str
    average_log_probability: float
    no_speech_probability: float
    compression_ratio: float


class Whisper:
    def __init__(self, folder):
        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            self.name = json.load(file)["name"]
        self._model = ctranslate2.models.Whisper(
            folder, device="cpu", compute_type="int8", intra_threads=1, inter_threads=1
        )
        self.multilingual = self._model.is_multilingual
        self.vocabulary = Vocabulary(folder)
        self._features = load_module("faster_whisper", "feature_extractor").FeatureExtractor()

    def encode(self, samples, seconds):
        """float32 samples -> the encoder's view of them, followed by silence up to `seconds` (30 at most)."""
        length = min(round(seconds * RATE), _LONGEST)
        padded = np.zeros(length, np.float32)
        padded[: min(len(samples), length)] = samples[:length]
        features = self._features(padded, padding=160)[:, : length // 160]
        features = np.ascontiguousarray(features[np.newaxis], np.float32)
        return self._model.encode(ctranslate2.StorageView.from_array(features))

    def detect_language(self, samples):
        """Code of the likeliest language of a window; multilingual models only."""
        token, _probability = self._model.detect_language(self.encode(samples, _LONGEST / RATE))[0][0]
        return token[2:-2]

    def decode(self, encoded, language, seconds, **options):
        """
        Decodes encoded windows of one length together, as the weights are then read once for all of them.
        `seconds` is the audio of the longest.
        """
        prompt = [self.vocabulary.start]
        if self.multilingual:
            prompt += [self.vocabulary.language(language), self.vocabulary.transcribe]
        results = self._model.generate(
            _stack(encoded),
            [prompt] * len(encoded),
            beam_size=_BEAM,
            return_scores=True,
            return_no_speech_prob=True,
            max_initial_timestamp_index=_LATEST_FIRST_TIMESTAMP,
            max_length=_most_tokens(len(prompt), language, seconds),
            **options,
        )
        return [self._hearing(result) for result in results]

    def _hearing(self, result):
        tokens = result.sequences_ids[0]
        text = self.vocabulary.text(tokens)
        return Hearing(
            tokens,
            text,
            result.scores[0] * len(tokens) / (len(tokens) + 1),
            result.no_speech_prob,
            compression_ratio(text),
        )


def _most_tokens(prompt, language, seconds):
    """No one speaks faster, so a loop ends here; other languages may need several tokens for one letter."""
    most = prompt + round(seconds * _ENGLISH_TOKENS_PER_SECOND) if language == "en" else _MODEL_TOKENS
    return min(most, _MODEL_TOKENS)


def _stack(encoded):
    if len(encoded) == 1:
        return encoded[0]
    return ctranslate2.StorageView.from_array(np.concatenate([np.asarray(one) for one in encoded]))


def compression_ratio(text):
    """How repetitive a text is: Whisper's measure, about 1.5 for ordinary speech."""
    raw = text.strip().encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0
