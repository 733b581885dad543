# shellcheck shell=dash disable=SC1007,SC2015,SC2086,SC2154,SC2162,SC3038,SC3040,SC3045,SC3060
# (busybox ash is dash plus `exec -a`, `pipefail`, `read -n`, `read -t`, `${x//a/b}` and $'…'. Options become variables.
# What stands unquoted has no spaces, and what is read no backslashes.)
#
# The wrapper: parent of a Job container's app. It waits for istio-proxy, runs the app, tells the proxy to quit, and
# exits with the app's exit code. The container's command is
#   /clockout/busybox sh /clockout/run name=… port=… wait=… late=… quit=… delay=… urls=… guard=… -- ARGV…
#
# Option x becomes variable _x. Every variable of ours starts with an underscore: the app's own are in this shell too.
# So does every function, so that both can be shortened where they are embedded.
while [ "$1" != -- ]; do
  eval "_${1%%=*}=\${1#*=}"
  shift
done
shift
_b=${0%/*}/busybox
_d=/clockout-state
_s=$_d/$_name
_url=http://127.0.0.1:$_port
# _now: see _past; _pid: the app; _sigs: signals from before it was there; _hit: a signal came; _stop: one that means "end now";
# _open: the proxy's port was seen open; _rc: the exit code to be; _env: see getenv.
unset _now _pid _sigs _stop _open _rc _env
IFS=,
# name:rule:start-timeout of every wrapped container. Rule any: any exit is its end; zero: only exit code 0 is.
read _ends <${0%/*}/ends
set -o pipefail

# _start, _past SECONDS: a stopwatch, and whether it shows more than that. Nobody sets the clock of /proc/uptime, and
# reading it takes no process. Where it can't be read (lxcfs can fail), each look counts as a second: shorter, but an end.
_start() { IFS=. read _t _ </proc/uptime; } 2>/dev/null
_past() {
  IFS=. read _x _ </proc/uptime && _now=$_x || _now=$((_now + 1))
  [ $((_now - _t)) -gt $1 ]
} 2>/dev/null

# _nap SECONDS: a sleep that a signal ends, and that takes no process: where there can be no other, ash would exit with 2.
# Into 9 nobody writes.
_nap() { read -t $1 _x <&9; }

# _ask WGET-ARGUMENT…: 0 for status 200, 9 for refused, 1 for any other answer, anything else for "unknown". A signal ends
# it. What hangs is killed after 2 seconds, by whoever reads its stderr: `wget -T` crashes in Debian's 1.35, and the
# timeout applet leaves a process behind.
_ask() {
  {
    read _x </proc/self/stat
    echo ${_x%% *}
    exec $_b wget -Y off -q -O /dev/null "$@" 2>&1
  } | {
    read _x
    read -t 2 _v || kill -9 $_x
    case $_v in *refused*) exit 9; esac
  } &
  wait $!
  _got=$?
  [ $_got -gt 1 ] || _open=1
  return $_got
} 2>/dev/null

# _shut URL: POSTs there until somebody has had it taken, but no longer than $_quit seconds.
_shut() {
  _told=$_d/-${1//\//.}
  _start
  until _ask --post-data= $1 && echo >$_told; do
    [ -e $_told ] && break
    case $_got$_open$_stop$_guard in
      # Refused. Seen open before: it took a quit, or is gone. Never seen open: it may yet come, and a guard with it.
      91* | 9yes) break ;;
      # Nobody else will do it: as long as Istio itself gives a proxy to start.
      9no) _quit=600
    esac
    # After a signal that means "end now", one second.
    _past ${_stop:-$_quit} && {
      [ $_stop ] || _say "no quit taken: $1"
      break
    }
    _nap 0.2
  done
}

# _shutall: the option's URLs. Whether the sidecar behind one will come, nobody knows.
_shutall() {
  for _x in $_urls; do _open= _guard= _shut $_x & done
  wait
}

# _ended NAME:RULE:START-TIMEOUT: whether that container has ended for good.
_ended() {
  _v=
  read _v 2>/dev/null <$_d/${1%%:*}.rc
  case $1:$_v in *:any:*:[0-9]* | *:zero:*:0) ;; *) false; esac
}

# The guard reads this file up to here.
[ $_name ] || return

_say() { echo "CLOCKOUT: $1" >&2; }

# _getenv: what this container was given, as the kernel keeps it, each byte quoted, into _env.
_getenv() {
  _env=$($_b hexdump -ve '/1 "\\%03o"' /proc/$$/environ | $_b sed "s/\\\\000/' \$'/g")
}

_can() { [ -f "$_x" ] && [ -x "$_x" ]; }

# _launch ARGV…: this process becomes the app, with the environment this container was given.
_launch() {
  # ash's is the same, unless a name is no identifier (spring.datasource.url), or ash has its own, or it could be ours.
  # (To busybox's sed, unlike some of its greps, a NUL ends a line.)
  [ "$($_b sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ)" ] && _getenv
  # The PATH that ash makes up when there is none.
  [ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && _getenv

  # Found as runc finds it. By ourselves, or busybox's applets would stand in for the image's tools.
  _x=$1
  case $1 in
    */*) ;;
    *)
      set -f
      IFS=:
      for _p in $PATH""; do
        _x=${_p:-.}/$1
        _can && break
      done
  esac
  _can || {
    _say "no such executable: $1"
    [ -e "$_x" ] && exit 126
    exit 127
  }

  # ash would run what the kernel refuses as a script of its own: a text file without #!, an ELF file for another kind of
  # machine than busybox's (its two bytes from 18 on). env refuses it, as the runtime does.
  _v='#!'
  read -n2 _v 2>/dev/null <"$_x"
  case $_v in
    '#!') ;;
    ?E) $_b cmp -sn2 "$_x" $_b 18 18 || _getenv ;;
    *) _getenv ;;
  esac

  _p=$1
  shift
  if [ "$_env" ]; then
    # To env a word with = is a variable.
    case $_x in *=*) set -- setpriv "$_x" "$@" && _x=$_b; esac
    eval "set -- \$'${_env% *} \"\$_x\" \"\$@\""
    exec $_b env -i "$@"
  fi
  unset PWD SHLVL
  exec -a "$_p" "$_x" "$@"
}

# _on SIGNAL: passes it on to the app. Must not start a process once the app has ended, or ash may forget its exit code.
_on() {
  _hit=1
  # TERM, INT, QUIT
  case $1 in *T*) _stop=1; esac
  if [ $_pid ]; then
    # Until it becomes the app, that process is a copy of this shell, which may swallow signals.
    while [ /proc/$$/exe -ef /proc/$_pid/exe ]; do _nap 0.01; done
    # A child of ash starts with INT and QUIT ignored. If the app left it so, TERM takes their place.
    while read _ign && [ ${_ign%%:*} != SigIgn ]; do :; done </proc/$_pid/status
    case $1:$_ign in INT:*[2367abef] | QUIT:*[4567c-f]) set -- TERM; esac
    kill -$1 $_pid
  else
    _sigs=$1,$_sigs
  fi
} 2>/dev/null

# A native sidecar, and no other to end: there is nothing to stay for.
[ -e $_d/native ] && _launch "$@"

trap _hit=1 PIPE
# shellcheck disable=SC2064 # the name is meant to be filled in now
for _x in TERM INT HUP QUIT USR1 USR2; do trap "_on $_x" $_x; done

# The guard knows from this FIFO that we live: whatever ends us, the kernel closes it.
exec 9<>$_s.alive
# Empty: started, and not ended.
: >$_s.rc

if [ -e $_d/quit ]; then
  _say 'too late: proxy has quit'
  _rc=124
elif [ $((_port * _wait)) != 0 ]; then
  _start
  until _ask $_url/healthz/ready || [ "$_sigs" ]; do
    _past $_wait && {
      [ $_late = fail ] && _rc=124
      _say "proxy not ready in $_wait s: will $_late"
      break
    }
    _nap 0.1
  done
fi

if [ "$_sigs" ]; then
  _rc=$((128 + $(kill -l ${_sigs%%,*})))
elif ! [ $_rc ]; then
  exec 3<&0
  _launch "$@" <&3 3<&- 9>&- &
  _pid=$!
  exec 3<&- </dev/null
  # Not before: a resized terminal is no reason to stop waiting for the proxy.
  trap '_on WINCH' WINCH
  for _x in $_sigs; do _on $_x; done
  # A signal makes wait return that signal's number: ask again, ash keeps the app's.
  while
    _hit=
    wait $_pid 2>/dev/null
    _rc=$?
    [ $_hit ]
  do :; done
fi

# Whatever becomes of us.
trap 'exit $_rc' EXIT
# Whatever umask the app was given: a guard, which has another user, reads what we write, and writes it as well.
umask 0
echo $_rc >$_s.rc
exec 9<>$_d/nap

[ $_quit = never ] && exit
for _x in $_ends; do _ended $_x || exit; done
[ $_stop ] || _nap $_delay
_shutall
# Kept: a native one. It would be started again, and a restart counts against the Job's backoffLimit under OnFailure:
# https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/controller/job/job_controller.go (pastBackoffLimitOnFailure)
[ $_port = 0 ] || [ -e $_d/kept ] || _shut $_url/quitquitquit
