// SPDX-License-Identifier: MIT
// What the picture and the summary say, on the page: cards, limits and tables. Invariant: each
// figure says how many requests it rests on, and what nobody measured is said to be so.
import { ago, atLeast, compact, count, DASH, duration, milliseconds, money, percent, plural, priced, TELEMETRY } from './format.js';
import { $, element, fill, setFigure, setText, settle } from './tables.js';

const FIRST_SESSIONS = 12;
const ACTIVE_S = 600; // a session that nobody verified is taken for active so long
const WINDOW_NAME = { five_hour: '5 hours', seven_day: '7 days' };

// ---- cards ----

function showCards({ summary, byModel, latency, measured }) {
  const all = summary.totalRequests;
  setFigure('requests', count(all), all);
  setText('requests-of', all === 0 ? 'none in this range' : `${count(summary.failedRequests)} failed`);

  const outcomes = measured.outcome_requests;
  const success = outcomes > 0 ? (100 * (outcomes - summary.failedRequests)) / outcomes : null;
  setFigure('success', success === null ? DASH : percent(outcomes - summary.failedRequests, outcomes), success);
  setText('success-of', outcomes > 0 ? `of ${plural(outcomes, 'request')}` : all > 0 ? TELEMETRY : 'no requests');

  const timed = measured.latency_requests;
  setFigure('latency', milliseconds(summary.avgLatencyMs), summary.avgLatencyMs);
  setText('latency-of', timed > 0 ? `${count(timed)} of ${count(all)} timed; p95 ${milliseconds(latency.p95Ms)}` : all > 0 ? TELEMETRY : 'no requests');

  const tokens = summary.totalInputTokens + summary.totalOutputTokens;
  const cached = byModel.reduce((sum, one) => sum + one.cache_creation_tokens + one.cache_read_tokens, 0);
  setFigure('tokens', compact(tokens), tokens);
  const booked = byModel.reduce((sum, one) => sum + one.requests, 0);
  setText('tokens-of', `${compact(summary.totalInputTokens)} in, ${compact(summary.totalOutputTokens)} out, ${compact(cached)} cached; of ${plural(booked, 'request')}`);

  const unpriced = byModel.reduce((sum, one) => sum + one.unpriced_tokens, 0);
  const cost = priced(Number(byModel.reduce((sum, one) => sum + one.cost_usd, 0).toFixed(9)), unpriced);
  setFigure('cost', atLeast(cost, unpriced), cost);
  setText('cost-of', unpriced > 0 ? `${compact(unpriced)} tokens have no price` : `of ${plural(booked, 'request')}`);
}

export function isActive(session, now_s) {
  if (session.status === 'ended') return false;
  return session.status !== 'unknown' || now_s - session.updated_at <= ACTIVE_S;
}

function showActive(sessions, now_s) {
  const active = sessions.filter((one) => isActive(one, now_s));
  const of = (status) => active.filter((one) => one.status === status).length;
  const words = ['busy', 'waiting', 'idle'].map((status) => [of(status), status]).filter(([n]) => n > 0).map(([n, status]) => `${n} ${status}`);
  setFigure('active', count(active.length), active.length);
  setText('active-of', words.join(', ') || `of ${plural(sessions.length, 'session')} known`);
}

// ---- limits ----

const level = (used) => (used >= 90 ? 'crit' : used >= 75 ? 'warn' : 'ok');

/// How far the window's share is from the clock's, and where it will stand at its reset; both from
/// the collector, which says nothing while that means little.
function paceWords({ pace_percentage: pace, projected_percentage: projected }) {
  const words = [];
  if (pace !== null) words.push(Math.abs(pace) < 1 ? 'on pace' : `${Math.round(Math.abs(pace))}% ${pace > 0 ? 'over' : 'under'} pace`);
  if (projected !== null) words.push(`${Math.round(projected)}% projected`);
  return words;
}

function gauge(name, window, now_s) {
  const left_s = window === null ? null : window.resets_at - now_s;
  if (window === null || (window.resets_at !== null && left_s <= 0))
    return element('div', { class: 'gauge', 'data-window': name },
      element('span', { class: 'name' }, WINDOW_NAME[name] ?? name), element('span', { class: 'unknown' }, 'unknown'),
      element('small', {}, window === null ? 'nothing said yet' : 'has reset; nothing said since'));
  const used = window.used_percentage;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', level(used));
  const bar = (cls, x, width) => {
    const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    for (const [attribute, value] of [['class', cls], ['x', x], ['width', width], ['height', '100%']]) rect.setAttribute(attribute, value);
    svg.append(rect);
  };
  bar('rail', 0, '100%');
  bar('used', 0, `${Math.min(100, used)}%`);
  if (window.pace_percentage !== null) bar('tick', `${Math.min(99.5, Math.max(0, used - window.pace_percentage))}%`, 2); // the clock
  const age_s = now_s - window.observed_at;
  const words = [window.resets_at === null ? '' : `resets in ${duration(left_s)}`, ...paceWords(window), age_s > 3600 ? `${duration(age_s)} old` : ''];
  return element('div', { class: 'gauge', 'data-window': name },
    element('span', { class: 'name' }, WINDOW_NAME[name] ?? name),
    element('data', { value: used, class: level(used) }, `${Math.round(used * 10) / 10}% used`), svg,
    element('small', { class: window.projected_percentage > 100 || window.pace_percentage > 10 ? 'over' : null }, words.filter(Boolean).join(' · ')));
}

function showQuota(accounts, now_s) {
  if (accounts.length === 0) {
    settle($('quota'), [element('p', { class: 'empty' }, 'No account is known yet.')]);
    return;
  }
  settle($('quota'), accounts.map((account) => {
    const scoped = (account.scoped ?? []).map((one) => gauge(one.label, one, now_s));
    const words = [account.tier, account.block && `block ${money(account.block.cost_usd)}, ${money(account.block.burn_rate_usd_per_hour)}/h`];
    return element('article', { 'data-account': account.name },
      element('h3', {}, account.name || 'default', element('small', {}, words.filter(Boolean).join(' · '))),
      element('div', { class: 'gauges' },
        gauge('five_hour', account.five_hour, now_s), gauge('seven_day', account.seven_day, now_s), ...scoped));
  }));
}

// ---- tables ----

const folder = (path) => (path ? path.split('/').filter(Boolean).pop() ?? path : '');

function context(of) {
  if (!of || of.used_percentage === null) return { text: DASH };
  const meter = element('meter', { min: 0, max: 100, low: 75, high: 90, optimum: 0, value: of.used_percentage });
  return { node: element('span', { class: 'context' }, meter, `${Math.round(of.used_percentage)}%`), value: of.used_percentage,
    title: `${count(of.used_tokens)} of ${count(of.size)} tokens` };
}

function sessionRow(one, now_s) {
  const name = one.name || folder(one.cwd) || one.session_id.slice(0, 8);
  const where = [one.name && folder(one.cwd), one.git_branch, one.account].filter(Boolean).join(' · ');
  const first = element('span', { class: 'two' }, element('b', {}, name), element('small', {}, where));
  const own = one.cost_usd !== null; // the client's own figure
  const cost = own ? one.cost_usd : priced(one.counted_cost_usd, one.unpriced_tokens);
  return { id: one.session_id, cells: [
    { node: first, title: `${one.cwd || ''}\n${one.session_id}`.trim() },
    { node: element('span', { class: `status ${one.status}`, title: one.status === 'unknown' ? 'nobody says' : null }, one.status === 'unknown' ? DASH : one.status), more: true },
    { text: one.model_name || one.model || DASH, title: one.model, more: true }, { text: own ? money(cost) : atLeast(cost, one.unpriced_tokens), number: true, value: cost }, context(one.context),
    { text: compact(one.input_tokens + one.output_tokens), number: true, more: true, value: one.input_tokens + one.output_tokens,
      title: `${plural(one.requests, 'request')}, ${compact(one.total_tokens)} tokens with cached ones` },
    { text: ago(one.updated_at, now_s), number: true },
  ] };
}

let allSessions = false;
export function showAllSessions() {
  allSessions = true;
}

function showSessions(sessions, from_s, now_s) {
  const within = sessions.filter((one) => one.updated_at >= from_s).sort((a, b) => b.updated_at - a.updated_at);
  const shown = allSessions ? within : within.slice(0, FIRST_SESSIONS);
  fill($('sessions').tBodies[0], shown.map((one) => sessionRow(one, now_s)),
    sessions.length > 0 ? 'No session was active in this range.' : 'No session is known yet. Start Claude Code, and it appears here.', 7);
  setText('sessions-of', within.length > 0 ? `${count(within.length)} active in this range` : '');
  $('all-sessions').hidden = shown.length === within.length;
  setText('all-sessions', `Show all ${count(within.length)}`);
}

const at_s = (text) => (text ? Date.parse(text) / 1000 : null);

function showTables({ byApiKey, byModel, recentErrors }, now_s) {
  fill($('accounts').tBodies[0], byApiKey.map((one) => ({ id: one.keyId, cells: [
    { text: one.keyName + (one.keyPrefix ? ` (${one.keyPrefix}…)` : '') },
    { text: count(one.requestCount), number: true, value: one.requestCount },
    { text: one.successRate === null ? DASH : percent(one.successRate, 1), number: true, title: `of ${plural(one.requestCount, 'request')}` },
    { text: compact(one.totalTokens), number: true, value: one.totalTokens, title: 'with cached ones' },
    { text: ago(at_s(one.lastUsed), now_s), number: true, title: one.lastUsed }] })), 'Nobody asked in this range.', 5);
  fill($('models').tBodies[0], byModel.map((one) => ({ id: one.model, cells: [
    { text: one.model }, { text: count(one.requests), number: true, value: one.requests },
    { text: compact(one.input_tokens), number: true, value: one.input_tokens }, { text: compact(one.output_tokens), number: true, value: one.output_tokens },
    { text: atLeast(one.cost_usd, one.unpriced_tokens), number: true, value: one.cost_usd, title: one.unpriced_tokens > 0 ? `${count(one.unpriced_tokens)} tokens have no price` : null }] })), 'No model was asked in this range.', 5);
  fill($('errors').tBodies[0], recentErrors.map((one) => ({ id: one.id, cells: [
    { text: ago(at_s(one.timestamp), now_s), title: one.timestamp }, { node: element('code', {}, one.errorType) },
    { text: one.errorMessage ?? DASH, class: 'message' }, { text: one.endpoint, more: true }] })), 'No errors in this range.', 4);
}

// ---- all of it ----

/// What the stream says: changes by itself, and with the clock.
export function showPicture(picture, sessions, from_s, now_s) {
  showQuota(picture.accounts ?? [], now_s);
  showActive(sessions, now_s);
  showSessions(sessions, from_s, now_s);
}

/// What the store says of the range.
export function showSummary(summary, now_s) {
  showCards(summary);
  showTables(summary, now_s);
}
