# shellcheck shell=dash
#
# The init container: lays busybox, the two scripts and one FIFO a wrapped container into the pod's volumes, and finds
# out whether a native sidecar is running. Its image needs nothing but /bin/busybox. Runs as
#   /bin/busybox sh -c INIT clockout-init RUN GUARD PROBE-PORT ENDS MARK
# where ENDS is name:rule:start-timeout of every wrapped container, separated by commas (see run.sh), and MARK the file
# that tells the wrappers of a native sidecar: `native`, to become their apps, or `kept`, to leave only that one alone. It
# may run again in the same pod (a lost sandbox): everything is made elsewhere and renamed, and what is there stays.
b=/bin/busybox
d=/clockout
s=/clockout-state
set -e
umask 022

# put TEXT FILE
put() {
  printf '%s\n' "$1" >"$d/$2.new"
  $b chmod 755 "$d/$2.new"
  $b mv -f "$d/$2.new" "$d/$2"
}

if ! [ -x $d/busybox ]; then
  $b cp $b $d/busybox.new
  $b chmod 755 $d/busybox.new
  $b mv -f $d/busybox.new $d/busybox
fi
# All sidecars start anew, and so what they were told is no longer so.
$b rm -f $s/quit $s/-*
put "$1" run
put "$2" guard
put "$4" ends
port=$3
# Any user's wrapper opens what is made from here on, and any user's guard.
umask 0
[ -p $s/nap ] || $b mkfifo $s/nap
IFS=,
for name in $4; do
  name=${name%%:*}
  # Neither started nor ended.
  [ -e "$s/$name.rc" ] || echo - >"$s/$name.rc"
  [ -p "$s/$name.alive" ] || $b mkfifo "$s/$name.alive"
done

# Only a native sidecar is up before us: its startup probe holds us back.
if [ "$port" != - ] &&
  $b timeout 2 $b wget -Y off -q -O /dev/null "http://127.0.0.1:$port/healthz/ready" 2>/dev/null; then
  : >"$s/$5"
fi
