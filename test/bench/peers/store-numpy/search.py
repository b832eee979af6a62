"""Plain brute force, a yardstick for the embedded store's vector search: all vectors in one matrix in memory, a matrix
product and a partial sort. Arguments: the store's file, a file of queries (float32, one after another), their length, and
how many passages are wanted. Prints JSON: milliseconds and ids of each query, and the process' highest memory in MB."""

import json
import re
import sqlite3
import sys
import time

import numpy as np

file, queries_file, dimensions, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

rows = sqlite3.connect(f"file:{file}?mode=ro", uri=True).execute("SELECT key, position, embedding FROM vectors")
ids, vectors = [], bytearray()
for key, position, embedding in rows:
    ids.append(f"{key}#{position}")
    vectors += embedding
# Of unit length, as all that is stored: the product is the cosine.
matrix = np.frombuffer(vectors, dtype=np.float32).reshape(-1, dimensions)
queries = np.fromfile(queries_file, dtype=np.float32).reshape(-1, dimensions)


def search(query):
    scores = matrix @ query
    best = np.argpartition(scores, -wanted)[-wanted:]
    return best[np.argsort(-scores[best])]


milliseconds, found = [], []
for query in queries:
    began = time.perf_counter()
    best = search(query)
    milliseconds.append(1000 * (time.perf_counter() - began))
    found.append([ids[index] for index in best])

# getrusage would count what the process was before it became this one.
with open("/proc/self/status") as status:
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) / 1024
print(json.dumps({"milliseconds": milliseconds, "found": found, "peakMb": peak}))
