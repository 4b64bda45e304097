#!/usr/bin/env bash
# A client asks for en-US, and Rack::Accept says that en-US is not accepted.
#
# Expected: RFC 5646 section 2.1.1: language tags "are to be treated as case
#   insensitive"; RFC 9110 section 8.5.1 says the same, section 8.3.2 of names
#   of charsets. Rack::Accept's README: "Strict adherence to RFC 2616", whose
#   section 3.10 has it too. http-accept names RFC 7231, which has in section
#   5.3.4 the example "gzip;q=1.0, identity; q=0.5, *;q=0".
# Instead: Rack::Accept puts what the client sends in small letters, not what
#   the server has: "en-US" is not "en-US", and "UTF-8" not "UTF-8". A server
#   that says it has en-US and de sends 406 to a client that asks for en-US,
#   and one with pt and pt-BR sends pt to a client that prefers pt-BR.
#   http_accept_language puts the last part in capitals, so zh-Hant, a script,
#   is zh-HANT, and not found. http-accept compares as it is written, and takes
#   that example of its RFC's for an error.
# Version: ruby-rack-accept 0.4.5-3.1, ruby-http-accept-language 2.1.1-3,
#   ruby-http-accept 2.2.0-1 (Debian 12).
# Consequence: give Rack::Accept small letters only ("en-us"). In C compare
#   language tags, charsets and codings with strcasecmp().

set -u
packages=(ruby-rack-accept=0.4.5-3.1 ruby-http-accept-language=2.1.1-3
    ruby-http-accept=2.2.0-1)
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
libraries=$lib/$multiarch:$temp/root/lib/$multiarch
modules=$lib/ruby/vendor_ruby:$lib/ruby/3.1.0:$lib/$multiarch/ruby/3.1.0
for gem in "$temp"/root/usr/share/rubygems-integration/all/gems/*/lib; do
    modules=$modules:$gem
done

cat >ask.rb <<'END_OF_RUBY'
require 'rack/accept'
require 'http_accept_language/parser'
require 'http/accept'
reader, field, *have = ARGV
said = case reader
when 'Language'
  Rack::Accept::Language.new(field).best_of(have)
when 'Charset'
  Rack::Accept::Charset.new(field).best_of(have)
when 'status'
  app = Rack::Accept.new(->(_) { [200, {}, []] }) { |c| c.languages = have }
  app.call('HTTP_ACCEPT_LANGUAGE' => field).first
when 'http_accept_language'
  HttpAcceptLanguage::Parser.new(field).preferred_language_from(have)
when 'http-accept'
  (HTTP::Accept::Languages::Locales.new(have) &
      HTTP::Accept::Languages.parse(field)).first
when 'encodings'
  begin
    HTTP::Accept::Encodings.parse(field).map(&:encoding).join(' ')
  rescue HTTP::Accept::ParseError
    'error'
  end
end
puts said || 'none'
END_OF_RUBY
changed=0
expect() { # SAID READER FIELD OFFERED...
    stated=$1
    shift
    said=$(RUBYLIB=$modules LD_LIBRARY_PATH=$libraries timeout 60 \
        root/usr/bin/ruby3.1 --disable-gems -W0 ask.rb "$@" 2>&1)
    reader=$1
    field=$2
    shift 2
    printf '%s, "%s" (has %s): %s\n' "$reader" "$field" "${*:--}" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect de Language 'de' en-US de
expect none Language 'en-US' en-US de
expect en-us Language 'en-US' en-us de
expect pt Language 'pt-BR, pt;q=0.5' pt pt-BR
expect pt-br Language 'pt-BR, pt;q=0.5' pt pt-br
expect 200 status 'de' en-US de
expect 406 status 'en-US' en-US de
expect 200 status 'en-US' en-us de
expect none Charset 'UTF-8' UTF-8
expect utf-8 Charset 'UTF-8' utf-8
expect en-US http_accept_language 'en-us' en-US zh-Hant
expect none http_accept_language 'zh-Hant' en-US zh-Hant
expect en-US http-accept 'en-US' en-US de
expect none http-accept 'en-us' en-US de
expect 'gzip identity *' encodings 'gzip;q=1.0, identity;q=0.5, *;q=0'
expect error encodings 'gzip;q=1.0, identity; q=0.5, *;q=0'
exit "$changed"
