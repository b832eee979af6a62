"""Speech to text and text embeddings, on CTranslate2. See docs/decisions/0002-inference-worker.md."""
