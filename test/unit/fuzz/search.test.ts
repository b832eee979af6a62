import { search } from '../../fuzz/targets/search.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(search);
