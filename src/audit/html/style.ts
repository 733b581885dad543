/** How the page of an audit looks, in light and in dark. */
import type { Fate } from '../rows.ts';

/** Light, dark. */
const colors: Record<Fate, readonly [string, string]> = {
  hangs: ['#c62828', '#ef5350'],
  refused: ['#8e24aa', '#ba68c8'],
  stripped: ['#ad1457', '#f06292'],
  'would-hang': ['#e08600', '#ffb74d'],
  unwrappable: ['#b25a00', '#d98b3a'],
  unreadable: ['#5d4037', '#a1887f'],
  'opted-out': ['#8d8d2b', '#c5c15a'],
  wrapped: ['#1565c0', '#64a8f0'],
  native: ['#2e7d32', '#66bb6a'],
  ambient: ['#00838f', '#4dc3cf'],
  outside: ['#78909c', '#90a4ae'],
  finished: ['#b0bec5', '#607d8b'],
};

const listColors = (which: 0 | 1): string =>
  Object.entries(colors)
    .map(([fate, pair]) => `--${fate}:${pair[which]};`)
    .join('');

const useColors: string = Object.keys(colors)
  .map((fate) => `.f-${fate}{fill:var(--${fate})}.b-${fate}{background:var(--${fate})}`)
  .join('\n');

export const style = `
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#1b2430;--soft:#5a6775;--line:#dde2e8;--track:#e9edf1;--accent:#1565c0;${listColors(0)}}
@media (prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b2129;--ink:#e6eaf0;--soft:#9aa7b5;--line:#2e3742;--track:#2a323c;--accent:#64a8f0;${listColors(1)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1280px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:28px;line-height:1.25;margin:4px 0 8px;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 12px}
p{margin:0 0 8px}
small,.soft,.more{color:var(--soft)}
section,.tile,.verdict{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px}
section{margin-top:16px}
.verdict{border-left:8px solid var(--accent)}
.v-needed{border-left-color:var(--would-hang)}
.v-safe-to-remove,.v-not-needed{border-left-color:var(--native)}
.v-could-be-native{border-left-color:var(--wrapped)}
.v-unknown{border-left-color:var(--outside)}
.kicker{font-size:13px;letter-spacing:.02em;color:var(--soft);margin:0}
.chips{display:flex;flex-wrap:wrap;gap:8px;list-style:none;margin:12px 0 0;padding:0}
.chips li{border:1px solid var(--line);border-radius:99px;padding:2px 12px;font-size:14px}
.partial{background:var(--hangs);color:var(--card);border-radius:10px;padding:10px 20px;margin:0 0 16px;font-weight:600}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:16px;margin-top:16px}
.tile b{display:block;font-size:26px;line-height:1.2;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:14px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px}
.fates{display:block;width:100%;height:28px;border-radius:6px}
.legend{list-style:none;margin:14px 0 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:8px 24px}
.legend small{display:block;margin-left:20px;line-height:1.35}
.dot{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
.bars{table-layout:fixed}
.bars th{width:42%;text-align:left;font-weight:400;overflow-wrap:anywhere;padding:4px 12px 4px 0}
.bars svg{display:block;width:100%;height:12px;border-radius:3px}
.bars .n{width:88px;text-align:right;white-space:nowrap;padding-left:12px}
.track{fill:var(--track)}.bar{fill:var(--accent)}
.checks{list-style:none;margin:0;padding:0}
.checks li{padding:4px 0 4px 30px;position:relative;overflow-wrap:anywhere}
.checks li::before{position:absolute;left:0;width:20px;text-align:center;font-weight:700}
.checks .ok::before{content:"\\2713";color:var(--native)}
.checks .no::before{content:"\\2717";color:var(--hangs)}
.checks .unknown::before{content:"?";color:var(--would-hang)}
.tools{display:flex;flex-wrap:wrap;gap:12px;margin-bottom:12px;align-items:center}
.tools input,.tools select{font:inherit;color:inherit;background:var(--page);border:1px solid var(--line);border-radius:6px;padding:6px 10px;min-width:0}
.tools input{flex:1 1 220px}
.scroll{overflow-x:auto}
.list th,.list td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top}
.list td{overflow-wrap:break-word}
.list .name{min-width:210px;max-width:340px;overflow-wrap:anywhere}
.list .side{min-width:116px}
.list .why{min-width:130px;max-width:260px;overflow-wrap:anywhere}
.list .n{text-align:right;white-space:nowrap}
.list button{font:inherit;font-weight:600;color:inherit;background:none;border:0;padding:0;cursor:pointer;white-space:nowrap}
.list th[aria-sort=ascending] button::after{content:" \\2191"}
.list th[aria-sort=descending] button::after{content:" \\2193"}
.list .word{white-space:nowrap}
@media (max-width:720px){h1{font-size:22px}section,.tile,.verdict{padding:14px}}
@media print{body{background:none}.tools{display:none}section{break-inside:avoid}}
${useColors}
`;
