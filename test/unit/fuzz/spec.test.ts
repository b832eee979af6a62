import { spec } from '../../fuzz/targets/spec.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(spec);
