#!/usr/bin/env bash
# Prometheus::Tiny: a help text of two lines makes the page of metrics
# unreadable, and the bucket of 10 s comes before that of 2.5 s.
#
# Expected: its manual: format() outputs "the stored metrics, values, help text
#   and types in the Prometheus exposition format". That format's description
#   (prometheus.io, "Exposition formats"): in HELP lines "the backslash and the
#   line feed characters have to be escaped as \\ and \n"; "all lines for a
#   given metric must be provided as one single group"; "the buckets of a
#   histogram [...] must appear in increasing numerical order of their label
#   values". Net::Prometheus does all of that.
# Instead: the help text is written as it stands, so its second line is read as
#   a metric, and readers give the whole page up (python3-prometheus-client
#   does); of "C:\new" they make C:, a line feed and "ew". Buckets are sorted
#   as text: 1, 10, 2.5, 5, 7.5, and these are its default ones. All names are
#   sorted too, so a gauge "t_depth" comes between the histogram t's TYPE, its
#   t_bucket and its t_sum.
#   A value set with a time keeps that time when it is added to later, though
#   the manual says of add() that it "will update timestamps etc".
# Version: libprometheus-tiny-perl 0.010-1, libnet-prometheus-perl 0.12-1+b2,
#   python3-prometheus-client 0.16.0-0.1 (Debian 12).
# Consequence: one help text, and no metric of the program is collected. Write
#   help texts on one line, without backslashes.

set -u
packages=(libprometheus-tiny-perl=0.010-1 libnet-prometheus-perl=0.12-1+b2
    python3-prometheus-client=0.16.0-0.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
touch status
if ! timeout 300 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
rm -f cache/archives/libc6_* # the machine's own is used
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done
libraries=$(echo "$temp"/root/usr/lib/*-linux-gnu)
libraries=$libraries:$(echo "$temp"/root/lib/*-linux-gnu)
arch=$(echo "$temp"/root/usr/lib/*-linux-gnu/perl5/*)
modules=$temp/root/usr/share/perl5:$arch

cat >page.pl <<'END_OF_PERL'
my ($module, $help, $what) = @ARGV;
$help =~ s/NEWLINE/\n/;
if ($module eq 'Tiny') {
    require Prometheus::Tiny;
    my $all = Prometheus::Tiny->new;
    if ($what eq 'histogram') {
        $all->declare('t', type => 'histogram', help => $help);
        $all->histogram_observe('t', 3);
        $all->set('t_depth', 1);
    } elsif ($what eq 'time') {
        $all->set('x', 1, {}, 1000);
        $all->inc('x', {});
    } else {
        $all->declare('x', type => 'gauge', help => $help);
        $all->set('x', 1);
    }
    print $all->format;
} else {
    require Net::Prometheus;
    my $all = Net::Prometheus->new(
        disable_process_collector => 1, disable_perl_collector => 1);
    if ($what eq 'histogram') {
        $all->new_histogram(name => 't', help => $help)->observe(3);
        $all->new_gauge(name => 't_depth', help => 'Depth')->set(1);
    } else {
        $all->new_gauge(name => 'x', help => $help)->set(1);
    }
    print $all->render;
}
END_OF_PERL
cat >read.py <<'END_OF_PYTHON'
import sys
from prometheus_client.parser import text_string_to_metric_families
try:
    for family in text_string_to_metric_families(sys.stdin.read()):
        for sample in family.samples:
            print(sample.name, sample.value, repr(family.documentation))
except ValueError as error:
    print('unreadable:', error)
END_OF_PYTHON
page() { # MODULE HELP [WHAT]
    PERL5LIB=$modules timeout 60 perl page.pl "$1" "$2" "${3-}" 2>&1
}
changed=0
check() { # WHAT SAID STATED
    printf '%s: %s\n' "$1" "$2"
    [ "$2" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
read_by_python() {
    LD_LIBRARY_PATH=$libraries timeout 60 root/usr/bin/python3.11 -c "
import sys
sys.path.insert(0, 'root/usr/lib/python3/dist-packages')
exec(open('read.py').read())"
}

echo "packages: ${packages[*]}"
said=$(page Net 'Up.' | read_by_python)
check 'Net,  Up.' "$said" "x 1.0 'Up.'"
said=$(page Tiny 'Up.' | read_by_python)
check 'Tiny, Up.' "$said" "x 1.0 'Up.'"
said=$(page Net 'Up.NEWLINEOr not.' | read_by_python)
check 'Net,  two lines' "$said" "x 1.0 'Up.\\nOr not.'"
said=$(page Tiny 'Up.NEWLINEOr not.' | read_by_python)
check 'Tiny, two lines' "$said" \
    "unreadable: could not convert string to float: 'not.'"
said=$(page Net 'In C:\new' | read_by_python)
check 'Net,  In C:\new' "$said" "x 1.0 'In C:\\\\new'"
said=$(page Tiny 'In C:\new' | read_by_python)
check 'Tiny, In C:\new' "$said" "x 1.0 'In C:\\new'"
buckets() {
    grep -o 'le="[^"]*' | sed 's/le="//' | tail -n 6 | paste -s -d ' '
}
check 'Net,  buckets' "$(page Net T. histogram | buckets)" \
    '1 2.5 5 7.5 10 +Inf'
check 'Tiny, buckets' "$(page Tiny T. histogram | buckets)" \
    '1 10 2.5 5 7.5 +Inf'
names() {
    grep -v '^# HELP' | sed 's/^# TYPE \([^ ]*\) .*/TYPE_\1/; s/[{ ].*//' |
        uniq | sed 's/TYPE_/TYPE /' | paste -s -d ,
}
check 'Net,  order' "$(page Net T. histogram | names)" \
    'TYPE t,t_count,t_sum,t_bucket,TYPE t_depth,t_depth'
check 'Tiny, order' "$(page Tiny T. histogram | names)" \
    'TYPE t,t_bucket,t_count,t_depth,t_sum'
check 'Tiny, x set at 1000 ms, then added to' "$(page Tiny '' time)" \
    'x 2 1000'
exit "$changed"
