import { stageReports } from '../../fuzz/targets/reports.ts';
import { keepAlive } from './keepAlive.ts';

keepAlive(stageReports);
