"""What people mistype, and what is said about it, word for word."""

from __future__ import annotations

#: what is typed into metrics/a.yml → what is said about it
REFUSALS = {
    # unknown key
    """\
metrics:
  - metric: late
    measure: count(*)
    definiton: x
""": """\
error[unknown-key]: `definiton` is no key of a metric
  --> metrics/a.yml:4:5
  why: nothing reads it, so what it says would be lost
  help: Did you mean definition?""",
    # key of parent
    """\
metrics:
  - metric: late
    measure: count(*)
    grain: {time: hour, owner: ops}
""": """\
error[unknown-key]: `owner` is no key of `grain`
  --> metrics/a.yml:4:25
  why: nothing reads it, so what it says would be lost
  help: `owner` belongs to the metric itself: move it out of `grain`.""",
    # comma
    """\
metrics:
  - {metric: late, measure: quantile(x, 0.95)}
""": """\
error[unknown-key]: `0.95)` is no key of a metric
  --> metrics/a.yml:2:41
  why: nothing reads it, so what it says would be lost
  help: Inside braces a comma ends a value: put the whole value in quotes.""",
    # heading
    """\
metrcs:
  - metric: late
""": """\
error[unknown-key]: `metrcs` is no key of a file
  --> metrics/a.yml:1:1
  why: nothing reads it, so what it says would be lost
  help: Did you mean metrics?""",
    # kind as heading
    """\
metric:
  metric: late
""": """\
error[unknown-key]: `metric` is no key of a file
  --> metrics/a.yml:1:1
  why: nothing reads it, so what it says would be lost
  help: write `metrics:` and below it `- metric: NAME`""",
    # frame without a body
    """\
frames:
  - {frame: org, owner: x}
""": """\
error[missing-key]: a frame needs one of `calendar`, `hierarchy` and `fx`
  --> metrics/a.yml:2:5
  help: add `calendar: {…}`""",
    # two kinds of calendar
    """\
frames:
  - {frame: retail, owner: x, calendar: {weeks: iso, year_starts: july, year_named: end}}
""": """\
error[wrong-type]: a calendar starts its years in a month, counts weeks, or stands in a file: this one says both `year_starts` and `weeks`
  --> metrics/a.yml:2:42
  help: keep year_starts or weeks""",
    # list for one
    """\
metrics:
  - {metric: late, measure: count(*), owner: [finance]}
""": """\
error[wrong-type]: `owner` takes text, not a list
  --> metrics/a.yml:2:46
  help: write finance""",
    # one for list
    """\
metrics:
  - metric: late
    measure: count(*)
    grain: {by: carrier}
""": """\
error[wrong-type]: `by` takes a list: write [carrier]
  --> metrics/a.yml:4:17""",
    # number quoted
    """\
assumptions:
  - {assumption: cost, value: '74'}
""": """\
error[wrong-type]: `value` takes a number, not text
  --> metrics/a.yml:2:32
  help: take the quotes away: 74""",
    # name missing
    """\
metrics:
  - title: Late
    measure: count(*)
""": """\
error[missing-key]: a metric needs `metric`
  --> metrics/a.yml:2:5
  help: add `metric: …`""",
    # dup
    """\
metrics:
  - {metric: late, measure: count(*)}
  - {metric: late, measure: sum(x)}
""": """\
error[duplicate-name]: metric `late` is declared twice
  --> metrics/a.yml:3:5
  why: nobody can tell which of the two is meant; the first stands at metrics/a.yml:2:5
  help: rename one of them, or take it out""",
    # empty
    """\
metrics:
  - metric: late
    measure:
    owner: ~
    grain: {by: [a, ]}
    better:
""": """\
error[wrong-type]: `measure` has no value
  --> metrics/a.yml:3:13
  help: write one, or take it out
error[wrong-type]: `owner` has no value
  --> metrics/a.yml:4:12
  help: write one, or take it out
error[wrong-type]: `better` has no value
  --> metrics/a.yml:6:12
  help: write one, or take it out""",
    # no value item
    """\
metrics:
  -
  - metric: a
    measure: count(*)
""": """\
error[wrong-type]: item 1 of `metrics` takes {metric: …}, not nothing
  --> metrics/a.yml:2:4""",
    # heading map
    """\
metrics:
  late: {measure: count(*)}
""": """\
error[wrong-type]: `metrics` takes a list, not keys with values
  --> metrics/a.yml:2:3
  help: begin each item with `- metric: NAME`""",
    # text item
    """\
metrics:
  - late
""": """\
error[wrong-type]: item 1 of `metrics` takes {metric: …}, not text
  --> metrics/a.yml:2:5""",
    # file list
    """\
- metric: late
""": """\
error[wrong-type]: a file is made of keys such as `metrics:`, and this is a list
  --> metrics/a.yml:1:1""",
    # for_all unknown
    """\
for_all: {ownr: ops}
metrics:
  - {metric: late, measure: count(*)}
""": """\
error[unknown-key]: `ownr` is no key of a metric
  --> metrics/a.yml:1:11
  why: nothing reads it, so what it says would be lost
  help: Did you mean owner?""",
    # for_all name
    """\
for_all: {metric: ops}
metrics:
  - {metric: late, measure: count(*)}
""": """\
error[wrong-type]: `metric` names one metric, so it cannot be shared under `for_all`
  --> metrics/a.yml:1:11
  help: name each item itself""",
    # for_all alone
    """\
for_all: {owner: ops}
---
metrics:
  - {metric: late, measure: count(*)}
""": """\
error[unknown-key]: nothing in this document takes `for_all`
  --> metrics/a.yml:1:1
  why: nothing reads it, so what it says would be lost
  help: put it into the document of the items that it is for; `---` begins a new document""",
    # for_all wrong
    """\
for_all: {purpose: act, grain: month}
metrics:
  - {metric: late, measure: count(*)}
  - {metric: late2, measure: count(*)}
  - {metric: l3, measure: count(*), purpose: action, grain: {}}
""": """\
error[wrong-type]: `purpose` takes action or choice, not 'act'
  --> metrics/a.yml:1:20
  help: Did you mean action?
error[wrong-type]: `grain` takes {time: …, by: …}, not text
  --> metrics/a.yml:1:32""",
    # for_all text
    """\
for_all: ops
metrics:
  - {metric: late, measure: count(*)}
""": """\
error[wrong-type]: `for_all` takes keys with values, not text
  --> metrics/a.yml:1:10""",
    # for_all empty
    """\
for_all: {owner: }
metrics:
  - {metric: late, measure: count(*)}
""": """\
error[wrong-type]: `owner` has no value
  --> metrics/a.yml:1:18
  help: write one, or take it out""",
    # no body
    """\
metrics:
  - metric: late
""": """\
error[missing-key]: a metric needs a body
  --> metrics/a.yml:2:5
  help: add `measure: …`, `formula: …`, or a `translation` with `from`""",
    # two bodies
    """\
metrics:
  - metric: late
    measure: count(*)
    formula: a / b
""": """\
error[wrong-type]: a metric is one of measure, formula and conversion: this one says both `measure` and `formula`
  --> metrics/a.yml:4:5
  help: keep measure or formula""",
    # from+formula
    """\
metrics:
  - metric: late
    formula: a / b
    translation: {from: x, owner: y}
""": """\
error[wrong-type]: `from` is a body of its own, and there is a `formula` already
  --> metrics/a.yml:4:19
  help: name the metric under `terms`""",
    # terms
    """\
metrics:
  - metric: late
    translation: {terms: {a: b}}
""": """\
error[missing-key]: `terms` are the parts of a formula, and there is no `formula`
  --> metrics/a.yml:2:5
  help: add `formula: …`""",
    # twhere
    """\
metrics:
  - metric: late
    measure: count(*)
    translation: {where: a > 1}
""": """\
error[wrong-type]: `where` changes what `from` takes, and there is no `from`
  --> metrics/a.yml:4:19
  help: move `where` to a term""",
    # empty tr
    """\
metrics:
  - metric: late
    translation: {owner: y}
""": """\
error[missing-key]: a metric needs a body
  --> metrics/a.yml:2:5
  help: add `formula: …`, or `from: …` to its translation""",
    # no table
    """\
sources:
  - {source: s}
""": """\
error[missing-key]: a source needs one of `table`, `sql` and `file`
  --> metrics/a.yml:2:5
  help: add `table: …`""",
    # two tables
    """\
sources:
  - {source: s, table: t, file: x.csv}
""": """\
error[wrong-type]: a source is a table, a query or a file: this one says both `table` and `file`
  --> metrics/a.yml:2:27
  help: keep table or file""",
    # link
    """\
sources:
  - {source: s, table: t, links: {a: {entity: b}, c: {entity: b, column: x, columns: [y]}}}
""": """\
error[missing-key]: the link `a` needs `column`
  --> metrics/a.yml:2:38
  help: add `column: …`
error[wrong-type]: the link `c` has both `column` and `columns`
  --> metrics/a.yml:2:77
  help: keep one of the two""",
    # tab
    """\
metrics:
  - metric: late
    measure: count(*)
  - metric: early
\tmeasure: count(*)
""": """\
error[unreadable]: a tab indents this line; YAML wants spaces
  --> metrics/a.yml:5:1
  why: what comes after it in this file is not read
  help: replace the tab by spaces""",
    # dupkey
    """\
metrics:
  - metric: late
    measure: count(*)
    measure: sum(x)
""": """\
error[duplicate-name]: `measure` is said twice
  --> metrics/a.yml:4:5
  why: of two values one would be lost; the first stands in 3:5
  help: keep one of the two""",
    # anchor
    """\
metrics:
  - &a
    metric: late
    measure: count(*)
  - *a
""": """\
error[unreadable]: anchors (`&a`) are not used here
  --> metrics/a.yml:2:5
  why: what a line says must stand in it, for whoever reads only that line
  help: write it out, or share keys under `for_all`
error[unreadable]: aliases (`*a`) are not used here
  --> metrics/a.yml:5:5
  why: what a line says must stand in it, for whoever reads only that line
  help: write it out, or share keys under `for_all`""",
    # top dup
    """\
metrics:
  - {metric: late, measure: count(*)}
metrics:
  - {metric: early, measure: count(*)}
""": """\
error[duplicate-name]: `metrics` is said twice
  --> metrics/a.yml:3:1
  why: of two values one would be lost; the first stands in 1:1
  help: keep one of the two""",
    # badname
    """\
metrics:
  - {metric: late minutes, measure: count(*)}
sources:
  - {source: s, table: t, dimensions: {a__b: x}}
""": """\
error[bad-name]: 'late minutes' is no name: letters, digits and single underscores, beginning with a letter or an underscore
  --> metrics/a.yml:2:14
  help: write late_minutes
error[bad-name]: 'a__b' is no name: letters, digits and single underscores, beginning with a letter or an underscore
  --> metrics/a.yml:4:40
  help: write a_b""",
    # second project
    """\
project: {name: other}
""": """\
error[duplicate-name]: `project` is declared twice
  --> metrics/a.yml:1:10
  why: nobody can tell which of the two is meant; the first stands at definitions/project.yml:1:10
  help: take one of them out""",
    # project wrong
    """\
project: other
""": """\
error[wrong-type]: `project` takes {name: …}, not text
  --> metrics/a.yml:1:10""",
    # item three of list
    """\
views:
  - view: v
    metrics: [a, 5]
""": """\
error[wrong-type]: item 2 of `metrics` takes text, not a number
  --> metrics/a.yml:3:18
  help: write '5' in quotes""",
    # criteria
    """\
decisions:
  - decision: d
    decider: 5
    criteria:
      - {metric: m, scale: 5, weight: a lot}
      - {metric: m, scale: {worst: 1}}
      - late
    horizons: {name: x}
    review_on: soon
""": """\
error[wrong-type]: `decider` takes text or a list, not a number
  --> metrics/a.yml:3:14
  help: write '5' in quotes
error[wrong-type]: `scale` takes {worst: …, best: …}, not a number
  --> metrics/a.yml:5:28
error[wrong-type]: `weight` takes a number, not text
  --> metrics/a.yml:5:39
error[missing-key]: `scale` needs `best`
  --> metrics/a.yml:6:28
  help: add `best: …`
error[wrong-type]: item 3 of `criteria` takes {metric: …}, not text
  --> metrics/a.yml:7:9
error[wrong-type]: `horizons` takes a list of {name: …}, not keys with values
  --> metrics/a.yml:8:15
  help: begin each item with `- `
error[wrong-type]: `review_on` takes a day such as 2012-01-31, not 'soon'
  --> metrics/a.yml:9:16""",
    # dates and truth
    """\
parties:
  - {party: ops, kind: group, since: 2012-13-01}
sources:
  - {source: s, table: t, snapshot: yes, time: {at: hourly}, links: {a: 5}, columns: [a], dimensions: {x: 1}}
""": """\
error[wrong-type]: `kind` takes person, role or team, not 'group'
  --> metrics/a.yml:2:24
error[wrong-type]: `since` takes a day such as 2012-01-31, not '2012-13-01'
  --> metrics/a.yml:2:38
error[wrong-type]: `snapshot` takes true or false, not text
  --> metrics/a.yml:4:37
  help: write true
error[wrong-type]: `at` takes millisecond, second, minute, hour, day, week, month, quarter or year, not 'hourly'
  --> metrics/a.yml:4:53
  help: Did you mean hour?
error[wrong-type]: `a` takes a column or {entity: …, column: …}, not a number
  --> metrics/a.yml:4:73
error[wrong-type]: `columns` takes keys with values, not a list
  --> metrics/a.yml:4:86
  help: write `key: value` lines without dashes
error[wrong-type]: `x` takes text or {metric: …}, not a number
  --> metrics/a.yml:4:107
  help: write '1' in quotes""",
    # unions
    """\
metrics:
  - {metric: a, measure: count(*), better: hihger}
  - {metric: b, measure: count(*), better: {neer: 1}}
  - {metric: c, measure: count(*), unit: [USD]}
  - {metric: d, measure: count(*), unit: {column: 5}}
  - {metric: e, measure: count(*), decimals: 1.5}
""": """\
error[wrong-type]: `better` takes higher, lower, none or {near: …}, not 'hihger'
  --> metrics/a.yml:2:44
  help: Did you mean higher?
error[unknown-key]: `neer` is no key of `better`
  --> metrics/a.yml:3:45
  why: nothing reads it, so what it says would be lost
  help: Did you mean near?
error[wrong-type]: `unit` takes text or keys with values, not a list
  --> metrics/a.yml:4:42
  help: write USD
error[wrong-type]: `column` takes text, not a number
  --> metrics/a.yml:5:51
  help: write '5' in quotes
error[wrong-type]: `decimals` takes a whole number, not 1.5
  --> metrics/a.yml:6:46""",
    # mapping for text
    """\
metrics:
  - metric: late
    measure: count(*)
    definition:
      text: x
    respond: 3
    title: ''
""": """\
error[wrong-type]: `definition` takes text, not keys with values
  --> metrics/a.yml:5:7
  help: put the text in quotes if it holds a colon
error[wrong-type]: `respond` takes text, not a number
  --> metrics/a.yml:6:14
  help: write '3' in quotes
error[wrong-type]: `title` is empty
  --> metrics/a.yml:7:13
  help: write something, or leave the key out""",
    # not utf8
    b'metrics:\n  - {metric: caf\xe9}\n': """\
error[unreadable]: this file is not UTF-8 text: byte 0xe9 stands for no character
  --> metrics/a.yml:2:17
  why: this file is not read
  help: save it as UTF-8""",
    # number
    """\
assumptions:
  - {assumption: cost, value: .nan}
""": """\
error[wrong-type]: `.nan` is no number that can be counted with
  --> metrics/a.yml:2:31
  help: write '.nan' in quotes if it is text""",
}
