"""all-MiniLM-L6-v2: texts to unit vectors, as the model card does it (mean of the word pieces, normalised)."""

import json
import os

import numpy as np

_LONGEST = 256
"""Word pieces; the model card's limit, what follows is not seen."""

_CHARACTERS = 16_384
"""More text than 256 word pieces can hold; the rest need not be tokenized to be dropped."""

_BATCH = 8


class Embedder:
    def __init__(self, folder):
        import ctranslate2
        import tokenizers

        with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        self.name = manifest["name"]
        self.dimensions = manifest["dimensions"]
        self._tokenizer = tokenizers.Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        # The file asks for 128 pieces and pads to as many: neither is what the model card says.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST)
        self._encoder = ctranslate2.Encoder(
            folder, device="cpu", compute_type="int8", intra_threads=1, inter_threads=1
        )

    def embed(self, texts):
        """Texts -> float32 [texts, dimensions], each row of length 1. The same text gives the same row in any company."""
        batches = [self._batch(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(batches) if batches else np.zeros((0, self.dimensions), np.float32)

    def _batch(self, texts):
        ids = [self._tokenizer.encode(_well_formed(text[:_CHARACTERS])).ids for text in texts]
        output = self._encoder.forward_batch(ids, token_type_ids=[[0] * len(one) for one in ids])
        hidden = np.asarray(output.last_hidden_state)
        # Rows are padded to the longest text; the mean is over the text's own pieces only.
        means = np.stack([hidden[row, : len(one)].mean(axis=0) for row, one in enumerate(ids)])
        return means / np.linalg.norm(means, axis=1, keepdims=True)


def _well_formed(text):
    """JSON lets half a surrogate pair through, the tokenizer does not."""
    return text.encode("utf-8", "replace").decode("utf-8")
