import { media } from '../../fuzz/targets/media.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(media);
