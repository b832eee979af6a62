"""Whisper's tokens to text. Only decoding is needed here, and the tokenizers library takes 20 MB and 0.2 s to load."""

import json
import os


def _byte_of_character():
    """GPT-2's byte-level alphabet: each byte has a printable stand-in character."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    table.update({chr(256 + index): byte for index, byte in enumerate(others)})
    return table


class Vocabulary:
    """The tokens of one Whisper model, by id."""

    def __init__(self, folder):
        self._tokens = _read(folder)
        self._bytes = _byte_of_character()
        first = self.id("<|endoftext|>")
        self._special = {token: index for index, token in enumerate(self._tokens[first:], first)}
        self.end_of_text = first
        self.start = self.id("<|startoftranscript|>")
        self.transcribe = self.id("<|transcribe|>")
        self.timestamp_begin = self.id("<|notimestamps|>") + 1

    def id(self, token):
        return self._tokens.index(token)

    def language(self, code):
        """The id of a language's token, or None when Whisper does not know the language."""
        return self._special.get(f"<|{code}|>")

    def text(self, ids):
        """Text of the ids, leaving out timestamps and other special tokens."""
        words = "".join(self._tokens[i] for i in ids if i < self.end_of_text)
        return bytes(self._bytes[character] for character in words).decode("utf-8", errors="ignore")


def _read(folder):
    """vocabulary.json (a list) or vocabulary.txt (one token a line), whichever the model came with."""
    path = os.path.join(folder, "vocabulary.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    with open(os.path.join(folder, "vocabulary.txt"), encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")
