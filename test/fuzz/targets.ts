import type { Target } from './property.ts';
import { captions } from './targets/captions.ts';
import { downloads } from './targets/downloads.ts';
import { manifests } from './targets/manifests.ts';
import { media } from './targets/media.ts';
import { programApi } from './targets/programApi.ts';
import { quantitiesTarget } from './targets/quantities.ts';
import { stageReports } from './targets/reports.ts';
import { resourceApi } from './targets/resourceApi.ts';
import { search } from './targets/search.ts';
import { spec } from './targets/spec.ts';

export const TARGETS: readonly Target[] = [
  spec,
  manifests,
  media,
  stageReports,
  captions,
  downloads,
  resourceApi,
  programApi,
  search,
  quantitiesTarget,
];
