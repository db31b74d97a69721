#!/usr/bin/env bash
# Installs what Earshot needs from Debian and PyPI, after listing the packages and why they are needed.
#   ./setup.sh demo      for building and serving
#   ./setup.sh deb       for demo, and for building the Debian package
#   ./setup.sh train     for demo, and for training models
#   ./setup.sh retrieval for train, and for making the songs of docs/retrieval.md
#   ./setup.sh test      for train, and for the tests
#   ./setup.sh site      for the documentation site only; nothing is built
#   ./setup.sh bench     for test, and the programs that the benchmarks compare with
#   ./setup.sh oracles   for demo, the tests, and the independent implementations of the statistics
set -euo pipefail
cd "$(dirname "$0")"
goal=${1:-demo}

say() { printf '%s\n' "$*" >&2; }

# package: why it is needed
build="
g++: what Swift compiles and links against
libcurl4-openssl-dev: fetches packages, and is linked with Swift's networking
libxml2-dev: reads other programs' tests
pkg-config: finds the C libraries
libsndfile1-dev: reads and writes sound files
libsoxr-dev: resamples
libebur128-dev: measures loudness (ITU-R BS.1770)
libfftw3-dev: Fourier transforms
libmicrohttpd-dev: the web server
libsqlite3-dev: the records
libpq-dev: the records of several servers, on PostgreSQL
libsodium-dev: content hashes
zlib1g-dev: compresses pages
libcmark-dev: Markdown in a study's texts
libopenblas-dev: dense linear algebra of the models
libnlopt-dev: optimises the models' variances
libfluidsynth-dev: renders soundfonts
libdnnl-dev: runs trained networks (oneDNN)
esbuild: minifies the pages' scripts
"
demo="
mma: writes the accompaniments of the demo's loops
libjs-vega: the report's charts
"
deb="
build-essential: what Debian expects of a machine that builds packages
debhelper: builds the package
lintian: checks the package
"
train="
libtorch-dev: trains models
"
retrieval="
python3-numpy: makes the songs that retrieval is tested on
python3-soundfile: reads and writes their sounds
"
test="
python3-venv: an environment of its own for the test tools
chromium-headless-shell: Chromium without windows, the browser that the page tests drive
node-typescript: checks the types of the pages' scripts
firefox-esr: a second browser for whole sessions
webkit2gtk-driver: a third, with Safari's engine
xvfb: the display of the third browser
gstreamer1.0-plugins-base: its audio
gstreamer1.0-plugins-good: its audio
gstreamer1.0-pulseaudio: its audio
pulseaudio: the audio device that the browsers play to
pulseaudio-utils: records what they play
nginx-light: the reverse proxy that docs/hosting.md is tested with
openssl: makes its certificate
timgm6mb-soundfont: the soundfont of the library tests
postgresql: the database of the tests with several servers
patroni: runs two of them, one of which may fail
etcd-server: keeps track of which one leads
strace: shows the power-cut tests what the server syncs
e2fsprogs: makes the disk of the power-cut tests
"
bench="
chromium: the browser that opens the pages
wrk: puts load on both servers
php-cli: runs the peer for saving
eatmydata: shows what syncing costs
r-base-core: runs the peer for mixed models
r-cran-lme4: the peer for mixed models
python3-torch: the peer for networks
"
oracles="
r-base-core: the statistics' independent implementation
r-cran-lme4: mixed models
r-cran-lmertest: their degrees of freedom
r-cran-emmeans: their marginal means and contrasts
r-cran-multcompview: letters for groups that cannot be told apart
r-cran-ordinal: cumulative-link mixed models
r-cran-mass: non-metric maps
r-cran-psych: intraclass correlations
r-cran-jsonlite: writes the fixtures
python3-torch: the networks' independent implementation
"

case $goal in
demo) wanted="$build$demo" ;;
deb) wanted="$build$demo$deb" ;;
train) wanted="$build$demo$train" ;;
retrieval) wanted="$build$demo$train$retrieval" ;;
test) wanted="$build$demo$train$test" ;;
bench) wanted="$build$demo$train$test$bench" ;;
oracles) wanted="$build$demo$test$oracles" ;;
site) wanted="python3-venv: an environment of its own for the generator" ;;
*)
  sed -n '2,10p' "$0" >&2
  exit 2
  ;;
esac

missing=()
while IFS= read -r line; do
  package=${line%%:*}
  [ -n "$package" ] || continue
  if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
    [ ${#missing[@]} -gt 0 ] || say "Earshot needs these Debian packages:"
    say "  $line"
    missing+=("$package")
  fi
done <<<"$wanted"

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "Install them as root, then run this again: apt-get install ${missing[*]}"; exit 1; }
    as_root=(sudo)
    say "Installing them asks for your password."
  fi
  "${as_root[@]}" apt-get update -q
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

if [ "$goal" != site ] && { ! command -v swift >/dev/null || ! swift --version 2>/dev/null | grep -qE 'Swift version (6\.([2-9]|[1-9][0-9])|[7-9])'; }; then
  say "Earshot is built with Swift 6.2 or later; get it from https://www.swift.org/install and run this again."
  exit 1
fi

# Creates a Python environment in folder $1 from the requirement files that follow, and again when they change.
environment() {
  local folder=$1
  shift
  local stamp
  stamp=$(cat "$@" | sha256sum)
  if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ]; then
    say "Installing the Python packages of $* into $folder"
    rm -rf "$folder"
    python3 -m venv "$folder"
    local files=()
    for file in "$@"; do files+=(-r "$file"); done
    "$folder/bin/pip" install -q --no-compile --disable-pip-version-check "${files[@]}"
    printf '%s' "$stamp" >"$folder/stamp"
  fi
}

case $goal in
test) environment .venv Tests/Browser/requirements.txt Tests/EndToEnd/requirements.txt Tests/EndToEnd/site-requirements.txt ;;
site) environment .venv-site Tests/EndToEnd/site-requirements.txt ;;
bench)
  environment .venv-bench Tests/Bench/requirements.txt
  environment .venv-otree Tests/Bench/otree-requirements.txt
  ;;
oracles) environment .venv-oracles analysis/oracles/requirements.txt ;;
esac
