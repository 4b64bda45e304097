#!/usr/bin/env bash
# Two Ruby libraries give no right answer to RFC 2617's own Digest challenge.
#
# Expected: the challenge in RFC 2617 section 3.5 offers qop="auth,auth-int",
#   and the answer has one of them: "qop=auth". (3.2.2: "this is a single
#   token, not a quoted list of alternatives".) Both implement that RFC, say
#   their READMEs; httpauth does it "as compliant as possible".
# Instead: httpauth cuts the challenge at the comma within the quotes, says it
#   knows no qop value of it, and takes a realm "a, b" for "a".
#   Net::HTTP::DigestAuth answers "qop=auth,auth-int", and hashes that, too.
#   Both are right if qop="auth" alone is offered.
# Version: ruby-httpauth 0.2.1+gh-1.1, ruby-net-http-digest-auth 1.4.1-1
#   (Debian 12).
# Consequence: a server that offers auth-int as well, though it is the RFC's
#   example, locks such clients out; so it offers qop="auth".

set -u
packages=(ruby-httpauth=0.2.1+gh-1.1 ruby-net-http-digest-auth=1.4.1-1
    ruby3.1=3.1.7+really3.1.2-0+deb12u1)
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
multiarch=x86_64-linux-gnu
libraries=$lib/$multiarch:$temp/root/lib/$multiarch
modules=$lib/ruby/vendor_ruby:$lib/ruby/3.1.0:$lib/$multiarch/ruby/3.1.0

# The fields of an answer to CHALLENGE that do not depend on the time.
cat >answer.rb <<'END'
library, challenge = ARGV
path = '/dir/index.html'
realm = challenge[/realm="(.*?)"/, 1]
if library == 'httpauth'
  require 'httpauth'
  challenge = HTTPAuth::Digest::Challenge.from_header(challenge)
  begin
    answer = HTTPAuth::Digest::Credentials.from_challenge(
      challenge, username: 'Mufasa', password: 'Circle Of Life',
      uri: path, method: 'GET').to_header
  rescue HTTPAuth::UnsupportedError => error
    print error.message
    exit
  end
else
  require 'digest/md5'
  require 'net/http/digest_auth'
  url = URI("http://Mufasa:Circle%20Of%20Life@h#{path}")
  answer = Net::HTTP::DigestAuth.new.auth_header(url, challenge, 'GET')
end
field = ->(name) { answer[/\b#{name}="?(.*?)"?(?:, \w+=|$)/, 1] }
hash = ->(*words) { Digest::MD5.hexdigest(words.join(':')) }
right = hash.call(hash.call('Mufasa', realm, 'Circle Of Life'),
                  field['nonce'], field['nc'], field['cnonce'], 'auth',
                  hash.call('GET', path))
print "realm=#{field['realm']} qop=#{field['qop']} response is " +
      (field['response'] == right ? 'right' : 'wrong')
END
changed=0
expect() { # LIBRARY CHALLENGE SAID
    said=$(LD_LIBRARY_PATH=$libraries RUBYLIB=$modules timeout 20 \
        root/usr/bin/ruby3.1 --disable-gems -W0 answer.rb "$1" "$2" 2>&1)
    printf '%s, %s\n    %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
nonce='nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
one="Digest realm=\"testrealm@host.com\", qop=\"auth\", $nonce"
two="Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", $nonce"
comma="Digest realm=\"a, b\", qop=\"auth\", $nonce"
right='realm=testrealm@host.com qop=auth response is right'
expect httpauth "$one" "$right"
expect net-http-digest-auth "$one" "$right"
expect httpauth "$two" "HTTPAuth doesn't support any of the proposed qop $(
    )values: [\"\\\"auth\"]"
expect net-http-digest-auth "$two" \
    'realm=testrealm@host.com qop=auth,auth-int response is wrong'
expect net-http-digest-auth "$comma" 'realm=a, b qop=auth response is right'
expect httpauth "$comma" 'realm=a qop=auth response is wrong'
exit "$changed"
