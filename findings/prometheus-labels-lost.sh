#!/usr/bin/env bash
# npm's parse-prometheus-text-format keeps one series of a histogram's, without
# its labels, sum and count.
#
# Expected: the text format's description (prometheus.io, "Exposition formats")
#   has a histogram's buckets as x_bucket with a label le, its sum and count as
#   x_sum and x_count; each may have other labels, and each set of labels is a
#   series of its own, as for a counter. The package's README: its output "aims
#   to be compatible with that of prom2json", which returns "labels" with each
#   series' buckets.
# Instead: of a histogram with two series (path="/a" and path="/b") one metric
#   comes back: the last series' buckets, with no labels, sum or count. Of a
#   summary with quantiles the same. If a bucket is in the first series alone,
#   the one metric has buckets of both. No error is reported. Without labels,
#   all of a histogram is there; a counter's labels are right.
# Version: parse-prometheus-text-format 1.1.1 (npm).
# Consequence: a test that asks a server for its metrics cannot see the times
#   of any path but the last one listed. Look for the lines x_count{...} in the
#   text itself.

set -u
module=parse-prometheus-text-format@1.1.1
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/npm" "$module" >log 2>&1; then
    echo "cannot be had: $module"
    exit 2
fi

cat >read.js <<'END_OF_SCRIPT'
const parse = require('parse-prometheus-text-format');
const show = (name, text) => {
    console.log(`${name}:`);
    for (const metric of parse(`${text}\n`)[0].metrics)
        console.log(`  ${JSON.stringify(metric)}`);
};
show('counter', `# TYPE requests counter
requests{path="/a"} 1
requests{path="/b"} 7`);
show('histogram without labels', `# TYPE seconds histogram
seconds_bucket{le="0.5"} 1
seconds_bucket{le="+Inf"} 2
seconds_sum 3
seconds_count 2`);
show('histogram', `# TYPE seconds histogram
seconds_bucket{path="/a",le="0.5"} 1
seconds_bucket{path="/a",le="+Inf"} 2
seconds_sum{path="/a"} 3
seconds_count{path="/a"} 2
seconds_bucket{path="/b",le="0.5"} 7
seconds_bucket{path="/b",le="+Inf"} 8
seconds_sum{path="/b"} 9
seconds_count{path="/b"} 8`);
show('histogram with one label', `# TYPE seconds histogram
seconds_bucket{path="/a",le="0.5"} 1
seconds_bucket{path="/a",le="+Inf"} 2
seconds_sum{path="/a"} 3
seconds_count{path="/a"} 2`);
show('histogram of two kinds', `# TYPE seconds histogram
seconds_bucket{path="/a",le="0.1"} 5
seconds_bucket{path="/a",le="+Inf"} 6
seconds_sum{path="/a"} 3
seconds_count{path="/a"} 6
seconds_bucket{path="/b",le="+Inf"} 1
seconds_sum{path="/b"} 9
seconds_count{path="/b"} 1`);
show('summary', `# TYPE seconds summary
seconds{path="/a",quantile="0.5"} 1
seconds_sum{path="/a"} 3
seconds_count{path="/a"} 2
seconds{path="/b",quantile="0.5"} 7
seconds_sum{path="/b"} 9
seconds_count{path="/b"} 8`);
END_OF_SCRIPT
cat >stated <<'END_OF_LINES'
counter:
  {"value":"1","labels":{"path":"/a"}}
  {"value":"7","labels":{"path":"/b"}}
histogram without labels:
  {"buckets":{"0.5":"1","+Inf":"2"},"count":"2","sum":"3"}
histogram:
  {"buckets":{"0.5":"7","+Inf":"8"}}
histogram with one label:
  {"buckets":{"0.5":"1","+Inf":"2"}}
histogram of two kinds:
  {"buckets":{"0.1":"5","+Inf":"1"}}
summary:
  {"quantiles":{"0.5":"7"}}
END_OF_LINES
timeout 20 node read.js >seen 2>&1
echo "module: $module"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
