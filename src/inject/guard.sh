# shellcheck shell=dash disable=SC2015,SC2086,SC2154,SC2162,SC3013
# (busybox ash is dash plus `test -ef`; see run.sh for the rest.)
#
# The guard: ends istio-proxy where no wrapper can, such as after an app that was killed for its memory. It runs in
# istio-proxy's own container, started by a postStart hook with the command
#   /clockout/busybox sh /clockout/guard port=… delay=… urls=… -- [ISTIO'S OWN HOOK…]
# The hook must return: the guard runs as a session of its own, and holds none of its files.
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

# Pilot-agent is PID 1, unless the pod's containers share their processes: then it is the one in our mount namespace.
_agent=1
# shellcheck disable=SC2164 # it is there
cd /proc
for _x in [0-9]*; do
  read _v <$_x/cmdline
  case $_v in *pilot-agent*proxy*) [ $_x/ns/mnt -ef self/ns/mnt ] && _agent=$_x; esac
done

# say: into the proxy's log, if that can be.
say() { echo "CLOCKOUT: $1" >>/proc/$_agent/fd/2; :; }

# watch NAME:RULE:START-TIMEOUT: returns when that container has ended for good.
watch() {
  _n=${1%%:*} _max=${1##*:}
  _s=$_d/$_n
  start
  while
    _up=
    [ -e $_s.rc ] && _up=1
    # Returns at once where no wrapper has the FIFO open, else when its process is gone. Read-write never blocks.
    # shellcheck disable=SC2094 # nothing is written
    [ -p $_s.alive ] && exec 8<>$_s.alive 7<$_s.alive 8>&- && read _x <&7
    ! ended $1
  do
    case $1:$_up in
      *:any:*:1) say "$_n was killed"; break ;;
      *:any:[1-9]*) past $_max && say "$_n did not start" && break
    esac
    $_b sleep 1
  done
}

for _x in $_ends; do watch $_x & done
wait

# The wrappers, of other users, write what we write.
umask 0
# From here on no wrapper starts its app.
: >$_d/quit
$_b sleep $_delay
post
# Without a status port there is nothing to wait for.
_t=0
[ $_port = 0 ] || start
# Until the container dies, and we with it.
while :; do
  if ask --post-data= $_url/quitquitquit; then
    [ -e $_d/taken ] || say 'all ended: told istio-proxy to quit'
    echo >$_d/taken
  fi
  [ -e $_d/taken ] || ! past 10 || {
    say 'quit not taken: sent TERM'
    kill -TERM $_agent
    start
  }
  $_b sleep .3
done
