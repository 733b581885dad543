# shellcheck shell=dash disable=SC2015,SC2086,SC2154,SC2162,SC3001,SC3013,SC3045,SC3060
# (busybox ash is dash plus `test -ef`; see run.sh for the rest.)
#
# The guard: ends a sidecar where no wrapper can, such as after an app that was killed for its memory. It runs in the
# sidecar's own container, started by a postStart hook with the command
#   /clockout/busybox sh /clockout/guard me=… tell=… term=… to=… quit=… delay=… urls=… report=… -- [THE SIDECAR'S OWN HOOK…]
# me: the sidecar's container; tell: the URL whose POST ends it, if there is one; term: after how many seconds without
# success TERM is sent, or nothing for never; to: to which process, unless a pilot-agent is found. The hook must return: the
# guard runs as a session of its own, and holds none of its files.
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
_guard=

# In istio-proxy's container TERM goes only to pilot-agent, which ends Envoy in its own way. It is PID 1, unless the pod's
# containers share their processes, or the node does: then it is the one in our mount namespace.
_first=1
# shellcheck disable=SC2164 # it is there
cd /proc
for _x in [0-9]*; do
  # Not that of others, which may have megabytes.
  _v=
  [ $_x/ns/mnt -ef self/ns/mnt ] && read -n 1024 _v <$_x/cmdline
  case $_v in *pilot-agent*proxy*) _first=$_x _to=$_x; esac
done

# _say: into the sidecar's log, if that can be.
_say() { echo "CLOCKOUT: $1" >>/proc/$_first/fd/2; :; }

[ -p $_alive/$_me/alive ] || {
  _say 'sees nothing of the pod: its end is left to the wrappers'
  exit
}
# The proxy's guard knows from this FIFO that this sidecar lives.
exec 4<>$_alive/$_me/alive
_hold 5 proxy
_hold 6 urls
_hold 7 end
_hold 8 start
_do 8

# _watch NAME: says +NAME when somebody else has that one's FIFO open for writing, for which opening it waits, and !NAME when
# nobody has any more: the end of file. (An owner who writes a byte into his own has thereby said that he is gone.)
_watch() {
  while :; do
    { echo +$1 && read -n 1 _x; echo !$1; } <$_alive/$1/alive
    _nap 0.5
  done
}

# _watchers: one process for each of the others.
_watchers() {
  exec 4>&- 5>&- 6>&- 7>&- 8>&-
  for _v in $_wrapped,$_guards; do
    _v=${_v%%:*}
    [ $_v = $_me ] || _watch $_v &
  done
}

# _heed SECONDS: takes in one of their words; _up: who is alive; _seen: who ever was. Only its first byte has a limit of time: a
# read that gives up halfway has eaten what was there.
_up=, _seen=,
_heed() {
  read -t $1 -n 1 _x <&8 && read _word <&8 || return 0
  case $_x in
    +)
      _up=$_up$_word,
      _saw $_word || _seen=$_seen$_word,
      ;;
    !) _up=${_up//,$_word,/,}
  esac
}
_is_up() { case $_up in *,$1,*) ;; *) false; esac }
_saw() { case $_seen in *,$1,*) ;; *) false; esac }

# _over NAME:RULE:START-TIMEOUT: whether that container has ended for good.
_blind=
_over() {
  _n=${1%%:*}
  _done $_n end && return
  case $1 in *:zero:*) return 1; esac
  _is_up $_n && return 1
  if _saw $_n; then
    _say "$_n killed"
  elif _done $_n start; then
    # No evidence is no death: its FIFO here may be another than there. Unless another one's is the same here.
    # Not at the first look: the word may be on its way.
    case $_blind in
      *,$_n,*)
        [ "$_seen" != , ] && _say "$_n killed" && return
        case $_blind in *,$_n,*,$_n,*) return 1; esac
        _say "$_n started, and was never seen: its end is left to its wrapper"
    esac
    _blind=$_blind,$_n,
    false
  else
    _max=${1##*:}
    _plain $_steps/$_n/start && [ $_max != 0 ] && _past $_max && _say "$_n did not start"
  fi
}

# _others: whether another sidecar that has a guard is there, or may be.
_others() {
  for _v in $_guards; do
    [ $_v = $_me ] && continue
    _is_up $_v || { _done $_v start && ! _saw $_v; } && return
  done
  false
}

# _calm: whether all that is left is alive, and no other guard waits for us: hardly anything can happen without a word of theirs.
_calm() {
  [ $_guards = $_me ] || return
  for _v in $_left; do _is_up ${_v%%:*} || return; done
}

exec 8< <(_watchers)
_start
_left=$_wrapped
while [ "$_left" ]; do
  _x=0.5
  _calm && {
    # But one that has ended may stay to ask a proxy that never answers.
    _x=5
    [ $_report = 0 ] || [ $_report -gt 5 ] || _x=$_report
  }
  # It does its step before it goes: a word is older than what the steps say after it.
  _heed $_x
  _rest=
  for _c in $_left; do _over $_c || _rest=$_rest,$_c; done
  _left=${_rest#,}
  [ $_report != 0 ] && [ "$_left" ] && [ "$_left" != "$_wrapped" ] && _remind $_left
done

# From here on no wrapper starts its app, if we are the proxy's.
_do 7
_nap $_delay
if [ "$_urls" ]; then
  # A wrapper asks those, if one is left.
  _start
  until _anyone urls || _past $_quit; do
    _x=
    for _c in $_wrapped; do _is_up ${_c%%:*} && _x=1; done
    [ $_x ] || break
    _heed 0.2
  done
  _anyone urls || _shutall
fi
if [ $_me = $_proxy ]; then
  # It goes last.
  _start
  while _others && ! _past $_quit; do _heed 0.2; done
fi
_taken=
_start
# Until the container dies, and we with it.
while :; do
  [ $_me = $_proxy ] && _anyone proxy && _taken=1
  [ $_tell ] && _ask --post-data= $_tell && {
    [ $_taken ] || { [ $_me = $_proxy ] && _anyone proxy; } || _say 'sent quit'
    _taken=1
    _do 5
  }
  # (Of an empty option nothing is left, and `[ -z ]` holds.)
  [ $_taken ] || [ -z $_term ] || ! _past $_term || {
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
