// SPDX-License-Identifier: MIT
// Four charts over Chart.js, on category axes. Invariant: what was not measured is no point, and
// never a zero (a dashed line leads over it); each chart has its sentence and its table beside it.
import { bucketLabel, compact, count, DASH, milliseconds, percent, plural, TELEMETRY } from './format.js';
import { $, plainTable, setText, settle } from './tables.js';

const charts = new Map();
const tables = new Map(); // of the details that are open, or may be

/// CSS says what the colours are; of light-dark() only an element knows the outcome.
function colour(name) {
  const probe = document.createElement('i');
  probe.className = 'c-' + name;
  document.body.append(probe);
  const found = getComputedStyle(probe).backgroundColor;
  probe.remove();
  return found;
}

function axes(format, stacked, horizontal) {
  const [dim, line] = [colour('dim'), colour('line')];
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  const category = {
    stacked, grid: { display: false, borderColor: line },
    ticks: { color: dim, font, maxRotation: 0, autoSkip: !horizontal, autoSkipPadding: 14 },
  };
  const value = {
    stacked, beginAtZero: true, grid: { color: line, drawBorder: false, drawTicks: false },
    ticks: { color: dim, font, padding: 6, maxTicksLimit: 5, precision: 0, callback: (n) => format(n) },
  };
  return horizontal ? { x: value, y: category } : { x: category, y: value };
}

function draw(id, type, labels, datasets, { format, stacked = false, horizontal = false, titles = labels }) {
  let chart = charts.get(id);
  const options = {
    animation: false, responsive: true, maintainAspectRatio: false, indexAxis: horizontal ? 'y' : 'x',
    interaction: { mode: 'index', intersect: false, axis: horizontal ? 'y' : 'x' },
    layout: { padding: 0 },
    scales: axes(format, stacked, horizontal),
    plugins: {
      legend: { display: false },
      tooltip: {
        callbacks: {
          title: (items) => (items.length > 0 ? titles[items[0].dataIndex] : ''),
          label: (item) => ` ${item.dataset.label}: ${format(item.raw, true)}`,
        },
      },
    },
  };
  if (!chart) {
    chart = new window.Chart($(id), { type, data: { labels, datasets }, options });
    charts.set(id, chart);
    return;
  }
  chart.options = options;
  chart.data = { labels, datasets };
  chart.update('none');
}

/// `rows` is called when somebody opens the table, and again while it is open.
function beside(name, sentence, caption, heads, rows) {
  setText('alt-' + name, sentence);
  const show = () => {
    const details = document.querySelector(`details[data-table="${name}"]`);
    const head = details.firstElementChild;
    settle(details, details.open ? [head, plainTable(caption, heads, rows())] : [head]);
  };
  if (!tables.has(name))
    document.querySelector(`details[data-table="${name}"]`).addEventListener('toggle', () => tables.get(name)());
  tables.set(name, show);
  show();
}

const bars = (label, name, data) => ({
  label, data, backgroundColor: colour(name), maxBarThickness: 56, borderRadius: 2, categoryPercentage: 0.86, barPercentage: 0.92,
});
/// In place of axes around nothing.
function sayNone(id, text) {
  $(id).parentElement.dataset.none = text || '';
}

const sum = (list, member) => list.reduce((all, one) => all + one[member], 0);
const when = (one) => bucketLabel(one.date, true);

function drawRequests(list, labels, titles) {
  draw('chart-requests', 'bar', labels,
    [bars('succeeded', 'request', list.map((one) => one.successCount)), bars('failed', 'error', list.map((one) => one.errorCount))],
    { format: count, stacked: true, titles });
  const most = list.reduce((best, one) => (one.requests > best.requests ? one : best), { requests: 0 });
  sayNone('chart-requests', most.requests === 0 && 'no requests');
  beside('requests', most.requests > 0
    ? `${plural(sum(list, 'requests'), 'request')}, ${count(sum(list, 'errorCount'))} failed; most on ${when(most)}: ${count(most.requests)}.`
    : 'No requests in this range.',
  'Requests over time', ['When', 'Requests', 'Succeeded', 'Failed'],
  () => list.map((one) => [when(one), count(one.requests), count(one.successCount), count(one.errorCount)]));
}

function drawTokens(list, labels, titles) {
  draw('chart-tokens', 'bar', labels,
    [bars('in', 'input', list.map((one) => one.inputTokens)), bars('out', 'output', list.map((one) => one.outputTokens))],
    { format: compact, stacked: true, titles });
  sayNone('chart-tokens', sum(list, 'inputTokens') + sum(list, 'outputTokens') === 0 && 'no tokens');
  beside('tokens', `${compact(sum(list, 'inputTokens'))} in, ${compact(sum(list, 'outputTokens'))} out; cached ones are not in it.`,
    'Tokens over time', ['When', 'In', 'Out'],
    () => list.map((one) => [when(one), count(one.inputTokens), count(one.outputTokens)]));
}

function drawLatency(list, labels, titles, summary) {
  const line = colour('latency');
  draw('chart-latency', 'line', labels, [{
    label: 'average', data: list.map((one) => one.avgLatencyMs), borderColor: line, backgroundColor: line, borderWidth: 1.5,
    pointRadius: list.length > 60 ? 1 : 2.5, tension: 0.25, spanGaps: true, segment: { borderDash: (at) => (at.p1DataIndex - at.p0DataIndex > 1 ? [3, 4] : undefined) },
  }], { format: milliseconds, titles });
  const timed = summary.measured.latency_requests;
  sayNone('chart-latency', timed === 0 && 'not measured');
  beside('latency', timed > 0
    ? `Half of them within ${milliseconds(summary.latency.p50Ms)}, 95 in 100 within ${milliseconds(summary.latency.p95Ms)}; ${plural(timed, 'request')} timed.`
    : `Not measured in this range; ${TELEMETRY}`,
  'Average latency over time', ['When', 'Average'],
  () => list.map((one) => [when(one), one.avgLatencyMs === null ? 'not measured' : milliseconds(one.avgLatencyMs)]));
}

function drawEndpoints(list) {
  const shown = list.slice(0, 8);
  const short = (text) => (text.length > 22 ? text.slice(0, 21) + '…' : text);
  draw('chart-endpoints', 'bar', shown.map((one) => short(one.endpoint)), [bars('requests', 'request', shown.map((one) => one.requestCount))],
    { format: count, horizontal: true, titles: shown.map((one) => one.endpoint) });
  const more = list.length - shown.length;
  sayNone('chart-endpoints', list.length === 0 && 'nobody');
  beside('endpoints', list.length > 0 ? `${plural(list.length, 'source')}${more > 0 ? `; ${more} more in the table` : ''}.` : 'Nobody asked in this range.',
    'Requests by query source or endpoint', ['Asked by', 'Requests', 'Average latency', 'Failed'],
    () => list.map((one) => [one.endpoint, count(one.requestCount), one.avgLatencyMs === null ? 'not measured' : milliseconds(one.avgLatencyMs),
      one.errorRate === null ? DASH : percent(one.errorRate, 1)]));
}

export function drawCharts({ timeline, period }, summary) {
  const labels = timeline.map((one) => bucketLabel(one.date, period !== 'day'));
  const titles = timeline.map(when);
  drawRequests(timeline, labels, titles);
  drawTokens(timeline, labels, titles);
  drawLatency(timeline, labels, titles, summary);
  drawEndpoints(summary.byEndpoint);
}
