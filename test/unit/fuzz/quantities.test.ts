import { quantitiesTarget } from '../../fuzz/targets/quantities.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(quantitiesTarget);
