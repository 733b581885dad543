# shellcheck shell=dash disable=SC1007,SC2015,SC2086,SC2154,SC2162,SC3001,SC3038,SC3045,SC3060
# (busybox ash is dash plus `exec -a`, `read -d`, `read -n`, `read -t`, `<(…)`, `${x//a/b}` and $'…'. Options become
# variables. What stands unquoted has no spaces, and what is read no backslashes.)
#
# The wrapper: runs a Job container's app. It waits for the proxy, starts the app, asks the proxy to exit after it, and
# exits with the app's exit code. The container's command is
#   /clockout/busybox sh /clockout/run name=… port=… wait=… late=… quit=… delay=… urls=… report=… stop=… guard=… -- ARGV…
# PROTOCOL.md says which files there are, who writes them, and what each process does when it finds something else.
#
# Option x becomes variable _x. Every variable and function of ours starts with an underscore: the app's own variables are
# in this shell too.
#
# Lines that begin with _trace are only in the scripts of a pod with `clockout.dev/trace: "true"`. Such a line is never the
# only one of a branch, and nothing after it looks at its `$?`.
_trace() { [ "$1" = "$_traced" ] || echo "clockout: $1" >&2; _traced=$1; }
while [ "$1" != -- ]; do
  eval "_${1%%=*}=\${1#*=}"
  shift
done
shift
_tools=${0%/*}
_busybox=$_tools/busybox
# The steps of all containers; our own, which only this container may write; our own FIFO (a guard has those of all).
_steps=/clockout-steps
_own=/clockout-own
_alive=/clockout-alive
_proxy=istio-proxy
_url=http://127.0.0.1:$_port
# _now, _began, _since: see _past and _remind; _app: the app's process id; _shell: see _run; _early: the signals that came before
# the app; _signal: a signal has come; _hurry: the option stop's signal has come, which means "end now", and so many
# seconds are left to ask a sidecar to exit; _was_open: a sidecar has answered; _code: the exit code to be; _env:
# see _read_env; _bare, _tty: see _launch.
_report=${_report:-0}
unset _now _began _since _app _shell _early _signal _hurry _was_open _code _env _bare _tty
IFS=,
# _apps: name:rule:start-timeout of every wrapped container. Rule any: any exit is its end; zero: only exit code 0 is.
# _guards: the containers that have a guard. _applets: see init.sh. (`read` takes two system calls for each byte.)
# shellcheck source=/dev/null
. $_tools/pod

# _nap SECONDS: a sleep that a signal ends, and that takes no process: where there can be no other, ash would exit with 2.
# 9 is a pipe with both ends here (a heredoc is one, and takes no process either): no other process can write into it.
_nap() { read -u9 -t$1 -n1 _; }
# (What is closed could become one of 0 to 2 otherwise.)
for _it in 0 1 2; do [ -e /proc/self/fd/$_it ] || eval "exec $_it<>/dev/null"; done
exec 9<<E
E
[ -w /proc/self/fd/9 ] && exec 9<>/proc/self/fd/9

# A step is a file that holds a byte until the step is done, and is empty from then on. To see that takes stat(2), which waits
# for nothing and opens nothing; to do it takes neither a process nor a free block.
# _plain FILE: whether it is a file, and not a link to one. A link is not followed even for a look: it could lead to what
# hangs.
_plain() { ! [ -L $1 ] && [ -f $1 ]; }

# _did NAME STEP: whether that container has done it. What is missing, or is not a plain file, was not done.
_did() { _plain $_steps/$1/$2 && ! [ -s $_steps/$1/$2 ]; }

# _do STEP: does it in the file that was opened, whatever stands under its name by now.
_do() { eval "{ :; } >/proc/self/fd/\$_$1_open"; } 2>/dev/null

# _open_step DESCRIPTOR STEP: opens our own, and makes it undone. Without one, no other process sees that we did it.
_can_use() { _plain $_step && [ -w $_step ]; }
_open_step() {
  _step=$_own/$2
  # What an app before a restart has left in its place is removed: only a wrapper starts when nothing else runs there. What
  # can't be removed is not opened: it could be a FIFO.
  _can_use || {
    [ $_me ] || {
      $_busybox rm -rf $_step
      [ -e $_step ] || (umask 0 && set -C && echo >$_step)
    }
    _can_use || _step=/dev/null
  }
  eval "exec $1<>$_step; _$2_open=$1"
  # A guard's container already runs, and could have put a link there after the look. It could not at init's own link.
  [ -z $_me ] || [ /proc/self/fd/$1 -ef $_alive/$_me/$2 ] || eval "exec $1<>/dev/null"
  [ -s $_step ] || echo >&$1
}

_open_steps() {
  # Without a sidecar to ask, no wrapper does these.
  [ "$_port$_urls" = 0 ] || {
    _open_step 5 proxy
    _open_step 6 urls
  }
  _open_step 7 end
  _open_step 8 start
  _do start
} 2>/dev/null

# The guard reads this file up to here.
[ $_name ] || return

_say() { echo "CLOCKOUT: $1" >&2; }

# _read_env: what this container was given, as the kernel keeps it, each byte quoted, into _env.
_read_env() {
  _env=$($_busybox hexdump -ve '/1 "\\%03o"' /proc/$$/environ | $_busybox sed "s/\\\\000/' \$'/g")
}

# _find_odd: ash's is the same, unless a name is not an identifier (spring.datasource.url), or ash has its own, or it could
# be ours. (To busybox's sed, unlike some of its greps, a NUL ends a line. Where we end before it looks, it prints nothing.)
_find_odd() {
  exec $_busybox sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|OLDPWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ 2>/dev/null
}

_can_run() { [ -f "$_file" ] && [ -x "$_file" ]; }

# The signals that are passed on, in addition to the real-time ones. They do not end our own shells.
_named=TERM,INT,HUP,QUIT,USR1,USR2,ABRT,ALRM,IO,PWR,PROF,VTALRM,XCPU

# A shell that becomes an app, whose argv[0] is its $0.
_become='unset PWD SHLVL OLDPWD; exec -a "$0" "$@"'
# A shell that has an app in the terminal's foreground: set -m does nothing in one that was forked. What stops is woken.
_job="trap : PIPE ${_named//,/ }"'; set -m; _busybox=$0 _become=$1 _argv0=$2; shift 2'
_job="$_job;"' "$_busybox" sh -c "echo \$\$:\$PPID >&6; exec 2>&7 6>&- 7>&-; $_become" "$_argv0" "$@"; _code=$?'
_job="$_job;"' while [ $_code -gt 128 ] && kill -CONT %1; do fg %1 >/dev/null; _code=$?; done; echo $_code >&6'

# _launch ARGV…: this process becomes the app, with the environment this container was given: with _bare as it is, else as
# the leader of a session of its own or, with _tty, of the terminal's foreground.
_launch() {
  # A word of _find_odd's: ash's is another.
  [ "$_odd" ] && _read_env
  # The PATH that ash makes up if the container has none.
  [ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && _read_env

  # Found as runc finds it. By ourselves, or busybox's applets would stand in for the image's tools.
  _file=$1
  case $1 in
    */*) ;;
    *)
      set -f
      IFS=:
      for _folder in $PATH""; do
        _file=${_folder:-.}/$1
        _can_run && break
      done
  esac
  _can_run || {
    _say "no such executable: $1"
    _code=127
    [ -e "$_file" ] && _code=126
    [ $_bare ] || echo $_code >&6
    exit $_code
  }

  _argv0=$1
  shift
  # setsid finds a name in PATH as we do, unless it takes an applet for it.
  _ash=$_bare$_tty
  [ $_applets ] && [ "$_argv0" != "$_file" ] && _ash=y
  # ash would run what the kernel refuses as a script of its own: a text file without #!, an ELF file for another kind of
  # machine than busybox's (its two bytes from 18 on). setsid and env refuse it, as the runtime does.
  _kind=#!
  [ $_ash ] && { read -n2 _kind; } 2>/dev/null <"$_file"
  case $_kind in
    \#!) ;;
    ?E) $_busybox cmp -sn2 "$_file" $_busybox 18 18 || _read_env ;;
    *) _read_env
  esac

  if [ "$_env" ]; then
    # To env a word with = is a variable.
    case $_file in *=*) set -- setpriv "$_file" "$@" && _file=$_busybox; esac
    eval "set -- env -i \$'${_env% *} \"\$_file\" \"\$@\""
    _argv0=$_busybox _file=$_busybox
  fi
  unset PWD SHLVL OLDPWD
  if [ $_bare ]; then
    exec -a "$_argv0" "$_file" "$@"
  elif [ $_tty ]; then
    exec 7>&2 2>/dev/null
    exec $_busybox sh -c "$_job" $_busybox "$_become" "$_argv0" "$_file" "$@"
  elif [ $_ash ]; then
    exec $_busybox setsid $_busybox sh -c "$_become" "$_argv0" "$_file" "$@" 6>&-
  else
    exec $_busybox setsid -- "$_argv0" "$@" 6>&-
  fi
}

# _run ARGV…: the shell between us and the app, whose child in the foreground starts with no signal ignored. To the reader of
# its output, which it keeps as 6, the child prints both process ids, and then the shell prints the app's exit code.
# 3 is what we had instead of that output.
_run() {
  exec 6>&1 >&3 3>&- 4>&- 5>&- 7>&- 8>&- 9>&-
  [ $_tty ] && _launch "$@"
  # Not to end by a `kill -TERM -1` of the app's, nor by one that is meant for it.
  trap : PIPE $_named
  # Not to say how the app ended.
  exec 7>&2 2>/dev/null
  {
    (
      # The fields 1 and 4 are its own id and the shell's.
      IFS=' ' read -n30 _app _ _ _shell _ </proc/self/stat
      echo $_app:$_shell >&6
      _launch "$@"
    )
  } 2>&7 7>&-
  echo $? >&6
}

# _shell_lives: whether the shell between us and the app still runs. It is woken if the app has stopped all other processes.
_shell_lives() {
  [ $_shell ] && read _stat </proc/$_shell/stat && case ${_stat##*)} in ' Z'*) false ;; ' T'*) kill -CONT $_shell; esac
} 2>/dev/null

# _hear: a line of it; nothing after its end. A signal makes read return: ask again. One that comes in the moment before read
# waits makes nothing return, and is noticed a second later. Only the first byte has that limit of time: a read that gives up
# halfway has eaten what was there.
_hear() {
  _over= _line=
  until
    _signal= _byte=
    read -u8 ${_shell:+-t1} -n1 _byte
  do
    [ $_signal ] && continue
    [ $_over ] && return
    [ $_report != 0 ] && _any_did end && _remind $_name
    # What it said between our read and its end is read once more.
    _shell_lives || _over=y
  done
  while
    _signal= _line=
    ! read -u8 _line && [ $_signal ]
  do :; done
  _line=$_byte$_line
}

# _pass_on SIGNAL: to the app.
_pass_on() {
  _signal=y
  [ $1 = "$_stop" ] && _hurry=1
  if [ $_app ]; then
    _trace "passing signal $1 on to the app"
    kill -$1 $_app 2>/dev/null
  else
    _early=$_early$1,
  fi
}

# _trap SIGNAL…: passes them on from now on.
# shellcheck disable=SC2064 # the name is meant to be filled in now
_trap() { for _it; do trap "_pass_on $_it" $_it; done; }

# A native sidecar, and no other to end: there is nothing to stay for.
[ -e $_tools/native ] && _bare=y && _odd=$(_find_odd) && _launch "$@"

# Asked now, and read when the app is started: it works while we wait.
exec 3< <(_find_odd)
# What only a wrapper with a sidecar to ask needs is not here: reading it takes time.
# shellcheck source=/dev/null
[ "$_port$_urls$_report" = 00 ] || . $_tools/guard

trap _signal=y PIPE
_trap $_named $_stop
# The real-time ones.
_it=33
while [ $((_it += 1)) -lt 65 ]; do _trap $_it; done
# The guards know from this FIFO that we live: whatever ends us, the kernel closes it. No container can have put another there.
[ -p $_alive/alive ] && exec 4<>$_alive/alive

_me=
_open_steps

if _did $_proxy end; then
  _say 'too late: proxy has quit'
  _code=124
elif [ $((_port * _wait)) != 0 ]; then
  _clock
  until _ask $_url/healthz/ready || [ $_hurry ]; do
    _trace "the proxy at 127.0.0.1:$_port is not ready yet; its answer: $_answer"
    _past $_wait && {
      [ $_late = fail ] && _code=124
      _say "proxy not ready in $_wait s: will $_late"
      break
    }
    _nap 0.1
  done
  _trace "waited for the proxy at 127.0.0.1:$_port; its last answer: $_answer"
fi

if [ $_hurry ]; then
  _trace "the stop signal $_stop came first: not starting the app"
  case $_stop in [A-Z]*) _stop=$(kill -l $_stop); esac
  _code=$((128 + _stop))
elif ! [ $_code ]; then
  { _tty=y; } 2>/dev/null </dev/tty
  # Whether it has printed anything.
  while
    _signal= _odd=y
    ! read -u3 -n1 _ && _odd= && [ $_signal ]
  do :; done
  exec 3>&1
  exec 8< <(_run "$@")
  exec 3>&- </dev/null
  # Not before: a resized terminal is no reason to stop waiting for the proxy.
  _trap CONT TSTP TTIN TTOU WINCH URG
  # As process 1 we inherit what the app leaves behind.
  trap '_signal=y; jobs >/dev/null' CHLD
  while
    _hear
    [ $_line ]
  do
    case $_line in
      *:*)
        _shell=${_line#*:} _app=${_line%:*}
        _trace "started the app as process $_app"
        for _it in $_early; do _pass_on $_it; done
        ;;
      *)
        _code=$_line
        # Read on until the shell between us has ended: it gives the terminal back.
        [ $_tty ] || break
    esac
  done
  # Nothing: the shell between us was killed, and the code with it: ash reaps an orphan without a look at its code.
  while [ "$_app" ] && ! [ $_code ] && kill -0 $_app; do _nap 0.2; done 2>/dev/null
  _code=${_code:-137}
  _app=
  trap - CHLD
  _trace "the app exited with $_code"
fi

# Whatever becomes of us.
trap 'exit $_code' EXIT
# Our own end is known from memory, whatever the disk says.
case ,$_apps:$_code in
  *,$_name:any:* | *:0) _do end ;;
  *)
    _trace "the kubelet restarts this container: asking no sidecar to exit"
    exit
esac

[ $_quit = never ] && exit
for _it in $_apps; do
  _it=${_it%%:*}
  [ $_it = $_name ] || _did $_it end || {
    _trace "$_it has not ended yet: asking no sidecar to exit"
    exit
  }
done
[ "$_port$_urls" = 0 ] && exit
[ $_hurry ] || _nap $_delay
_ask_urls
# Kept: a native one. It would be started again, and a restart counts against the Job's backoffLimit under OnFailure:
# https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/controller/job/job_controller.go (pastBackoffLimitOnFailure)
[ $_port = 0 ] || [ -e $_tools/kept ] && exit
# The proxy goes last, and its guard sees when the others have gone. Should it not ask the proxy to exit, we do.
case ,$_guards, in
  *,$_proxy,?*, | ,?*,$_proxy,*)
    _trace "waiting for the proxy's guard to ask the proxy to exit"
    _clock
    until _did $_proxy proxy || _past $((${_hurry:-$_quit} + 1)); do _nap 0.2; done
    _did $_proxy proxy && exit
esac
_ask_to_exit $_url/quitquitquit && _do proxy
