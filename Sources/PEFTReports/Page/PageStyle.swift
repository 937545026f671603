/// How pages look: quiet, in the reader's light or dark, wide or narrow, and on paper.
enum PageStyle {
    static let css: StaticString = """
        :root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1d1d1b; --quiet: #5f5f59; --rule: #dddcd5;
          --faint: #9db6d3; --first: #1c5c9f; --second: #ad4209; --shade: #1c5c9f; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #17181a; --ink: #e7e6e2; --quiet: #a3a39c; --rule: #36373a;
            --faint: #4c6784; --first: #83b7f2; --second: #f3a56f; --shade: #5f9be0; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
        main { max-width: 68rem; margin: 0 auto; padding: 3rem 2rem 5rem; }
        h1, h2 { font-family: Charter, "Bitstream Charter", "Iowan Old Style", Georgia, serif; font-weight: 600;
          line-height: 1.2; overflow-wrap: anywhere; }
        h1 { font-size: 2.1rem; margin: 0; }
        h2 { font-size: 1.35rem; margin: 3.25rem 0 1rem; }
        p { margin: .5rem 0 1rem; max-width: 44rem; }
        .lead { font-size: 1.125rem; color: var(--quiet); margin-bottom: 2rem; }
        .note { color: var(--quiet); font-size: .9rem; }
        bdi { unicode-bidi: isolate; overflow-wrap: anywhere; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.1rem 2.5rem; margin: 0; }
        dt { color: var(--quiet); font-size: .875rem; }
        dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 2.25rem 2.5rem; }
        figure { margin: 0; min-width: 0; break-inside: avoid; }
        figure.single { max-width: 34rem; }
        figcaption { font-weight: 600; margin-bottom: .4rem; overflow-wrap: anywhere; }
        figcaption .note { font-weight: 400; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        svg text { font-size: 12px; fill: var(--ink); font-variant-numeric: tabular-nums; unicode-bidi: isolate; }
        svg .tick { fill: var(--quiet); }
        svg .y { text-anchor: end; }
        svg .x { text-anchor: middle; }
        svg line { stroke: var(--rule); stroke-width: 1; }
        svg .mark { stroke: var(--quiet); }
        svg .leader { stroke: var(--quiet); stroke-width: .6; }
        svg path { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
        svg .point { fill: var(--paper); stroke: currentColor; stroke-width: 1.5; }
        svg .faint { color: var(--faint); }
        svg .faint path { stroke-width: 1; }
        svg .solid { color: var(--first); }
        svg .marked { color: var(--second); }
        svg .marked path { stroke-dasharray: 5 4; }
        svg .label text { fill: currentColor; }
        svg .label.faint text { fill: var(--quiet); }
        .run-0 { color: light-dark(#1c5c9f, #83b7f2); }
        .run-1 { color: light-dark(#ad4209, #f3a56f); }
        .run-2 { color: light-dark(#2f6f3e, #86c995); }
        .run-3 { color: light-dark(#8a3a86, #d99ad6); }
        .run-4 { color: light-dark(#7a5c00, #d8bd5c); }
        .run-5 { color: light-dark(#0d6b70, #71c7cc); }
        .run-6 { color: light-dark(#a1304b, #ef94a9); }
        .run-7 { color: light-dark(#53535e, #b9b9c4); }
        svg .run-1 path:not(.point) { stroke-dasharray: 7 4; }
        svg .run-2 path:not(.point) { stroke-dasharray: 2 4; }
        svg .run-3 path:not(.point) { stroke-dasharray: 9 4 2 4; }
        svg .run-4 path:not(.point) { stroke-dasharray: 14 5; }
        svg .run-5 path:not(.point) { stroke-dasharray: 4 3; }
        svg .run-6 path:not(.point) { stroke-dasharray: 9 3 2 3 2 3; }
        svg .run-7 path:not(.point) { stroke-dasharray: 1 3; }
        svg.sample { display: inline-block; width: 2.25rem; height: .75rem; vertical-align: baseline; margin-right: .6rem; }
        .scroll { overflow-x: auto; max-width: 100%; }
        .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--first); outline-offset: 3px; }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--quiet); padding-bottom: .4rem; }
        caption.hidden { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        th, td { padding: .3rem 1.5rem .3rem 0; text-align: left; vertical-align: baseline; font-weight: 400; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { color: var(--quiet); border-bottom: 1px solid var(--rule); white-space: nowrap; }
        tbody tr + tr > * { border-top: 1px solid color-mix(in srgb, var(--rule) 55%, transparent); }
        .number { text-align: right; white-space: nowrap; }
        .strong > * { font-weight: 650; }
        .confusion th, .confusion td { padding: .3rem .6rem; border: 0; }
        .confusion td { text-align: right; min-width: 3.2rem; border: 1px solid var(--rule);
          background: color-mix(in srgb, var(--shade) calc(var(--share) * 45%), var(--paper)); }
        .confusion td.right { font-weight: 700; box-shadow: inset 0 0 0 1px var(--ink); }
        .confusion td.nothing { color: var(--quiet); }
        .confusion thead th { border: 0; text-align: right; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
        .confusion thead th.axis { text-align: left; }
        .confusion tbody th { position: sticky; left: 0; background: var(--paper); max-width: 14rem; white-space: nowrap;
          overflow: hidden; text-overflow: ellipsis; padding-left: 0; text-align: right; }
        .confusion.many thead th[scope=col] { writing-mode: vertical-rl; max-height: 11rem; text-align: right; padding: .6rem .2rem;
          margin-left: auto; }
        .confusion.many td { min-width: 2.4rem; padding: .2rem .4rem; }
        .confusion.many tbody th { padding-top: .2rem; padding-bottom: .2rem; }
        .classes { margin-top: 2rem; }
        table bdi { overflow-wrap: break-word; }
        td.words bdi { display: inline-block; max-width: 24rem; }
        td.words { min-width: 7rem; }
        .runs { margin-top: 1.75rem; }
        .runs *, .run-name { white-space: nowrap; }
        .mistakes { list-style: none; margin: 0; padding: 0; }
        .mistakes li { padding: .9rem 0; border-top: 1px solid var(--rule); break-inside: avoid; }
        .mistakes p { margin: 0; max-width: 52rem; white-space: pre-line; }
        details { margin: 1.5rem 0 0; }
        summary { cursor: pointer; color: var(--quiet); margin-bottom: .75rem; }
        footer { margin-top: 4rem; color: var(--quiet); font-size: .875rem; }
        @media (max-width: 40rem) {
          main { padding: 1.75rem 1.1rem 3rem; }
          h1 { font-size: 1.7rem; }
          h2 { margin-top: 2.5rem; }
          svg text { font-size: 15px; }
          dl { grid-template-columns: 1fr; gap: .8rem; }
          th, td { padding-right: 1rem; }
          .confusion tbody th, .confusion thead th { max-width: 7.5rem; } }
        @media print {
          :root { color-scheme: light; --paper: #fff; --ink: #000; --quiet: #444; --rule: #bbb; --faint: #9db6d3;
            --first: #1c5c9f; --second: #ad4209; }
          body { font-size: 10.5pt; }
          main { max-width: none; padding: 0; }
          .charts { grid-template-columns: 1fr 1fr; gap: 1.25rem; }
          .scroll { overflow: visible; }
          details::details-content { content-visibility: visible; block-size: auto; }
          .confusion td { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          h2 { break-after: avoid; }
          tr { break-inside: avoid; } }
        """
}
