# shellcheck shell=dash disable=SC2015,SC2086,SC2154,SC2162,SC3001,SC3013,SC3045,SC3060
# (busybox ash is dash plus `test -ef`; see run.sh for the rest.)
#
# The guard: ends a sidecar where no wrapper can, such as after an app that was killed for its memory. It runs in the
# sidecar's own container, started by a postStart hook with the command
#   /clockout/busybox sh /clockout/guard me=… tell=… term=… to=… quit=… delay=… urls=… report=… -- [THE SIDECAR'S OWN HOOK…]
# me: the sidecar's container; tell: the URL whose POST ends it, if there is one; term: after how many seconds without
# success TERM is sent, or nothing for never; to: to which process, unless a pilot-agent is found. The hook must return: the
# guard runs as a session of its own, and holds none of its files.
_busybox=${0%/*}/busybox
if [ $1 != name= ]; then
  $_busybox setsid $_busybox sh $0 name= "$@" </dev/null >/dev/null 2>&1 &
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
_logger=1
# shellcheck disable=SC2164 # it is there
cd /proc
for _it in [0-9]*; do
  # Not that of others, which may have megabytes.
  _cmdline=
  [ $_it/ns/mnt -ef self/ns/mnt ] && read -n 1024 _cmdline <$_it/cmdline
  case $_cmdline in *pilot-agent*proxy*) _logger=$_it _to=$_it; esac
done

# _say: into the sidecar's log, if that can be.
_say() { echo "CLOCKOUT: $1" >>/proc/$_logger/fd/2; :; }
_trace() { [ "$1" = "$_traced" ] || echo "clockout: guard of $_me: $1" >>/proc/$_logger/fd/2; _traced=$1; }

[ -p $_alive/$_me/alive ] || {
  _say 'sees nothing of the pod: its end is left to the wrappers'
  exit
}
# The proxy's guard knows from this FIFO that this sidecar lives.
exec 4<>$_alive/$_me/alive
_open_steps
_trace "waits for $_apps"

# _watch NAME: says +NAME when another process has that one's FIFO open for writing, for which opening it waits, and !NAME when
# none has any more: the end of file. (An owner who writes a byte into his own has thereby said that he is gone.)
_watch() {
  while :; do
    { echo +$1 && read -n 1 _; echo !$1; } <$_alive/$1/alive
    _nap 0.5
  done
}

# _watchers: one process for each of the others.
_watchers() {
  exec 4>&- 5>&- 6>&- 7>&- 8>&-
  for _it in $_apps,$_guards; do
    _it=${_it%%:*}
    [ $_it = $_me ] || _watch $_it &
  done
}

# _hear SECONDS: takes in one of their words; _up: who is alive; _seen: who ever was. Only its first byte has a limit of time: a
# read that gives up halfway has eaten what was there.
_up=, _seen=,
_hear() {
  read -t $1 -n 1 _sign <&8 && read _who <&8 || return 0
  case $_sign in
    +)
      _trace "$_who runs"
      _up=$_up$_who,
      _saw $_who || _seen=$_seen$_who,
      ;;
    !)
      _trace "$_who is gone"
      _up=${_up//,$_who,/,}
  esac
}
_is_up() { case $_up in *,$1,*) ;; *) false; esac }
_saw() { case $_seen in *,$1,*) ;; *) false; esac }

# _has_ended NAME:RULE:START-TIMEOUT: whether that container has ended for good.
_unseen=
_has_ended() {
  _who=${1%%:*}
  _did $_who end && return
  case $1 in *:zero:*) return 1; esac
  _is_up $_who && return 1
  if _saw $_who; then
    _say "$_who killed"
  elif _did $_who start; then
    # No evidence is no death: its FIFO here may be another than there. Unless another one's is the same here.
    # Not at the first look: the word may be on its way.
    case $_unseen in
      *,$_who,*)
        [ "$_seen" != , ] && _say "$_who killed" && return
        case $_unseen in *,$_who,*,$_who,*) return 1; esac
        _say "$_who started, and was never seen: its end is left to its wrapper"
    esac
    _unseen=$_unseen,$_who,
    false
  else
    _timeout=${1##*:}
    _plain $_steps/$_who/start && [ $_timeout != 0 ] && _past $_timeout && _say "$_who did not start"
  fi
}

# _others: whether another sidecar that has a guard is there, or may be: the word that it runs can take some seconds. If none
# comes, it was gone before this guard could see it.
_others() {
  for _it in $_guards; do
    [ $_it = $_me ] && continue
    _is_up $_it || { _did $_it start && ! _saw $_it && ! _past 5; } && return
  done
  false
}

# _is_calm: whether all that is left is alive, and no other guard waits for us: hardly anything can happen without a word of
# theirs.
_is_calm() {
  [ $_guards = $_me ] || return
  for _it in $_left; do _is_up ${_it%%:*} || return; done
}

exec 8< <(_watchers)
_clock
_left=$_apps
while [ "$_left" ]; do
  _pause=0.5
  _is_calm && {
    # But one that has ended may stay to ask a proxy that never answers.
    _pause=5
    [ $_report = 0 ] || [ $_report -gt 5 ] || _pause=$_report
  }
  # It does its step before it goes: a word is older than what the steps say after it.
  _hear $_pause
  _rest=
  for _each in $_left; do _has_ended $_each || _rest=$_rest,$_each; done
  _left=${_rest#,}
  _trace "still to end: ${_left:-none}"
  [ $_report != 0 ] && [ "$_left" ] && [ "$_left" != "$_apps" ] && _remind $_left
done

# From here on no wrapper starts its app, if we are the proxy's.
_do end
_nap $_delay
if [ "$_urls" ]; then
  # A wrapper asks those, if one is left.
  _clock
  until _any_did urls || _past $_quit; do
    _running=
    for _it in $_apps; do _is_up ${_it%%:*} && _running=$_it; done
    [ $_running ] || break
    _hear 0.2
  done
  _any_did urls || _ask_urls
fi
if [ $_me = $_proxy ]; then
  # It goes last.
  _clock
  while _others && ! _past $_quit; do _hear 0.2; done
  # Now, as the proxy can take this guard with it before it has answered.
  _do proxy
fi
_trace "asking the sidecar to exit${_tell:+ at $_tell}"
_asked=
# _look: whether a wrapper has asked the proxy.
_look() { [ $_me = $_proxy ] && _any_did proxy && _asked=yes; }
_clock
# Until the container dies, and we with it.
while :; do
  _look
  [ $_tell ] && _ask --post-data= $_tell && {
    [ $_asked ] || _look || _say 'sent quit'
    _asked=yes
  }
  # (Of an empty option nothing is left, and `[ -z ]` holds.)
  [ $_asked ] || [ -z $_term ] || ! _past $_term || {
    _say 'sent TERM'
    kill -TERM $_to
    # Even a stopped one.
    kill -CONT $_to
    _clock
    # Once is enough: to a Dapr that drains, a second one means exit code 1.
    _term=600
  }
  _nap 0.3
done
