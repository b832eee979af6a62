import { downloads } from '../../fuzz/targets/downloads.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(downloads);
