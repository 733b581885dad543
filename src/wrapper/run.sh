# shellcheck shell=dash disable=SC1007,SC2015,SC2086,SC2154,SC2162,SC3001,SC3038,SC3040,SC3045,SC3060
# (busybox ash is dash plus `exec -a`, `pipefail`, `read -n`, `read -t`, `<(…)`, `${x//a/b}` and $'…'. Options become
# variables. What stands unquoted has no spaces, and what is read no backslashes.)
#
# The wrapper: runs a Job container's app. It waits for the proxy, starts the app, asks the proxy to exit after it, and
# exits with the app's exit code. The container's command is
#   /clockout/busybox sh /clockout/run name=… port=… wait=… late=… quit=… delay=… urls=… report=… stop=… guard=… -- ARGV…
# PROTOCOL.md says which files there are, who writes them, and what each process does when it finds something else.
#
# Option x becomes variable _x. Every variable and function of ours starts with an underscore: the app's own variables are
# in this shell too.
while [ "$1" != -- ]; do
  eval "_${1%%=*}=\${1#*=}"
  shift
done
shift
_tools=${0%/*}
_b=$_tools/busybox
# The steps of all containers; our own, which only this container may write; our own FIFO (a guard has those of all).
_steps=/clockout-steps
_own=/clockout-own
_alive=/clockout-alive
_proxy=istio-proxy
_url=http://127.0.0.1:$_port
# _now: see _past; _since: see _remind; _pid: the app; _shell: see _run; _sigs: signals from before the app was there; _hit: a signal came; _ending:
# the one of option stop, which means "end now"; _open: the proxy's port was seen open; _rc: the exit code to be; _env: see _getenv; _bare, _tty: see
# _launch.
_report=${_report:-0}
unset _now _since _pid _shell _sigs _hit _ending _open _rc _env _bare _tty
IFS=,
# _wrapped: name:rule:start-timeout of every wrapped container. Rule any: any exit is its end; zero: only exit code 0 is.
# _guards: the containers that have a guard.
{
  read _wrapped
  read _guards
} <$_tools/pod
set -o pipefail

# _start, _past SECONDS: a stopwatch, and whether it shows more than that. Nobody sets the clock of /proc/uptime, and
# reading it takes no process. Where it can't be read (lxcfs can fail), each look counts as a second: shorter, but an end.
_start() { IFS=. read _t _ </proc/uptime; } 2>/dev/null
_past() {
  IFS=. read _x _ </proc/uptime && _now=$_x || _now=$((_now + 1))
  [ $((_now - _t)) -gt $1 ]
} 2>/dev/null

# _nap SECONDS: a sleep that a signal ends, and that takes no process: where there can be no other, ash would exit with 2.
# 9 is a pipe with both ends here (a heredoc is one, and takes no process either): nobody else can write into it.
_nap() { read -t $1 -n 1 _x <&9; }
# (What is closed could become one of 0 to 2 otherwise.)
[ -e /proc/self/fd/0 ] || exec </dev/null
[ -e /proc/self/fd/1 ] || exec >/dev/null
[ -e /proc/self/fd/2 ] || exec 2>/dev/null
exec 9<<E
E
[ -w /proc/self/fd/9 ] && exec 9<>/proc/self/fd/9

# A step is a file that holds a byte until the step is done, and is empty from then on. To see that takes stat(2), which waits
# for nobody and opens nothing; to do it takes neither a process nor a free block.
# _plain FILE: whether it is a file, and no link to one. A link is not followed even for a look: it could lead to what hangs.
_plain() { ! [ -L $1 ] && [ -f $1 ]; }

# _done NAME STEP: whether that container has done it. What is missing, or is no plain file, was not done.
_done() { _plain $_steps/$1/$2 && ! [ -s $_steps/$1/$2 ]; }

# _anyone STEP: whether a wrapper has done it.
_anyone() {
  for _v in $_wrapped; do _done ${_v%%:*} $1 && return; done
  false
}

# _remind CONTAINER…: says once that the pod waits for them, if another has ended $_report seconds ago.
_remind() {
  _past 0
  _since=${_since:-$_now}
  [ $((_now - _since)) -lt $_report ] && return
  _x=
  for _v; do _x="$_x ${_v%%:*}"; done
  _say "the pod waits for$_x; another container has ended"
  _report=0
}

# _do DESCRIPTOR: does the step whose file is open there, whatever stands under its name by now.
_do() { { :; } >/proc/self/fd/$1; } 2>/dev/null

# _hold DESCRIPTOR STEP: opens our own, and makes it undone. Without one, nobody sees that we did it.
_hold() {
  _x=$_own/$2
  _plain $_x && [ -w $_x ] || _x=/dev/null
  eval "exec $1<>$_x"
  # A guard's container already runs, and could have put a link there after the look. Nobody could here, at init's own link.
  [ -z $_me ] || [ /proc/self/fd/$1 -ef $_alive/$_me/$2 ] || eval "exec $1<>/dev/null"
  [ -s /proc/self/fd/$1 ] || echo >&$1
} 2>/dev/null

# _id WORD: prints it, and the id of this process behind it.
_id() { read _v </proc/self/stat && echo $1${_v%% *}; }

# _ask WGET-ARGUMENT…: 0 for status 200, 9 for refused, 1 for any other answer, anything else for "unknown". A signal ends
# it. What hangs is killed after 2 seconds, by the reader of its stderr: `wget -T` crashes in Debian's 1.35, and the
# timeout applet leaves a process behind.
_ask() {
  {
    _id
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

# _shut URL: POSTs there until the answer is 200, but no longer than $_quit seconds.
_shut() {
  _start
  until _ask --post-data= $1; do
    case $_got$_open$_ending$_guard in
      # Refused. Seen open before: it was asked to exit, or is gone. Never seen open: it may yet come, and a guard with it.
      91* | 9yes) return 1 ;;
      # Nobody else will ask it: as long as Istio itself gives a proxy to start.
      9no) _quit=600
    esac
    # After a signal that means "end now", one second.
    _past ${_ending:-$_quit} && {
      [ $_ending ] || _say "no quit taken: $1"
      return 1
    }
    _nap 0.2
  done
}

# _shutall: the option's URLs. Whether the sidecar behind one will come, nobody knows.
_shutall() {
  for _x in $_urls; do _open= _guard= _shut $_x & done
  wait
  _do 6
}

# The guard reads this file up to here.
[ $_name ] || return

_say() { echo "CLOCKOUT: $1" >&2; }

# _getenv: what this container was given, as the kernel keeps it, each byte quoted, into _env.
_getenv() {
  _env=$($_b hexdump -ve '/1 "\\%03o"' /proc/$$/environ | $_b sed "s/\\\\000/' \$'/g")
}

# _odd: ash's is the same, unless a name is no identifier (spring.datasource.url), or ash has its own, or it could be ours.
# (To busybox's sed, unlike some of its greps, a NUL ends a line. Where we end before it looks, there is nothing to look at.)
_odd() {
  exec $_b sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|OLDPWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ 2>/dev/null
}

# _kind FILE: its first two bytes into _v, and those from 18 on, which in an ELF file are the machine, into _y.
_kind() { read -n2 _v; read -n16 _y; read -n2 _y; } 2>/dev/null <"$1"

_can() { [ -f "$_x" ] && [ -x "$_x" ]; }

# The signals that are passed on, in addition to the real-time ones. They do not end our own shells.
_named=TERM,INT,HUP,QUIT,USR1,USR2,ABRT,ALRM,IO,PWR,PROF,VTALRM,XCPU

# A shell that becomes an app, whose argv[0] is its $0.
_become='unset PWD SHLVL OLDPWD; exec -a "$0" "$@"'
# A shell that has an app in the terminal's foreground: set -m does nothing in one that was forked. What stops is woken.
_job="trap : PIPE ${_named//,/ }"'; set -m; _s=$0 _c=$1 _n=$2; shift 2; "$_s" sh -c "echo p\$\$ >&6; exec 2>&7 6>&- 7>&-; $_c" "$_n" "$@"; _r=$?'
_job="$_job;"' while [ $_r -gt 128 ] && kill -CONT %1; do fg %1 >/dev/null; _r=$?; done; echo $_r >&6'

# _launch ARGV…: this process becomes the app, with the environment this container was given: with _bare as it is, else as
# the leader of a session of its own or, with _tty, of the terminal's foreground.
_launch() {
  # A word of _odd's: ash's is another.
  [ "$_word" ] && _getenv
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
    _rc=127
    [ -e "$_x" ] && _rc=126
    [ $_bare ] || echo $_rc >&6
    exit $_rc
  }

  # ash would run what the kernel refuses as a script of its own: a text file without #!, an ELF file for another kind of
  # machine than busybox's. env refuses it, as the runtime does. What may not be read stays as busybox.
  _kind $_b
  _p=$_v$_y
  _kind "$_x"
  case $_v$_y in '#!'* | "$_p") ;; *) _getenv; esac

  _p=$1
  shift
  if [ "$_env" ]; then
    # To env a word with = is a variable.
    case $_x in *=*) set -- setpriv "$_x" "$@" && _x=$_b; esac
    eval "set -- env -i \$'${_env% *} \"\$_x\" \"\$@\""
    _p=$_b _x=$_b
  fi
  unset PWD SHLVL OLDPWD
  if [ $_bare ]; then
    exec -a "$_p" "$_x" "$@"
  elif [ $_tty ]; then
    exec 7>&2 2>/dev/null
    exec $_b sh -c "$_job" $_b "$_become" "$_p" "$_x" "$@"
  elif [ "$_p" = "$_x" ]; then
    exec $_b setsid -- "$_x" "$@" 6>&-
  else
    exec $_b setsid $_b sh -c "$_become" "$_p" "$_x" "$@" 6>&-
  fi
}

# _run ARGV…: the shell between us and the app, whose child in the foreground starts with no signal ignored. It prints `s` and
# its own process id, `p` and the app's, and then the app's exit code, to the reader of its output, which it keeps as 6; 3 is
# what we had instead.
_run() {
  exec 6>&1 >&3 3>&- 4>&- 5>&- 7>&- 8>&- 9>&-
  _id s >&6
  [ $_tty ] && _launch "$@"
  # Not to end by a `kill -TERM -1` of the app's, nor by one that is meant for it.
  trap : PIPE $_named
  # Not to say how the app ended.
  exec 7>&2 2>/dev/null
  {
    (
      _id p >&6
      _launch "$@"
    )
  } 2>&7 7>&-
  echo $? >&6
}

# _lives: whether the shell between us and the app still runs. It is woken if the app has stopped all other processes.
_lives() { read _v </proc/$_shell/stat && case ${_v##*)} in ' Z'*) false ;; ' T'*) kill -CONT $_shell; esac; } 2>/dev/null

# _hear: a line of it; nothing after its end. A signal makes read return: ask again. One that comes in the moment before read
# waits makes nothing return, and is noticed a second later. Only the first byte has that limit of time: a read that gives up
# halfway has eaten what was there.
_hear() {
  _over=
  until
    _hit= _x=
    read ${_shell:+-t1} -n1 _x <&8
  do
    [ $_hit ] && continue
    [ $_over ] && return
    [ $_report != 0 ] && _anyone end && _remind $_name
    # What it said between our read and its end is read once more.
    _lives || _over=1
  done
  while
    _hit= _v=
    ! read _v <&8 && [ $_hit ]
  do :; done
  _x=$_x$_v
}

# _on SIGNAL: passes it on to the app.
_on() {
  _hit=1
  [ $1 = $_stop ] && _ending=1
  if [ $_pid ]; then
    kill -$1 $_pid
  elif ! [ $_rc ]; then
    _sigs=$_sigs$1,
  fi
} 2>/dev/null

# A native sidecar, and no other to end: there is nothing to stay for.
[ -e $_tools/native ] && _bare=1 && _word=$(_odd) && _launch "$@"

# Asked now, and read when the app is started: it works while we wait.
exec 3< <(_odd)

trap _hit=1 PIPE
# shellcheck disable=SC2064 # the name is meant to be filled in now
for _x in $_named $_stop; do trap "_on $_x" $_x; done
# The real-time ones.
_x=34
while [ $_x -lt 65 ]; do
  # shellcheck disable=SC2064
  trap "_on $_x" $_x
  _x=$((_x + 1))
done

# The guards know from this FIFO that we live: whatever ends us, the kernel closes it. Nobody can have put another there.
[ -p $_alive/alive ] && exec 4<>$_alive/alive

# What an app before a restart has left in place of a step is removed: nothing else runs in this container yet.
for _x in start end urls proxy; do
  _plain $_own/$_x && [ -w $_own/$_x ] || {
    $_b rm -rf $_own/$_x
    (umask 0 && set -C && echo >$_own/$_x)
  } 2>/dev/null
done
_me=
_hold 5 proxy
_hold 6 urls
_hold 7 end
_hold 8 start
_do 8

if _done $_proxy end; then
  _say 'too late: proxy has quit'
  _rc=124
elif [ $((_port * _wait)) != 0 ]; then
  _start
  until _ask $_url/healthz/ready || [ $_ending ]; do
    _past $_wait && {
      [ $_late = fail ] && _rc=124
      _say "proxy not ready in $_wait s: will $_late"
      break
    }
    _nap 0.1
  done
fi

if [ $_ending ]; then
  case $_stop in [A-Z]*) _stop=$(kill -l $_stop); esac
  _rc=$((128 + _stop))
elif ! [ $_rc ]; then
  { _tty=1; } 2>/dev/null </dev/tty
  # Whether it has printed anything.
  while
    _hit= _word=1
    ! read -n 1 _x <&3 && _word= && [ $_hit ]
  do :; done
  exec 3>&1
  exec 8< <(_run "$@")
  exec 3>&- </dev/null
  # Not before: a resized terminal is no reason to stop waiting for the proxy.
  # shellcheck disable=SC2064
  for _x in CONT TSTP TTIN TTOU WINCH URG; do trap "_on $_x" $_x; done
  # As process 1 we inherit what the app leaves behind.
  trap '_hit=1; jobs >/dev/null' CHLD
  while
    _hear
    [ $_x ]
  do
    case $_x in
      s*) _shell=${_x#s} ;;
      p*)
        _pid=${_x#p}
        for _v in $_sigs; do _on $_v; done
        ;;
      *) _rc=$_x
    esac
  done
  # Nothing: somebody has killed the shell between us, and the code with it: ash reaps an orphan without a look at its code.
  while [ "$_pid" ] && ! [ $_rc ] && kill -0 $_pid; do _nap 0.2; done 2>/dev/null
  _rc=${_rc:-137}
  _pid=
  trap - CHLD
fi

# Whatever becomes of us.
trap 'exit $_rc' EXIT
# Our own end is known from memory, whatever the disk says.
case ,$_wrapped:$_rc in
  *,$_name:any:* | *:0) _do 7 ;;
  *) exit
esac

[ $_quit = never ] && exit
for _x in $_wrapped; do [ ${_x%%:*} = $_name ] || _done ${_x%%:*} end || exit; done
[ $_ending ] || _nap $_delay
_shutall
# Kept: a native one. It would be started again, and a restart counts against the Job's backoffLimit under OnFailure:
# https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/controller/job/job_controller.go (pastBackoffLimitOnFailure)
[ $_port = 0 ] || [ -e $_tools/kept ] && exit
# The proxy goes last, and its guard sees when the others have gone. Should it not ask the proxy to exit, we do.
case ,$_guards, in
  *,$_proxy,?*, | ,?*,$_proxy,*)
    _start
    until _done $_proxy proxy || _past $((${_ending:-$_quit} + 1)); do _nap 0.2; done
    _done $_proxy proxy && exit
esac
_shut $_url/quitquitquit && _do 5
exit
