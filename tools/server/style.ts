/** Light and dark by the reader's preference; one column on a phone. */
export const STYLE = `
:root { color-scheme: light dark; --page: #f4f3ef; --card: #fffefb; --ink: #1d1c1a; --soft: #6a6862; --grid: #e6e4dd;
  --one: #2a6fc9; --two: #c8561b; --alarm: #8f2f1c; --alarm-card: #fbe9e3; }
@media (prefers-color-scheme: dark) {
  :root { --page: #161613; --card: #201f1c; --ink: #eceae4; --soft: #a3a098; --grid: #35332e;
    --one: #6ea8f0; --two: #f0935c; --alarm: #f5b8a5; --alarm-card: #42231a; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
header p, .note, dt, small { color: var(--soft); }
h1 { margin: 0.5rem 0; font-size: 1.5rem; }
h2 { margin: 0 0 0.75rem; font-size: 1.15rem; overflow-wrap: anywhere; }
article { margin: 0 0 1rem; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--grid); border-radius: 0.75rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0.75rem 1rem; margin: 0 0 1rem; }
dt { font-size: 0.8rem; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.warning { margin: 0 0 0.75rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem; background: var(--alarm-card);
  color: var(--alarm); overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0.5rem 1.5rem; }
.note { grid-column: 1 / -1; margin: 0; font-size: 0.8rem; }
figure { margin: 0; }
figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.5rem; font-size: 0.9rem; font-weight: 600; }
.key { margin-left: 0.75rem; font-weight: 400; }
.key::before { content: ""; display: inline-block; width: 0.9rem; height: 0.2rem; margin-right: 0.35rem; border-radius: 0.1rem;
  vertical-align: middle; background: currentColor; }
.key.s1::before { background: var(--one); }
.key.s2::before { background: var(--two); }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.grid, .tick { stroke: var(--grid); }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.line.s1 { stroke: var(--one); }
.line.s2 { stroke: var(--two); }
`;
