# shellcheck shell=dash disable=SC2015,SC2086,SC2154,SC2162,SC3013,SC3060
# (busybox ash is dash plus `test -ef`; see run.sh for the rest.)
#
# The guard: ends a sidecar where no wrapper can, such as after an app that was killed for its memory. It runs in the
# sidecar's own container, started by a postStart hook with the command
#   /clockout/busybox sh /clockout/guard tell=… term=… to=… quit=… delay=… urls=… -- [THE SIDECAR'S OWN HOOK…]
# tell: the URL whose POST ends the sidecar, if there is one; term: after how many seconds without success TERM is sent,
# or nothing for never; to: to whom, unless a pilot-agent is found. The hook must return: the guard runs as a session of
# its own, and holds none of its files.
_b=${0%/*}/busybox
if [ $1 != name= ]; then
  $_b setsid $_b sh $0 name= "$@" </dev/null >/dev/null 2>&1 &
  while [ "$1" != -- ]; do shift; done
  shift
  exec "$@"
  exit
fi
# shellcheck source=/dev/null
. ${0%/*}/run

# In istio-proxy's container TERM goes only to pilot-agent, which ends Envoy in its own way. It is PID 1, unless the pod's
# containers share their processes, or the node does: then it is the one in our mount namespace.
_first=1
# shellcheck disable=SC2164 # it is there
cd /proc
for _x in [0-9]*; do
  read _v <$_x/cmdline
  case $_v in *pilot-agent*proxy*) [ $_x/ns/mnt -ef self/ns/mnt ] && _first=$_x _to=$_x; esac
done

# _say: into the sidecar's log, if that can be.
_say() { echo "CLOCKOUT: $1" >>/proc/$_first/fd/2; :; }

exec 9<>$_d/nap

# _watch NAME:RULE:START-TIMEOUT: returns when that container has ended for good.
_watch() {
  _n=${1%%:*} _max=${1##*:}
  _s=$_d/$_n
  _start
  while
    _up=-
    read _up 2>/dev/null <$_s.rc
    # Returns at once where no wrapper has the FIFO open, else when its process is gone. Read-write never blocks.
    # shellcheck disable=SC2094 # nothing is written
    [ -p $_s.alive ] && exec 8<>$_s.alive 7<$_s.alive 8>&- && read _x <&7
    ! _ended $1
  do
    case $1:$_up in
      *:zero:* | *:0:-) ;;
      *:-) _past $_max && _say "$_n did not start" && break ;;
      *) _say "$_n killed"; break
    esac
    _nap 1
  done
}

for _x in $_ends; do _watch $_x & done
wait

# The wrappers, of other users, write what we write.
umask 0
# From here on no wrapper starts its app.
: >$_d/quit
_nap $_delay
_shutall
_told=$_d/-${_tell//\//.}
_start
# Until the container dies, and we with it.
while :; do
  [ $_tell ] && _ask --post-data= $_tell && {
    [ -e $_told ] || _say 'sent quit'
    echo >$_told
  }
  # (Of an empty option nothing is left, and `[ -z ]` holds.)
  [ -e $_told ] || [ -z $_term ] || ! _past $_term || {
    _say 'sent TERM'
    kill -TERM $_to
    # Even a stopped one.
    kill -CONT $_to
    _start
    # Once is enough: to a Dapr that drains, a second one means exit code 1.
    _term=600
  }
  _nap 0.3
done
