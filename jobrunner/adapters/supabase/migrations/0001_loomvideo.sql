-- LoomVideo's record store for Supabase: tables, full-text search and the functions that the jobrunner calls.
--
-- Run it in the project's SQL editor, with psql, or copy it to supabase/migrations and `supabase db push`. It applies
-- whole or not at all, and may be run again at any time: it restores what was changed by hand and deletes nothing.
--
-- It serves the secret key (sb_secret_…, or the older service_role key). The anon key may do nothing until
-- 0002_loomvideo_anon.sql is applied as well; read the warning there first.

begin;

create table if not exists public.loomvideo_videos (
  -- <scope>.<namespace>.<name> of the resource
  key text primary key,
  -- Which resource of that name wrote it: purge removes only what the same one wrote.
  uid text not null,
  url text not null,
  title text not null,
  uploader text,
  duration_seconds double precision not null,
  language text not null,
  transcription_model text not null,
  embedding_model text not null,
  updated_at timestamptz not null default now()
);

create table if not exists public.loomvideo_passages (
  key text not null references public.loomvideo_videos (key) on delete cascade,
  position integer not null,
  -- Seconds from the beginning of the video.
  starts double precision not null,
  ends double precision not null,
  chapter text,
  text text not null,
  -- English stems of the passage; weight A: the chapter's title, B: the text, C: the video's title.
  words tsvector not null,
  primary key (key, position)
);

create index if not exists loomvideo_passages_words on public.loomvideo_passages using gin (words);

-- Apart from the videos, so that a list of them does not read megabytes.
create table if not exists public.loomvideo_transcripts (
  key text primary key references public.loomvideo_videos (key) on delete cascade,
  -- [{ "start": seconds, "end": seconds, "text": … }]
  segments jsonb not null
);

-- Without a policy only roles that bypass row-level security see a row: service_role does, anon does not.
alter table public.loomvideo_videos enable row level security;
alter table public.loomvideo_passages enable row level security;
alter table public.loomvideo_transcripts enable row level security;

-- Raised with every change of these tables and functions. The jobrunner sends the number it knows with each call.
create or replace function public.loomvideo_schema_version()
returns integer
language sql immutable security invoker set search_path = ''
as $$ select 1 $$;

-- What a role needs to serve as LoomVideo's, and what it has: `granted` by GRANT, `admitted` by row-level security.
-- Both are null where the table is missing. Rows that go by a foreign key need no right of their own.
create or replace function public.loomvideo_access(role_name name)
returns table (relation text, command text, granted boolean, admitted boolean)
language sql stable security invoker set search_path = ''
as $$
  select
    needed.relation,
    needed.command,
    has_table_privilege(r.oid, c.oid, needed.command),
    not (
      c.relrowsecurity
      and not r.rolsuper
      and not r.rolbypassrls
      and (c.relforcerowsecurity or not pg_has_role(r.oid, c.relowner, 'usage'))
    ) or exists (
      select from pg_policy as p
      where p.polrelid = c.oid
        and p.polpermissive
        and p.polcmd in ('*', needed.polcmd)
        and exists (select from unnest(p.polroles) as t (oid) where t.oid = 0 or pg_has_role(r.oid, t.oid, 'usage'))
    )
  from (
    values
      ('loomvideo_videos', 'SELECT', 'r'::"char"),
      ('loomvideo_videos', 'INSERT', 'a'),
      ('loomvideo_videos', 'UPDATE', 'w'),
      ('loomvideo_videos', 'DELETE', 'd'),
      ('loomvideo_passages', 'SELECT', 'r'),
      ('loomvideo_passages', 'INSERT', 'a'),
      ('loomvideo_passages', 'DELETE', 'd'),
      ('loomvideo_transcripts', 'SELECT', 'r'),
      ('loomvideo_transcripts', 'INSERT', 'a'),
      ('loomvideo_transcripts', 'UPDATE', 'w')
  ) as needed (relation, command, polcmd)
  join pg_roles as r on r.rolname = role_name
  left join pg_class as c on c.oid = to_regclass('public.' || needed.relation)
$$;

-- The first step of every call: stops a jobrunner of another version, and a role whose rows a missing policy hides.
-- Row-level security by itself would not say a word then: a search would just find nothing.
create or replace function public.loomvideo_admit(client_schema integer)
returns void
language plpgsql stable security invoker set search_path = ''
as $$
declare
  hidden record;
begin
  if client_schema is distinct from public.loomvideo_schema_version() then
    raise exception 'The tables are of version %, the caller knows version %.',
      public.loomvideo_schema_version(), client_schema
      using errcode = 'LV001', detail = public.loomvideo_schema_version()::text;
  end if;
  select a.relation, a.command into hidden
  from public.loomvideo_access(current_user) as a where not a.admitted limit 1;
  if found then
    raise exception 'row-level security: no policy lets role "%" % in table "%"',
      current_user, hidden.command, hidden.relation
      using errcode = 'insufficient_privilege';
  end if;
end
$$;

-- Replaces all that is stored under the video's key. One call is one transaction: a reader sees the old or the new.
-- Repeated, it changes nothing but updated_at. Returns the number of passages stored.
--
-- `*_words` are the words to find a passage by, as jobrunner/adapters/supabase/indexWords.ts makes them: the same
-- folding is used on a query, whatever this database thinks of accents and letter case.
create or replace function public.loomvideo_save_video(
  client_schema integer,
  video jsonb,
  passages jsonb,
  segments jsonb
)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  video_key constant text := video ->> 'key';
  title_words constant tsvector := setweight(to_tsvector('english', video ->> 'title_words'), 'C');
  stored integer;
begin
  perform public.loomvideo_admit(client_schema);

  -- The row is locked from here to the end: another save of this key waits, and then replaces this one.
  insert into public.loomvideo_videos (
    key, uid, url, title, uploader, duration_seconds, language, transcription_model, embedding_model
  )
  select
    v.key, v.uid, v.url, v.title, v.uploader, v.duration_seconds, v.language, v.transcription_model, v.embedding_model
  from jsonb_to_record(video) as v (
    key text, uid text, url text, title text, uploader text, duration_seconds double precision, language text,
    transcription_model text, embedding_model text
  )
  on conflict (key) do update set
    uid = excluded.uid,
    url = excluded.url,
    title = excluded.title,
    uploader = excluded.uploader,
    duration_seconds = excluded.duration_seconds,
    language = excluded.language,
    transcription_model = excluded.transcription_model,
    embedding_model = excluded.embedding_model,
    updated_at = now();

  delete from public.loomvideo_passages as p where p.key = video_key;

  insert into public.loomvideo_passages (key, position, starts, ends, chapter, text, words)
  select
    video_key, p.position, p.starts, p.ends, p.chapter, p.text,
    setweight(to_tsvector('english', coalesce(p.chapter_words, '')), 'A')
      || setweight(to_tsvector('english', p.text_words), 'B')
      || title_words
  from jsonb_to_recordset(passages) as p (
    position integer, starts double precision, ends double precision, chapter text, text text,
    chapter_words text, text_words text
  );
  get diagnostics stored = row_count;

  insert into public.loomvideo_transcripts (key, segments) values (video_key, loomvideo_save_video.segments)
  on conflict (key) do update set segments = excluded.segments;

  return stored;
end
$$;

-- The video with all that belongs to it, or null.
create or replace function public.loomvideo_find_video(client_schema integer, video_key text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform public.loomvideo_admit(client_schema);
  return (
    select to_jsonb(v) || jsonb_build_object(
      'segments', t.segments,
      'passages', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'position', p.position, 'starts', p.starts, 'ends', p.ends, 'chapter', p.chapter, 'text', p.text
        ) order by p.position), '[]')
        from public.loomvideo_passages as p where p.key = v.key
      )
    )
    from public.loomvideo_videos as v join public.loomvideo_transcripts as t on t.key = v.key
    where v.key = video_key
  );
end
$$;

-- Removes the video if this very uid wrote it, and with it what refers to it. Returns the number removed: 0 or 1.
create or replace function public.loomvideo_purge_video(client_schema integer, video_key text, video_uid text)
returns integer
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  removed integer;
begin
  perform public.loomvideo_admit(client_schema);
  delete from public.loomvideo_videos as v where v.key = video_key and v.uid = video_uid;
  get diagnostics removed = row_count;
  return removed;
end
$$;

-- Passages with any of the words, best first, with what is needed to show them.
--
-- score = sum over the query's words w of idf(w) * tf(w, passage), like BM25:
--   idf(w) = ln(1 + (N - n(w) + 0.5) / (n(w) + 0.5)); N passages in all, n(w) of them with the word
--   tf = ts_rank of the one word: its best place counts in full and further ones ever less, so that it nears a limit
--     the more often the word occurs; divided by the logarithm of the passage's length (normalization 1). A place in
--     chapter, text and title weighs 1, 0.5 and 0.25: twice, once and half.
-- ts_rank of the whole query would not do: it knows nothing of how rare a word is.
--
-- coverage = the share of the query's words which the passage has. Words that English passes over ("the") are in no
-- passage and count neither way.
create or replace function public.loomvideo_search_passages(client_schema integer, words text[], max_results integer)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform public.loomvideo_admit(client_schema);
  return (
    with asked as materialized (
      -- plainto_tsquery reads no operators: whatever the word, it is only looked up.
      select w.place, plainto_tsquery('english', w.word) as query
      from unnest(loomvideo_search_passages.words) with ordinality as w (word, place)
      where numnode(plainto_tsquery('english', w.word)) > 0
    ),
    hits as materialized (
      select a.place, p.key, p.position, ts_rank('{0, 0.25, 0.5, 1}', p.words, a.query, 1) as tf
      from asked as a join public.loomvideo_passages as p on p.words @@ a.query
    ),
    weights as (
      select h.place, ln(1 + (n.passages - count(*) + 0.5) / (count(*) + 0.5)) as idf
      from hits as h cross join (select count(*) as passages from public.loomvideo_passages) as n
      group by h.place, n.passages
    ),
    ranked as (
      select
        h.key, h.position, sum(w.idf * h.tf) as score,
        count(*)::double precision / (select count(*) from asked) as coverage
      from hits as h join weights as w using (place)
      group by h.key, h.position
      order by score desc, h.key, h.position
      limit max_results
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'key', v.key, 'uid', v.uid, 'title', v.title, 'url', v.url,
      'position', p.position, 'starts', p.starts, 'ends', p.ends, 'chapter', p.chapter, 'text', p.text,
      'score', r.score, 'coverage', r.coverage
    ) order by r.score desc, r.key, r.position), '[]')
    from ranked as r
    join public.loomvideo_passages as p on p.key = r.key and p.position = r.position
    join public.loomvideo_videos as v on v.key = r.key
  );
end
$$;

-- Of [{ "key", "uid", "position" }], the passages that exist and that the same uid wrote.
create or replace function public.loomvideo_find_passages(client_schema integer, wanted jsonb)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  perform public.loomvideo_admit(client_schema);
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'key', v.key, 'uid', v.uid, 'title', v.title, 'url', v.url,
      'position', p.position, 'starts', p.starts, 'ends', p.ends, 'chapter', p.chapter, 'text', p.text
    )), '[]')
    from jsonb_to_recordset(wanted) as w (key text, uid text, position integer)
    join public.loomvideo_videos as v on v.key = w.key and v.uid = w.uid
    join public.loomvideo_passages as p on p.key = w.key and p.position = w.position
  );
end
$$;

-- All that `npm run db:check` tells of: what is there, and what the calling role may do with it.
create or replace function public.loomvideo_status()
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'schema_version', public.loomvideo_schema_version(),
    'role', current_user,
    'bypasses_rls', (select r.rolbypassrls or r.rolsuper from pg_roles as r where r.rolname = current_user),
    'tables', (
      select jsonb_agg(jsonb_build_object(
        'name', t.name,
        'exists', c.oid is not null,
        'rls', coalesce(c.relrowsecurity, false),
        'access', (
          select jsonb_agg(jsonb_build_object(
            'command', a.command, 'granted', coalesce(a.granted, false), 'admitted', coalesce(a.admitted, false)
          ))
          from public.loomvideo_access(current_user) as a where a.relation = t.name
        ),
        'policies', (
          select coalesce(jsonb_agg(p.polname order by p.polname), '[]')
          from pg_policy as p
          where p.polrelid = c.oid and exists (
            select from unnest(p.polroles) as o (oid) where o.oid = 0 or pg_has_role(current_user, o.oid, 'usage')
          )
        )
      ) order by t.name)
      from unnest(array['loomvideo_videos', 'loomvideo_passages', 'loomvideo_transcripts']) as t (name)
      left join pg_class as c on c.oid = to_regclass('public.' || t.name)
    ),
    'functions', (
      select jsonb_agg(jsonb_build_object(
        'signature', f.signature,
        'exists', to_regprocedure('public.' || f.signature) is not null,
        'granted', coalesce(has_function_privilege(to_regprocedure('public.' || f.signature), 'execute'), false)
      ) order by f.signature)
      from unnest(array[
        'loomvideo_schema_version()',
        'loomvideo_access(name)',
        'loomvideo_admit(integer)',
        'loomvideo_save_video(integer,jsonb,jsonb,jsonb)',
        'loomvideo_find_video(integer,text)',
        'loomvideo_purge_video(integer,text,text)',
        'loomvideo_search_passages(integer,text[],integer)',
        'loomvideo_find_passages(integer,jsonb)',
        'loomvideo_status()'
      ]) as f (signature)
    ),
    -- Roles whose keys or sessions a public app hands out, and that may read a table here.
    'readable_by', (
      select coalesce(jsonb_agg(r.rolname order by r.rolname), '[]')
      from pg_roles as r
      where r.rolname in ('anon', 'authenticated') and exists (
        select from public.loomvideo_access(r.rolname) as a where a.command = 'SELECT' and a.granted and a.admitted
      )
    )
  )
$$;

-- PostgreSQL lets everyone call a new function, and older Supabase projects grant every new table and function to anon
-- and authenticated. Ours are for service_role; what 0002 gave to anon stays, if 0002 is applied.
do $$
declare
  ours text;
  outsiders text := 'public, authenticated';
begin
  if not exists (select from pg_policies where schemaname = 'public' and policyname like 'loomvideo\_anon\_%') then
    outsiders := outsiders || ', anon';
  end if;
  foreach ours in array array[
    'table public.loomvideo_videos',
    'table public.loomvideo_passages',
    'table public.loomvideo_transcripts',
    'function public.loomvideo_schema_version()',
    'function public.loomvideo_access(name)',
    'function public.loomvideo_admit(integer)',
    'function public.loomvideo_save_video(integer, jsonb, jsonb, jsonb)',
    'function public.loomvideo_find_video(integer, text)',
    'function public.loomvideo_purge_video(integer, text, text)',
    'function public.loomvideo_search_passages(integer, text[], integer)',
    'function public.loomvideo_find_passages(integer, jsonb)',
    'function public.loomvideo_status()'
  ] loop
    execute format('revoke all on %s from %s', ours, outsiders);
    if ours like 'function %' then
      execute format('grant execute on %s to service_role', ours);
    end if;
  end loop;
end
$$;

-- Projects made since May 2026 grant nothing by themselves (https://supabase.com/changelog, 28 April 2026).
grant usage on schema public to service_role;
grant select, insert, update, delete on public.loomvideo_videos to service_role;
grant select, insert, delete on public.loomvideo_passages to service_role;
grant select, insert, update on public.loomvideo_transcripts to service_role;

-- The API answers "not found" for a new function until it has read the schema anew.
notify pgrst, 'reload schema';

commit;
