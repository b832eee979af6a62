-- Optional: lets the anon key (the publishable key) serve as LoomVideo's key. Apply 0001_loomvideo.sql first.
--
-- WARNING. The anon key is made to be public: every web page or app of the project carries it. With this file applied,
-- anyone who has it can read, change and delete EVERY transcript that LoomVideo stores in the project. Use a project
-- that serves nothing else, and keep the key as secret as a password; or leave this file out, and put a secret key
-- (sb_secret_…, or the service_role key) into SUPABASE_ANON_KEY.
--
-- It grants what the jobrunner does and nothing more. It may be run again at any time. The last lines tell how to take
-- it back.

begin;

grant usage on schema public to anon;
grant select, insert, update, delete on public.loomvideo_videos to anon;
grant select, insert, delete on public.loomvideo_passages to anon;
grant select, insert, update on public.loomvideo_transcripts to anon;

grant execute on function
  public.loomvideo_schema_version(),
  public.loomvideo_access(name),
  public.loomvideo_admit(integer),
  public.loomvideo_save_video(integer, jsonb, jsonb, jsonb),
  public.loomvideo_find_video(integer, text),
  public.loomvideo_purge_video(integer, text, text),
  public.loomvideo_search_passages(integer, text[], integer),
  public.loomvideo_find_passages(integer, jsonb),
  public.loomvideo_status()
to anon;

-- One policy for each thing done, so that what is missing can be named. An upsert needs select, insert and update.
drop policy if exists loomvideo_anon_select on public.loomvideo_videos;
create policy loomvideo_anon_select on public.loomvideo_videos for select to anon using (true);
drop policy if exists loomvideo_anon_insert on public.loomvideo_videos;
create policy loomvideo_anon_insert on public.loomvideo_videos for insert to anon with check (true);
drop policy if exists loomvideo_anon_update on public.loomvideo_videos;
create policy loomvideo_anon_update on public.loomvideo_videos for update to anon using (true) with check (true);
drop policy if exists loomvideo_anon_delete on public.loomvideo_videos;
create policy loomvideo_anon_delete on public.loomvideo_videos for delete to anon using (true);

drop policy if exists loomvideo_anon_select on public.loomvideo_passages;
create policy loomvideo_anon_select on public.loomvideo_passages for select to anon using (true);
drop policy if exists loomvideo_anon_insert on public.loomvideo_passages;
create policy loomvideo_anon_insert on public.loomvideo_passages for insert to anon with check (true);
drop policy if exists loomvideo_anon_delete on public.loomvideo_passages;
create policy loomvideo_anon_delete on public.loomvideo_passages for delete to anon using (true);

drop policy if exists loomvideo_anon_select on public.loomvideo_transcripts;
create policy loomvideo_anon_select on public.loomvideo_transcripts for select to anon using (true);
drop policy if exists loomvideo_anon_insert on public.loomvideo_transcripts;
create policy loomvideo_anon_insert on public.loomvideo_transcripts for insert to anon with check (true);
drop policy if exists loomvideo_anon_update on public.loomvideo_transcripts;
create policy loomvideo_anon_update on public.loomvideo_transcripts for update to anon using (true) with check (true);

notify pgrst, 'reload schema';

commit;

-- To take it back, remove the policies and run 0001_loomvideo.sql again, which then takes the grants from anon:
--
--   drop policy loomvideo_anon_select on public.loomvideo_videos;
--   drop policy loomvideo_anon_insert on public.loomvideo_videos;
--   drop policy loomvideo_anon_update on public.loomvideo_videos;
--   drop policy loomvideo_anon_delete on public.loomvideo_videos;
--   drop policy loomvideo_anon_select on public.loomvideo_passages;
--   drop policy loomvideo_anon_insert on public.loomvideo_passages;
--   drop policy loomvideo_anon_delete on public.loomvideo_passages;
--   drop policy loomvideo_anon_select on public.loomvideo_transcripts;
--   drop policy loomvideo_anon_insert on public.loomvideo_transcripts;
--   drop policy loomvideo_anon_update on public.loomvideo_transcripts;
