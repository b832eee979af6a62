import { programApi } from '../../fuzz/targets/programApi.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(programApi);
