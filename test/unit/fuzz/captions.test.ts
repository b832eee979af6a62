import { captions } from '../../fuzz/targets/captions.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(captions);
