# shellcheck shell=dash disable=SC2015,SC2086,SC2154,SC2162,SC3001,SC3013,SC3045,SC3060
# (busybox ash is dash plus `test -ef`; see run.sh for the rest.)
#
# The guard: ends a sidecar where no wrapper can, such as after an app that was killed for its memory. It runs in the
# sidecar's own container, started by a postStart hook with the command
#   /clockout/busybox sh /clockout/guard me=… tell=… term=… to=… quit=… delay=… urls=… report=… -- [THE SIDECAR'S OWN HOOK…]
# me: the sidecar's container; tell: the URL whose POST ends it, if there is one; term: after how many seconds without
# success TERM is sent, or nothing for never; to: to which process, unless a pilot-agent is found. The hook must return: the
# guard runs as a session of its own, and holds none of its files.
case $0 in
  */guard)
    [ $1 = name= ] || {
      # What run asks of a wrapper: the sidecar's environment could have variables of these names.
      ${0%/*}/busybox setsid ${0%/*}/busybox sh $0 name= port= "$@" </dev/null >/dev/null 2>&1 &
      while [ "$1" != -- ]; do shift; done
      shift
      exec "$@"
      exit
    }
    # shellcheck source=/dev/null
    . ${0%/*}/run
esac

# _clock, _past SECONDS: a stopwatch, and whether it shows more than that. No process sets the clock of /proc/uptime,
# and reading it takes no process. Where it can't be read (lxcfs can fail), each look counts as a second: shorter, but an end.
_clock() { _past 0; _began=$_now; }
_past() {
  IFS=. read _uptime _ </proc/uptime && _now=$_uptime || _now=$((_now + 1))
  [ $((_now - _began)) -gt $1 ]
} 2>/dev/null

# _any_did STEP: whether a wrapper has done it.
_any_did() {
  for _it in $_apps; do _did ${_it%%:*} $1 && return; done
  false
}

# _remind CONTAINER…: says once that the pod waits for them, if another has ended $_report seconds ago.
_remind() {
  _past 0
  _since=${_since:-$_now}
  [ $((_now - _since)) -lt $_report ] && return
  _names=
  for _it; do _names="$_names ${_it%%:*}"; done
  _say "the pod waits for$_names; another container has ended"
  _report=0
}

# _ask WGET-ARGUMENT…: whether the answer is a success; _answer: accepted, other, refused, or none within 2 seconds. A signal
# ends it. (`wget -T` crashes in Debian's 1.35.) What wget says of the answer counts, not how it exits: it can be killed.
_ask() {
  {
    read _wget
    read -t2 -d '' _answer
    kill -9 $_wget
  } < <(
    read -n8 _wget </proc/self/stat
    echo ${_wget%% *}
    exec $_busybox wget -SY off -qO /dev/null "$@" 2>&1
  )
  # ash reaps it then.
  jobs >/dev/null
  case $_answer in
    *'on refused'*) _answer=refused ;;
    *wget:*) _answer=other _was_open=y ;;
    *HTTP/1.?' 2'*) _answer=accepted _was_open=y ;;
    *) _answer=none
  esac
  [ $_answer = accepted ]
} 2>/dev/null

# _ask_to_exit URL: POSTs there until the answer is a success, but no longer than $_quit seconds.
_ask_to_exit() {
  _clock
  _trace "asking the sidecar at $1 to exit"
  until _ask --post-data= $1; do
    _trace "$1 answered: $_answer"
    if [ $_answer = refused ]; then
      # Seen open before: it was asked to exit, or is gone. Never seen open: it may yet come, and a guard with it. After the
      # stop signal, once is enough.
      [ $_was_open$_hurry ] || [ "$_guard" = yes ] && return 1
      # Only we will ask it: as long as Istio itself gives a proxy to start.
      [ "$_guard" != no ] || _quit=600
    fi
    _past ${_hurry:-$_quit} && {
      [ $_hurry ] || _say "no quit taken: $1"
      return 1
    }
    _nap 0.2
  done
  _trace "$1 answered: accepted"
  # Not the status of the last nap.
  :
}

# _ask_urls: the option's URLs. Whether the sidecar behind one will come cannot be known.
_ask_urls() {
  for _it in $_urls; do _was_open= _guard= _ask_to_exit $_it & done
  wait
  _do urls
}

# A wrapper that has a sidecar to ask reads this file up to here.
[ $_name ] && return
_guard=

# In istio-proxy's container TERM goes only to pilot-agent, which ends Envoy in its own way. It is PID 1, unless the pod's
# containers share their processes, or the node does: then it is the one in our mount namespace.
_logger=1
# shellcheck disable=SC2164 # it is there
cd /proc
for _it in [0-9]*; do
  # Not that of others, which may have megabytes.
  _cmdline=
  [ $_it/ns/mnt -ef self/ns/mnt ] && read -n1024 _cmdline <$_it/cmdline
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
    { echo +$1 && read -n1 _; echo !$1; } <$_alive/$1/alive
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
  read -u8 -t$1 -n1 _sign && read -u8 _who || return 0
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
[ "$_urls" ] && {
  # A wrapper asks those, if one is left.
  _clock
  until _any_did urls || _past $_quit; do
    _running=
    for _it in $_apps; do _is_up ${_it%%:*} && _running=$_it; done
    [ $_running ] || break
    _hear 0.2
  done
  _any_did urls || _ask_urls
}
[ $_me = $_proxy ] && {
  # It goes last.
  _clock
  while _others && ! _past $_quit; do _hear 0.2; done
  # Now, as the proxy can take this guard with it before it has answered.
  _do proxy
}
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
