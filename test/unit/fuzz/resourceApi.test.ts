import { resourceApi } from '../../fuzz/targets/resourceApi.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(resourceApi);
