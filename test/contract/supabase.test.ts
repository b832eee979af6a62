import { after, before, describe } from 'node:test';
import { supabaseRecordStore } from '../../jobrunner/adapters/supabase/supabaseRecordStore.ts';
import type { RecordStore } from '../../jobrunner/ports.ts';
import { projectOptions } from '../support/services/supabase/client.ts';
import { startSupabase, type Supabase } from '../support/services/supabase/supabase.ts';
import { recordStoreSuite } from './recordStore.suite.ts';

describe('Supabase', () => {
  let project: Supabase;
  before(async () => {
    project = await startSupabase();
  });
  after(() => project.close());

  const open = async (key: 'secret' | 'anon'): Promise<RecordStore> => {
    await project.sql('delete from loomvideo_videos');
    return supabaseRecordStore(projectOptions(project, key));
  };

  recordStoreSuite('supabase with a secret key', () => open('secret'));
  recordStoreSuite('supabase with the anon key and its policies', () => open('anon'));
});
