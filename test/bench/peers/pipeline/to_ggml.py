"""Writes Whisper tiny.en, as published in CTranslate2's form with float16 weights, as a file that whisper.cpp reads.

Usage: to_ggml.py MODEL_FOLDER OUTPUT_FILE

The weights stay the bits they are, so that both engines run the same ones. Format, names, and which tensors are float32 are
those of whisper.cpp's own models/convert-pt-to-ggml.py, which starts from OpenAI's checkpoint.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

sys.path.append(str(Path(__file__).parents[4] / "jobrunner" / "setup"))
from convert_whisper import HEADS, LAYERS, read_variables

MAGIC = 0x67676D6C
FLOAT32, FLOAT16 = 0, 1
# Whisper's: https://github.com/openai/whisper/blob/main/whisper/audio.py
MELS = 80
SAMPLE_RATE = 16_000
FFT = 400
# GPT-2's vocabulary with <|endoftext|>, its last; whisper.cpp adds the special tokens behind it by itself.
WORDS = 50_257

# The matrices of an attention in CTranslate2's order, and the projections whose rows stand in each.
SELF_ATTENTION = (("query", "key", "value"), ("out",))
CROSS_ATTENTION = (("query",), ("key", "value"), ("out",))
# float32 although they have two dimensions.
POSITIONS = ("encoder.positional_embedding", "decoder.positional_embedding")
CONVOLUTION_BIASES = ("encoder.conv1.bias", "encoder.conv2.bias")


class Weights:
    """Yields (OpenAI's name, array) of parts of a model whose variables have CTranslate2's names."""

    def __init__(self, variables):
        self.variables = variables

    def plain(self, scope, name):
        yield f"{name}.weight", self.variables[f"{scope}/weight"]
        yield f"{name}.bias", self.variables[f"{scope}/bias"]

    def norm(self, scope, name):
        yield f"{name}.weight", self.variables[f"{scope}/gamma"]
        yield f"{name}.bias", self.variables[f"{scope}/beta"]

    def attention(self, scope, name, matrices):
        for number, projections in enumerate(matrices):
            weight = self.variables[f"{scope}/linear_{number}/weight"]
            bias = self.variables[f"{scope}/linear_{number}/bias"]
            parts = zip(projections, np.split(weight, len(projections)), np.split(bias, len(projections)), strict=True)
            for projection, rows, biases in parts:
                yield f"{name}.{projection}.weight", rows
                if projection != "key":
                    yield f"{name}.{projection}.bias", biases
                elif biases.any():
                    sys.exit(f"{scope}: the keys have a bias, which whisper.cpp has no place for")

    def layer(self, scope, name, crosses):
        yield from self.norm(f"{scope}/self_attention/layer_norm", f"{name}.attn_ln")
        yield from self.attention(f"{scope}/self_attention", f"{name}.attn", SELF_ATTENTION)
        if crosses:
            yield from self.norm(f"{scope}/attention/layer_norm", f"{name}.cross_attn_ln")
            yield from self.attention(f"{scope}/attention", f"{name}.cross_attn", CROSS_ATTENTION)
        yield from self.norm(f"{scope}/ffn/layer_norm", f"{name}.mlp_ln")
        yield from self.plain(f"{scope}/ffn/linear_0", f"{name}.mlp.0")
        yield from self.plain(f"{scope}/ffn/linear_1", f"{name}.mlp.2")

    def all(self):
        yield "encoder.positional_embedding", self.variables["encoder/position_encodings/encodings"]
        for convolution in ("conv1", "conv2"):
            yield from self.plain(f"encoder/{convolution}", f"encoder.{convolution}")
        for number in range(LAYERS):
            yield from self.layer(f"encoder/layer_{number}", f"encoder.blocks.{number}", crosses=False)
        yield from self.norm("encoder/layer_norm", "encoder.ln_post")
        yield "decoder.positional_embedding", self.variables["decoder/position_encodings/encodings"]
        yield "decoder.token_embedding.weight", self.variables["decoder/embeddings/weight"]
        for number in range(LAYERS):
            yield from self.layer(f"decoder/layer_{number}", f"decoder.blocks.{number}", crosses=True)
        yield from self.norm("decoder/layer_norm", "decoder.ln")


def bytes_of_characters():
    """GPT-2 writes each byte as a printable character: https://github.com/openai/gpt-2/blob/master/src/encoder.py"""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}


def words(tokenizer_path):
    """The words in order of their number, as bytes."""
    with open(tokenizer_path, encoding="utf-8") as file:
        vocabulary = json.load(file)["model"]["vocab"]
    byte_of = bytes_of_characters()
    by_number = {number: word for word, number in vocabulary.items()}
    return [bytes(byte_of[character] for character in by_number[number]) for number in range(WORDS)]


def write_numbers(file, *numbers):
    file.write(struct.pack(f"<{len(numbers)}i", *numbers))


def write_tensor(file, name, array):
    if name in CONVOLUTION_BIASES:
        array = array.reshape(-1, 1)
    is_small = array.ndim < 2 or name in POSITIONS or name in CONVOLUTION_BIASES
    encoded = name.encode()
    write_numbers(file, array.ndim, len(encoded), FLOAT32 if is_small else FLOAT16, *reversed(array.shape))
    file.write(encoded)
    file.write(array.astype("<f4" if is_small else "<f2").tobytes())


def main(model, output):
    variables = read_variables(Path(model) / "model.bin")
    audio_context, audio_state = variables["encoder/position_encodings/encodings"].shape
    text_context, text_state = variables["decoder/position_encodings/encodings"].shape
    vocabulary_size = len(variables["decoder/embeddings/weight"])
    with open(output, "wb") as file:
        write_numbers(file, MAGIC, vocabulary_size)
        write_numbers(file, audio_context, audio_state, HEADS, LAYERS)
        write_numbers(file, text_context, text_state, HEADS, LAYERS)
        write_numbers(file, MELS, FLOAT16)
        filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE, FFT, MELS).astype("<f4")
        write_numbers(file, *filters.shape)
        file.write(filters.tobytes())
        vocabulary = words(Path(model) / "tokenizer.json")
        write_numbers(file, len(vocabulary))
        for word in vocabulary:
            write_numbers(file, len(word))
            file.write(word)
        for name, array in Weights(variables).all():
            write_tensor(file, name, array)


if __name__ == "__main__":
    main(*sys.argv[1:])
