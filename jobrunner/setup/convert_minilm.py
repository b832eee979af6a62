"""Converts all-MiniLM-L6-v2 (safetensors) to CTranslate2's form with int8 weights.

Usage: convert_minilm.py SOURCE_FOLDER OUTPUT_FOLDER

CTranslate2's own converter does the same through torch and transformers, which would add gigabytes to the set-up
for half a second of work.
"""

import json
import os
import struct
import sys

import numpy as np
from ctranslate2.converters.utils import fuse_linear
from ctranslate2.specs import common_spec, transformer_spec
from tokenizers import Tokenizer

# config.json of the model
LAYERS = 6
HEADS = 12
LAYER_NORM_EPSILON = 1e-12
# sentence_bert_config.json: what the model was trained to read. The published tokenizer.json cuts at 128 and pads
# every text to 128, which wastes most of the work on a short query.
MAX_TOKENS = 256


def read_safetensors(path):
    """The float32 tensors of a safetensors file by name (writable, as quantization works in place).

    The file is a length, a JSON header with offsets, and raw data.
    """
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            begin, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"]).copy()
    return tensors


def set_linear(spec, tensors, name):
    spec.weight = tensors[name + ".weight"]
    spec.bias = tensors[name + ".bias"]


def set_layer_norm(spec, tensors, name):
    spec.gamma = tensors[name + ".weight"]
    spec.beta = tensors[name + ".bias"]


def encoder_spec(tensors):
    spec = transformer_spec.TransformerEncoderSpec(
        LAYERS,
        HEADS,
        pre_norm=False,
        activation=common_spec.Activation.GELU,
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD,
    )
    spec.scale_embeddings = False
    spec.embeddings[0].weight = tensors["embeddings.word_embeddings.weight"]
    spec.embeddings[1].weight = tensors["embeddings.token_type_embeddings.weight"]
    spec.position_encodings.encodings = tensors["embeddings.position_embeddings.weight"]
    set_layer_norm(spec.layernorm_embedding, tensors, "embeddings.LayerNorm")
    for index, layer in enumerate(spec.layer):
        prefix = f"encoder.layer.{index}."
        parts = []
        for part in ("query", "key", "value"):
            linear = common_spec.LinearSpec()
            set_linear(linear, tensors, f"{prefix}attention.self.{part}")
            parts.append(linear)
        fuse_linear(layer.self_attention.linear[0], parts)
        set_linear(layer.self_attention.linear[1], tensors, prefix + "attention.output.dense")
        set_layer_norm(layer.self_attention.layer_norm, tensors, prefix + "attention.output.LayerNorm")
        set_linear(layer.ffn.linear_0, tensors, prefix + "intermediate.dense")
        set_linear(layer.ffn.linear_1, tensors, prefix + "output.dense")
        set_layer_norm(layer.ffn.layer_norm, tensors, prefix + "output.LayerNorm")
    return spec


def main(source, output):
    tokenizer = Tokenizer.from_file(os.path.join(source, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tensors = read_safetensors(os.path.join(source, "model.safetensors"))
    # No pooling layer: sentences are the mean of the token vectors, the pooler belongs to BERT's pre-training.
    spec = transformer_spec.TransformerEncoderModelSpec(encoder_spec(tensors))
    spec.config.unk_token = "[UNK]"
    spec.config.layer_norm_epsilon = LAYER_NORM_EPSILON
    spec.register_vocabulary([tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())])
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(output)
    tokenizer.save(os.path.join(output, "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
