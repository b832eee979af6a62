import { manifests } from '../../fuzz/targets/manifests.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(manifests);
