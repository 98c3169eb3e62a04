// SPDX-License-Identifier: MIT
// The page at work: the range that was chosen, what the stream tells, what the store is asked for,
// and in what state that is. Invariant: what is on the page is of one range, and while nobody
// answers the page says so.
import { drawCharts } from './dashboard/charts.js';
import { showAllSessions, showPicture, showSummary } from './dashboard/page.js';
import { $, element, setText } from './dashboard/tables.js';

const ASK_AT_MOST_EVERY_MS = 2000; // the store, however much the stream tells
const ASK_SHARE = 10; // and it rests so many times as long as it took to answer
const TRY_AGAIN_MS = 3000;
const LOADING_AFTER_MS = 200; // an answer that is sooner needs no flicker
const CLOCK_MS = 10_000;

const range = { period: 'week', groupBy: 'day' };
let picture = null; // the newest line of the stream, sessions apart
const sessions = new Map();
let answers = null; // {summary, timeline} of `range`
let from_s = 0;

// ---- state ----

let state = 'loading';
let since_ms = Date.now();

const WORDS = {
  loading: () => 'loading…',
  live: () => (picture?.state === 'partial' ? `reading transcripts${picture.scan ? `, ${picture.scan.files} of ${picture.scan.of}` : ''}…` : 'live'),
  disconnected: () => `disconnected since ${new Date(since_ms).toLocaleTimeString()}`,
  closed: () => 'closed',
};
const NOTICES = {
  disconnected: 'The collector does not answer; these are the last figures it gave. Trying again by itself: `shmeter daemon status` says how it is.',
  closed: 'This page may not ask any more: its twelve hours are over, or the collector was started anew. Run `shmeter dashboard` and open its link; this page then goes on, too.',
};

/// What stands between backticks is to be typed. Said again it is no news to who hears it.
function showNotice(text) {
  const at = $('notice');
  at.hidden = text === '';
  if (at.dataset.text === text) return;
  at.dataset.text = text;
  at.replaceChildren(...text.split('`').map((part, i) => (i % 2 ? element('code', {}, part) : part)));
}

function showState() {
  document.body.dataset.state = state;
  setText('state-text', WORDS[state]());
  showNotice(NOTICES[state] ?? (answers?.none ? `No figures over time: ${answers.none}. Limits and sessions are live.` : ''));
  $('main').setAttribute('aria-busy', String(state === 'loading'));
}

function enter(next) {
  if (next !== state) since_ms = Date.now();
  state = next;
  showState();
}

// ---- what is shown ----

const now_s = () => Date.now() / 1000;

function show() {
  if (answers?.summary) showSummary(answers.summary, now_s());
  if (picture) showPicture(picture, [...sessions.values()], from_s, now_s());
  if (picture && answers) enter('live');
}

function redraw() {
  if (answers?.timeline) drawCharts(answers.timeline, answers.summary);
}

// ---- asking ----

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(target) {
  const got = await fetch(target, { credentials: 'same-origin' });
  if (!got.ok) throw new Refused(got.status, (await got.json().catch(() => null))?.error?.message ?? '');
  return got.json();
}

let asked = 0;
let pending = false; // the last question is not answered yet
let news = false; // since it was asked
async function askStore() {
  const mine = ++asked;
  pending = true;
  const { period, groupBy } = range;
  try {
    const [summary, timeline] = await Promise.all([
      ask(`/api/usage/summary?period=${period}`), ask(`/api/usage/timeline?period=${period}&groupBy=${groupBy}`),
    ]);
    if (mine !== asked) return; // another range was chosen meanwhile
    took_ms = Date.now() - askedAt_ms;
    from_s = timeline.from;
    answers = { summary, timeline };
    document.body.dataset.range = `${period} ${groupBy}`;
    show();
    redraw();
    setText('as-of', `Figures of ${new Date().toLocaleTimeString()}.`);
  } catch (trouble) {
    if (mine !== asked) return;
    if (trouble.status === 503) { // the store is not there, or busy; the stream says when to ask again
      answers = { none: trouble.message };
      show();
    } else lost(trouble);
  } finally {
    if (mine === asked) {
      pending = false;
      if (news) askSoon();
    }
  }
}

let asking = null;
let askedAt_ms = 0;
let took_ms = 0;
/// When it may be asked again; at once when somebody chose another range.
function askSoon(at_once = false) {
  if (at_once) {
    clearTimeout(asking);
    asking = null;
    askedAt_ms = 0;
  }
  if (pending && !at_once) {
    news = true;
    return;
  }
  news = false;
  if (asking !== null) return;
  asking = setTimeout(() => {
    asking = null;
    askedAt_ms = Date.now();
    askStore();
  }, Math.max(0, askedAt_ms + Math.max(ASK_AT_MOST_EVERY_MS, ASK_SHARE * took_ms) - Date.now()));
}

// ---- the stream ----

let stream = null;
let connecting = false;
let again = null;

/// Who does not look needs no stream: a browser has six connections for all pages of one address,
/// and keeps those of pages that were left for a while.
function rest() {
  stream?.close();
  stream = null;
  clearTimeout(again);
  again = null;
}

function lost(trouble) {
  rest();
  enter(trouble?.status === 401 || trouble?.status === 403 ? 'closed' : 'disconnected');
  again = setTimeout(connect, TRY_AGAIN_MS);
}

/// A stream does not say why it failed; a question does.
async function connect() {
  if (document.hidden || stream || connecting) return;
  connecting = true;
  try {
    await ask('/api/quota');
  } catch (trouble) {
    lost(trouble);
    return;
  } finally {
    connecting = false;
  }
  if (document.hidden) return;
  stream = new EventSource('/api/stream');
  let whole = true; // the first line of a stream; later ones say what changed
  stream.onmessage = (event) => {
    took(JSON.parse(event.data), whole);
    whole = false;
  };
  stream.onerror = () => lost();
}

function took(line, whole) {
  if (whole) sessions.clear();
  picture = whole ? line : { ...picture, ...line };
  setText('version', `shmeter ${picture.writer?.version ?? ''}`);
  for (const one of line.sessions ?? []) sessions.set(one.session_id, one);
  show();
  askSoon();
}

// ---- what people do ----

/// The last 24 hours are no day: in days they would be today alone, and the cards of more than that.
function settleRange() {
  const controls = $('controls').elements;
  if (range.period === 'day') range.groupBy = 'hour';
  for (const one of controls.groupBy) one.disabled = range.period === 'day' && one.value === 'day';
  for (const [name, value] of Object.entries(range)) controls[name].value = value;
}

function readRange() {
  const [period, groupBy] = location.hash.slice(1).split('-');
  if (['day', 'week', 'month'].includes(period)) range.period = period;
  if (['hour', 'day'].includes(groupBy)) range.groupBy = groupBy;
  settleRange();
}

function choose(event) {
  range[event.target.name] = event.target.value;
  if (event.target.name === 'period') range.groupBy = 'day'; // a month of hours is for who asks for it
  settleRange();
  history.replaceState(null, '', `#${range.period}-${range.groupBy}`);
  askSoon(true);
  answers = null; // those were of another range
  setTimeout(() => { if (answers === null && state === 'live') enter('loading'); }, LOADING_AFTER_MS);
}

function changeTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('shmeter-theme', root.dataset.theme);
  } catch {
    // Storage may be forbidden; then it holds until the page is left.
  }
  redraw();
}

readRange();
showState();
$('controls').addEventListener('change', choose);
$('controls').addEventListener('submit', (event) => event.preventDefault());
$('theme').addEventListener('click', changeTheme);
$('all-sessions').addEventListener('click', () => { showAllSessions(); show(); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
document.addEventListener('visibilitychange', () => { if (document.hidden) rest(); else connect(); });
window.addEventListener('pagehide', rest);
window.addEventListener('pageshow', connect);
setInterval(() => {
  if (state === 'live') show();
  else showState();
}, CLOCK_MS);
connect();
askSoon();
