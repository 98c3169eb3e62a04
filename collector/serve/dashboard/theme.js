// SPDX-License-Identifier: MIT
// The theme that was kept, before anything is painted. Without one the system decides.
'use strict';
try {
  const kept = localStorage.getItem('shmeter-theme');
  if (kept === 'dark' || kept === 'light') document.documentElement.dataset.theme = kept;
} catch {
  // Storage may be forbidden; then nothing is kept.
}
