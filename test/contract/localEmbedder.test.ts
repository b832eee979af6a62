import { localEmbedder } from '../../jobrunner/adapters/localEmbedder.ts';
import { newInference } from '../support/inference.ts';
import { embedderSuite } from './embedder.suite.ts';

embedderSuite('local all-MiniLM-L6-v2', { meaning: true }, () =>
  Promise.resolve(localEmbedder(newInference())),
);
