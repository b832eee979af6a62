/** The page's entry: shows the state whenever it changes, and keeps it as the server has it. */
import { render } from './html.js';
import { effect, untracked } from './signals.js';
import { narrowTo } from './state/list.js';
import { route } from './state/route.js';
import { searchFor } from './state/search.js';
import { isIn, loadSession } from './state/session.js';
import { startSync, stopSync } from './state/sync.js';
import { app } from './views/app.js';
import { followRoute } from './views/focus.js';

const root = document.querySelector('#app');
if (!(root instanceof HTMLElement)) throw new Error('index.html has no #app');

effect(() => {
  render(app(), root);
});

effect(() => {
  const mayAsk = isIn.value;
  untracked(() => {
    if (mayAsk) void startSync();
    else stopSync();
  });
});

effect(() => {
  const at = route.value;
  const mayAsk = isIn.value;
  untracked(() => {
    if (at.view === 'videos') narrowTo(at.filter, mayAsk);
    if (at.view === 'search' && mayAsk) searchFor(at.query);
  });
});

followRoute();
void loadSession();
