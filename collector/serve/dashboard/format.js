// SPDX-License-Identifier: MIT
// Values in, words out. Invariant: what is null is a dash, never a zero; nothing here knows the page.

export const DASH = '–';
export const TELEMETRY = 'needs telemetry: shmeter setup otel';

const whole = new Intl.NumberFormat('en');
const known = (n) => n !== null && n !== undefined && Number.isFinite(n);

export const count = (n) => (known(n) ? whole.format(n) : DASH);

/// 950, 18.8k, 3.27M: four characters, and no digit that is not so.
export function compact(n) {
  if (!known(n)) return DASH;
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]]) {
    if (n < size) continue;
    const scaled = n / size;
    return scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0) + unit;
  }
  return whole.format(n);
}

export function money(usd) {
  if (!known(usd)) return DASH;
  if (usd > 0 && usd < 0.01) return '<$0.01';
  return '$' + usd.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/// Of tokens some of which nobody knows a price for: at least so much, and nothing if that is all.
export const priced = (usd, unpriced) => (known(usd) && !(unpriced > 0 && usd === 0) ? usd : null);
export function atLeast(usd, unpriced) {
  const some = priced(usd, unpriced);
  return some === null ? DASH : (unpriced > 0 ? '≥ ' : '') + money(some);
}

/// 100 only when it is all of them.
export function percent(part, of) {
  if (!known(part) || !known(of) || of <= 0) return DASH;
  const share = (100 * part) / of;
  return (part < of ? Math.min(share, 99.9) : 100).toFixed(part < of && share > 90 ? 1 : 0) + '%';
}

export function milliseconds(ms) {
  if (!known(ms)) return DASH;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/// 45s, 12m, 2h14m, 3d5h.
export function duration(s) {
  if (!known(s)) return DASH;
  if (s < 60) return `${Math.max(0, Math.floor(s))}s`;
  const m = Math.floor(s / 60);
  if (m < 60) return `${m}m`;
  const h = Math.floor(m / 60);
  if (h < 24) return m % 60 ? `${h}h${String(m % 60).padStart(2, '0')}m` : `${h}h`;
  return h % 24 ? `${Math.floor(h / 24)}d${h % 24}h` : `${Math.floor(h / 24)}d`;
}

export function ago(at_s, now_s) {
  if (!known(at_s)) return DASH;
  const age = now_s - at_s;
  return age < 10 ? 'now' : `${duration(age < 3600 ? age : Math.floor(age / 3600) * 3600)} ago`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/// `2026-11-21` or `2026-11-21T15:00`, in the collector's own time zone: 21 Nov, 15:00.
export function bucketLabel(date, withDay) {
  const [day, time] = [date.slice(0, 10), date.slice(11, 16)];
  const name = `${Number(day.slice(8, 10))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
  if (!time) return name;
  return withDay ? `${name} ${time}` : time;
}

export const plural = (n, one, many = one + 's') => `${count(n)} ${n === 1 ? one : many}`;
