"""What is released of the ballots of an anonymous round: tables, comments, and a report for auditors. Pure.

The rules are `privacy.md` 4.2; which groups may be shown beside one another is `disclosure`'s. Import this where the
counting begins, not where the process begins: numpy comes with it.

**Figures.** `Released.figures` is None where the table is hidden, for whatever reason. A group whose `round` row is
None is hidden in everything, and has no other row. `n` is a number from 50 on, below that one of "5–9", "10–19",
"20–49". Shares are whole percent, means have one decimal.

`about` "round": `{"kind": "round", "asked": 57, "n": N, "rate": 65 | null}`; `rate` in steps of 5 %, null where who has
not answered is too few to be told.

`about` the path of a question:

- a choice: `{"kind": "choices", "n": N, "shares": {name: %}}` of those who answered; of a scale the shares are of those
  who gave one of its points, and there are `"scale": 5` (points), `"unknown": %` (of all who answered; only where the
  list has such choices), `"mean"`, `"positive": %` (the upper two of five points), and with n >= 20 `"sd"`, with
  n >= 30 `"margin"` (percent points around `positive`, 95 %, finite population).
  Where nearly all say the same: `{"kind": "choices", "n": N, "mostly": name | "agree" | "disagree"}`.
- several choices: `{"kind": "several", "n": N, "shares": {name: % of those who answered}}`, or `mostly`.
- an order: `{"kind": "order", "n": N, "places": {name: mean place}}`, 1 the first.
- a number: `{"kind": "number", "n": N, "mean": 3.4}`, with n >= 20 `"sd"`.
- a confirmation: `{"kind": "confirmed", "n": N}`.
- words, whole round only: `{"kind": "words", "n": N}`; they are the `Remark`s with this `about`.

`about` "dimension:<path of the group>": `{"kind": "dimension", "n": N, "items": 3, "index": 63, "positive": 58}`: means
of its items' figures (reverse-keyed ones turned), `index` 0 to 100; hidden where one of the items is.

Whole round only, and only where at least 30 gave all the answers it needs (`n` then is that number, or its band);
otherwise `{"kind": …, "few": true}`:

- "reliability:<group>": `{"kind": "reliability", "n", "items", "alpha": 0.87, "low": 0.82, "high": 0.91,
  "per_item": [{"path", "r", "without"}], "reversed": [paths]}`: Cronbach's alpha with Feldt's 95 % interval; `r` the
  corrected item-total correlation, `without` alpha if the item is deleted (null with two items).
- "correlations": `{"kind": "correlations", "n", "dimensions": [group paths], "r": [[1.0, 0.42], …]}`, Pearson's.
- "fitness": `{"kind": "fitness", "n", "items", "kmo": 0.84, "chi2": 812.4, "df": 91, "p": 0.0}`; few where there are
  fewer than 5 answers an item.
- "cross:<path>|<path>": `{"kind": "cross", "n", "rows": [names], "columns": [names], "shares": [[% of the row]],
  "test": "chi2" | "fisher" | null, "chi2", "df", "p", "v"}` (of "fisher" only `p`; of null none of them), or None.

These name their `method` and how `missing` answers are treated, as keys of `METHODS`.

"trend:<path>", whole round only: `{"kind": "trend", "comparable": true, "points": [{"round": id, "n", "mean" and
"positive", or "shares"}, …]}`, the oldest round first and this one last; not `comparable` (others were asked):
`positive`, `mean` and `shares` are bands like "60–69".
"""
