#!/usr/bin/env bash
# Ruby's gelf loses a text if its level is given with it, and takes its own
# line for the one that logged.
#
# Expected: its own description of notify!(): the arguments can be a hash,
#   "exception with optional hash-like object", or "string-like object [...]
#   with optional hash-like object: notify!('Plain olde text message', :scribe
#   => 'AlekSi')"; all its examples have symbols for keys, and :level is one of
#   the keys that a hash may have. Its list of changes (1.2.0): "automatically
#   set 'file', 'line' and 'timestamp' fields": in GELF 1.0 these are the file
#   that caused the message, and the line in it.
# Instead: notify('disk full', :level => GELF::WARN) sends no such text, but an
#   alert (level 1): "ArgumentError: Both :level and level are present." So it
#   is with an exception. In one hash with short_message, or as 'level', it
#   works. file is always gelf/notifier.rb, and line 160: to find the caller it
#   leaves out places with "lib/gelf" in their path, but Debian has it in
#   vendor_ruby/gelf.
# Version: ruby-gelf 1.4.0-4.1, ruby3.1 3.1.7+really3.1.2-0+deb12u1 (Debian
#   12). In the gem itself, in a folder lib, file and line would be right.
# Consequence: warnings come in as alerts without their text, and all messages
#   from one line. Write 'level' as text, and set file and line off:
#   notifier.collect_file_and_line = false.

set -u
packages=(ruby-gelf=1.4.0-4.1 ruby3.1=3.1.7+really3.1.2-0+deb12u1)
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
lib=$temp/root/usr/lib
multiarch=$(basename "$(echo "$lib"/*-linux-gnu)")
modules=$lib/ruby/vendor_ruby:$lib/ruby/3.1.0:$lib/$multiarch/ruby/3.1.0
for gem in "$temp"/root/usr/share/rubygems-integration/all/gems/*/lib; do
    modules=$modules:$gem
done

cat >log.rb <<'END_OF_RUBY'
require 'gelf'
require 'json'
require 'socket'
require 'zlib'
SERVER = UDPSocket.new
SERVER.bind('127.0.0.1', 0)
NOTIFIER = GELF::Notifier.new('127.0.0.1', SERVER.addr[1], 'WAN', :host => 'h')
def shown(*)
  got = JSON.parse(Zlib::Inflate.inflate(SERVER.recvfrom(9000)[0]))
  file = got['file'].to_s.split('/').last(2).join('/')
  puts "#{got['level']} #{got['short_message']} (#{file})"
end
warn_ = GELF::WARN
shown NOTIFIER.notify('disk full')
shown NOTIFIER.notify('disk full', :disk => 'sda')
shown NOTIFIER.notify('disk full', 'level' => warn_)
shown NOTIFIER.notify(:short_message => 'disk full', :level => warn_)
shown NOTIFIER.notify('disk full', :level => warn_)
shown NOTIFIER.notify(RuntimeError.new('disk full'))
shown NOTIFIER.notify(RuntimeError.new('disk full'), :level => warn_)
END_OF_RUBY
cat >stated <<'END'
6 disk full (gelf/notifier.rb)
6 disk full (gelf/notifier.rb)
5 disk full (gelf/notifier.rb)
5 disk full (gelf/notifier.rb)
1 ArgumentError: Both :level and level are present. (gelf/notifier.rb)
4 RuntimeError: disk full (gelf/notifier.rb)
1 ArgumentError: Both :level and level are present. (gelf/notifier.rb)
END
run() { # the library's FOLDER
    LD_LIBRARY_PATH=$lib/$multiarch:$temp/root/lib/$multiarch \
        RUBYLIB=$1:$modules timeout 60 root/usr/bin/ruby3.1 -W0 log.rb 2>&1
}
changed=0
echo "packages: ${packages[*]}"
echo "level, short_message (file) received:"
run "$lib/ruby/vendor_ruby" | tee seen
if ! cmp -s seen stated; then
    echo "    changed: this was stated:"
    cat stated
    changed=1
fi
# the same files in a folder lib, as the gem has them
mkdir -p gem/lib
cp -r "$lib"/ruby/vendor_ruby/gelf* gem/lib
seen=$(run "$temp/gem/lib" | head -n 1)
echo "from a folder lib: $seen"
case $seen in
('6 disk full ('*'log.rb)') ;;
(*)
    echo "    changed: this was stated: log.rb"
    changed=1 ;;
esac
exit "$changed"
