// Generated from run.sh, guard.sh and init.sh by scripts/embed-scripts.ts: change those.

/** run.sh */
export const runScript = `while [ "$1" != -- ]; do
  eval "_\${1%%=*}=\\\${1#*=}"
  shift
done
shift
_tools=\${0%/*}
_b=$_tools/busybox
_steps=/clockout-steps
_own=/clockout-own
_alive=/clockout-alive
_proxy=istio-proxy
_url=http://127.0.0.1:$_port
_report=\${_report:-0}
unset _now _since _pid _shell _sigs _hit _ending _open _rc _env _bare _tty
IFS=,
{
  read _wrapped
  read _guards
} <$_tools/pod
set -o pipefail
_start() { IFS=. read _t _ </proc/uptime; } 2>/dev/null
_past() {
  IFS=. read _x _ </proc/uptime && _now=$_x || _now=$((_now + 1))
  [ $((_now - _t)) -gt $1 ]
} 2>/dev/null
_nap() { read -t $1 -n 1 _x <&9; }
[ -e /proc/self/fd/0 ] || exec </dev/null
[ -e /proc/self/fd/1 ] || exec >/dev/null
[ -e /proc/self/fd/2 ] || exec 2>/dev/null
exec 9<<E
E
[ -w /proc/self/fd/9 ] && exec 9<>/proc/self/fd/9
_plain() { ! [ -L $1 ] && [ -f $1 ]; }
_done() { _plain $_steps/$1/$2 && ! [ -s $_steps/$1/$2 ]; }
_anyone() {
  for _v in $_wrapped; do _done \${_v%%:*} $1 && return; done
  false
}
_remind() {
  _past 0
  _since=\${_since:-$_now}
  [ $((_now - _since)) -lt $_report ] && return
  _x=
  for _v; do _x="$_x \${_v%%:*}"; done
  _say "the pod waits for$_x; another container has ended"
  _report=0
}
_do() { { :; } >/proc/self/fd/$1; } 2>/dev/null
_hold() {
  _x=$_own/$2
  _plain $_x && [ -w $_x ] || _x=/dev/null
  eval "exec $1<>$_x"
  [ -z $_me ] || [ /proc/self/fd/$1 -ef $_alive/$_me/$2 ] || eval "exec $1<>/dev/null"
  [ -s /proc/self/fd/$1 ] || echo >&$1
} 2>/dev/null
_id() { read _v </proc/self/stat && echo $1\${_v%% *}; }
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
_shut() {
  _start
  until _ask --post-data= $1; do
    case $_got$_open$_ending$_guard in
      91* | 9yes) return 1 ;;
      9no) _quit=600
    esac
    _past \${_ending:-$_quit} && {
      [ $_ending ] || _say "no quit taken: $1"
      return 1
    }
    _nap 0.2
  done
}
_shutall() {
  for _x in $_urls; do _open= _guard= _shut $_x & done
  wait
  _do 6
}
[ $_name ] || return
_say() { echo "CLOCKOUT: $1" >&2; }
_getenv() {
  _env=$($_b hexdump -ve '/1 "\\\\%03o"' /proc/$$/environ | $_b sed "s/\\\\\\\\000/' \\$'/g")
}
_odd() {
  exec $_b sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|OLDPWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ 2>/dev/null
}
_kind() { read -n2 _v; read -n16 _y; read -n2 _y; } 2>/dev/null <"$1"
_can() { [ -f "$_x" ] && [ -x "$_x" ]; }
_named=TERM,INT,HUP,QUIT,USR1,USR2,ABRT,ALRM,IO,PWR,PROF,VTALRM,XCPU
_become='unset PWD SHLVL OLDPWD; exec -a "$0" "$@"'
_job="trap : PIPE \${_named//,/ }"'; set -m; _s=$0 _c=$1 _n=$2; shift 2; "$_s" sh -c "echo p\\$\\$ >&6; exec 2>&7 6>&- 7>&-; $_c" "$_n" "$@"; _r=$?'
_job="$_job;"' while [ $_r -gt 128 ] && kill -CONT %1; do fg %1 >/dev/null; _r=$?; done; echo $_r >&6'
_launch() {
  [ "$_word" ] && _getenv
  [ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && _getenv
  _x=$1
  case $1 in
    */*) ;;
    *)
      set -f
      IFS=:
      for _p in $PATH""; do
        _x=\${_p:-.}/$1
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
  _kind $_b
  _p=$_v$_y
  _kind "$_x"
  case $_v$_y in '#!'* | "$_p") ;; *) _getenv; esac
  _p=$1
  shift
  if [ "$_env" ]; then
    case $_x in *=*) set -- setpriv "$_x" "$@" && _x=$_b; esac
    eval "set -- env -i \\$'\${_env% *} \\"\\$_x\\" \\"\\$@\\""
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
_run() {
  exec 6>&1 >&3 3>&- 4>&- 5>&- 7>&- 8>&- 9>&-
  _id s >&6
  [ $_tty ] && _launch "$@"
  trap : PIPE $_named
  exec 7>&2 2>/dev/null
  {
    (
      _id p >&6
      _launch "$@"
    )
  } 2>&7 7>&-
  echo $? >&6
}
_lives() { read _v </proc/$_shell/stat && case \${_v##*)} in ' Z'*) false ;; ' T'*) kill -CONT $_shell; esac; } 2>/dev/null
_hear() {
  _over=
  until
    _hit= _x=
    read \${_shell:+-t1} -n1 _x <&8
  do
    [ $_hit ] && continue
    [ $_over ] && return
    [ $_report != 0 ] && _anyone end && _remind $_name
    _lives || _over=1
  done
  while
    _hit= _v=
    ! read _v <&8 && [ $_hit ]
  do :; done
  _x=$_x$_v
}
_on() {
  _hit=1
  [ $1 = $_stop ] && _ending=1
  if [ $_pid ]; then
    kill -$1 $_pid
  elif ! [ $_rc ]; then
    _sigs=$_sigs$1,
  fi
} 2>/dev/null
[ -e $_tools/native ] && _bare=1 && _word=$(_odd) && _launch "$@"
exec 3< <(_odd)
trap _hit=1 PIPE
for _x in $_named $_stop; do trap "_on $_x" $_x; done
_x=34
while [ $_x -lt 65 ]; do
  trap "_on $_x" $_x
  _x=$((_x + 1))
done
[ -p $_alive/alive ] && exec 4<>$_alive/alive
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
  while
    _hit= _word=1
    ! read -n 1 _x <&3 && _word= && [ $_hit ]
  do :; done
  exec 3>&1
  exec 8< <(_run "$@")
  exec 3>&- </dev/null
  for _x in CONT TSTP TTIN TTOU WINCH URG; do trap "_on $_x" $_x; done
  trap '_hit=1; jobs >/dev/null' CHLD
  while
    _hear
    [ $_x ]
  do
    case $_x in
      s*) _shell=\${_x#s} ;;
      p*)
        _pid=\${_x#p}
        for _v in $_sigs; do _on $_v; done
        ;;
      *) _rc=$_x
    esac
  done
  while [ "$_pid" ] && ! [ $_rc ] && kill -0 $_pid; do _nap 0.2; done 2>/dev/null
  _rc=\${_rc:-137}
  _pid=
  trap - CHLD
fi
trap 'exit $_rc' EXIT
case ,$_wrapped:$_rc in
  *,$_name:any:* | *:0) _do 7 ;;
  *) exit
esac
[ $_quit = never ] && exit
for _x in $_wrapped; do [ \${_x%%:*} = $_name ] || _done \${_x%%:*} end || exit; done
[ $_ending ] || _nap $_delay
_shutall
[ $_port = 0 ] || [ -e $_tools/kept ] && exit
case ,$_guards, in
  *,$_proxy,?*, | ,?*,$_proxy,*)
    _start
    until _done $_proxy proxy || _past $((\${_ending:-$_quit} + 1)); do _nap 0.2; done
    _done $_proxy proxy && exit
esac
_shut $_url/quitquitquit && _do 5
exit`;

/** guard.sh */
export const guardScript = `_b=\${0%/*}/busybox
if [ $1 != name= ]; then
  $_b setsid $_b sh $0 name= "$@" </dev/null >/dev/null 2>&1 &
  while [ "$1" != -- ]; do shift; done
  shift
  exec "$@"
  exit
fi
. \${0%/*}/run
_guard=
_first=1
cd /proc
for _x in [0-9]*; do
  _v=
  [ $_x/ns/mnt -ef self/ns/mnt ] && read -n 1024 _v <$_x/cmdline
  case $_v in *pilot-agent*proxy*) _first=$_x _to=$_x; esac
done
_say() { echo "CLOCKOUT: $1" >>/proc/$_first/fd/2; :; }
[ -p $_alive/$_me/alive ] || {
  _say 'sees nothing of the pod: its end is left to the wrappers'
  exit
}
exec 4<>$_alive/$_me/alive
_hold 5 proxy
_hold 6 urls
_hold 7 end
_hold 8 start
_do 8
_watch() {
  while :; do
    { echo +$1 && read -n 1 _x; echo !$1; } <$_alive/$1/alive
    _nap 0.5
  done
}
_watchers() {
  exec 4>&- 5>&- 6>&- 7>&- 8>&-
  for _v in $_wrapped,$_guards; do
    _v=\${_v%%:*}
    [ $_v = $_me ] || _watch $_v &
  done
}
_up=, _seen=,
_heed() {
  read -t $1 -n 1 _x <&8 && read _word <&8 || return 0
  case $_x in
    +)
      _up=$_up$_word,
      _saw $_word || _seen=$_seen$_word,
      ;;
    !) _up=\${_up//,$_word,/,}
  esac
}
_is_up() { case $_up in *,$1,*) ;; *) false; esac }
_saw() { case $_seen in *,$1,*) ;; *) false; esac }
_blind=
_over() {
  _n=\${1%%:*}
  _done $_n end && return
  case $1 in *:zero:*) return 1; esac
  _is_up $_n && return 1
  if _saw $_n; then
    _say "$_n killed"
  elif _done $_n start; then
    case $_blind in
      *,$_n,*)
        [ "$_seen" != , ] && _say "$_n killed" && return
        case $_blind in *,$_n,*,$_n,*) return 1; esac
        _say "$_n started, and was never seen: its end is left to its wrapper"
    esac
    _blind=$_blind,$_n,
    false
  else
    _max=\${1##*:}
    _plain $_steps/$_n/start && [ $_max != 0 ] && _past $_max && _say "$_n did not start"
  fi
}
_others() {
  for _v in $_guards; do
    [ $_v = $_me ] && continue
    _is_up $_v || { _done $_v start && ! _saw $_v; } && return
  done
  false
}
_calm() {
  [ $_guards = $_me ] || return
  for _v in $_left; do _is_up \${_v%%:*} || return; done
}
exec 8< <(_watchers)
_start
_left=$_wrapped
while [ "$_left" ]; do
  _x=0.5
  _calm && {
    _x=5
    [ $_report = 0 ] || [ $_report -gt 5 ] || _x=$_report
  }
  _heed $_x
  _rest=
  for _c in $_left; do _over $_c || _rest=$_rest,$_c; done
  _left=\${_rest#,}
  [ $_report != 0 ] && [ "$_left" ] && [ "$_left" != "$_wrapped" ] && _remind $_left
done
_do 7
_nap $_delay
if [ "$_urls" ]; then
  _start
  until _anyone urls || _past $_quit; do
    _x=
    for _c in $_wrapped; do _is_up \${_c%%:*} && _x=1; done
    [ $_x ] || break
    _heed 0.2
  done
  _anyone urls || _shutall
fi
if [ $_me = $_proxy ]; then
  _start
  while _others && ! _past $_quit; do _heed 0.2; done
fi
_taken=
_start
while :; do
  [ $_me = $_proxy ] && _anyone proxy && _taken=1
  [ $_tell ] && _ask --post-data= $_tell && {
    [ $_taken ] || { [ $_me = $_proxy ] && _anyone proxy; } || _say 'sent quit'
    _taken=1
    _do 5
  }
  [ $_taken ] || [ -z $_term ] || ! _past $_term || {
    _say 'sent TERM'
    kill -TERM $_to
    kill -CONT $_to
    _start
    _term=600
  }
  _nap 0.3
done`;

/** init.sh */
export const initScript = `b=/bin/busybox
tools=/clockout
state=/clockout-state
umask 022
fail() {
  echo "CLOCKOUT: $1" >&2
  exit 1
}
cannot() { fail "cannot write to the volume at $1: full, read-only, or denied by SELinux or the like"; }
put() {
  file=$tools/$1
  shift
  printf '%s\\n' "$@" >"$file.new" && $b chmod 755 "$file.new" && $b mv -f "$file.new" "$file" ||
    cannot $tools
}
[ -x $tools/busybox ] || {
  $b cp $b $tools/busybox.new && $b chmod 755 $tools/busybox.new && $b mv -f $tools/busybox.new $tools/busybox ||
    cannot $tools
}
$tools/busybox true ||
  fail "cannot execute from the volume at $tools: the node mounts emptyDirs noexec, SELinux or the like denies it, or /bin/busybox is not static"
put run "$1"
put guard "$2"
put pod "$4" "$5"
$b rm -f $tools/native $tools/kept
port=$3 wrapped=$4 guards=$5 mark=$6
umask 0
set -C
$b mkdir -p -m 755 $state/steps $state/alive || cannot $state
empty() {
  $b rm -rf "$1"/* "$1"/.[!.]* "$1"/..?*
  for step in start end urls proxy; do
    there=$1/$step
    [ -e "$there" ] || [ -L "$there" ] || continue
    away=0
    while [ -e "$there.$away" ] || [ -L "$there.$away" ]; do away=$((away + 1)); done
    $b mv "$there" "$there.$away"
  done
} 2>/dev/null
IFS=,
for name in $wrapped $guards; do
  rule=\${name#*:} name=\${name%%:*}
  own=$state/steps/$name
  alive=$state/alive/$name
  for folder in "$own" "$alive"; do
    [ -d "$folder" ] || $b mkdir -m 755 "$folder" || cannot $state
  done
  [ -p "$alive/alive" ] || $b mkfifo "$alive/alive" || fail "cannot make a FIFO in the volume at $state"
  { echo x >&9 && read -t 2 -n 1 x <&9 && [ "$x" = x ]; } 9<>"$alive/alive" || fail "a FIFO in the volume at $state does not work"
  ended=
  [ "$rule" != "$name" ] && ! [ -L "$own/end" ] && [ -f "$own/end" ] && ! [ -s "$own/end" ] && ended=1
  empty "$own"
  for step in start end urls proxy; do
    { echo >"$own/$step"; } 2>/dev/null || {
      [ -f "$own/$step" ] && ! [ -s "$own/$step" ] && fail "no space in the volume at $state"
      [ "$step" != start ] || echo "CLOCKOUT: cannot write to $own" >&2
      continue
    }
    [ -s "$own/$step" ] || fail "no space in the volume at $state"
    [ "$rule" != "$name" ] || $b ln -f "$own/$step" "$alive/$step"
  done
  [ -z "$ended" ] || { :; } >|"$own/end"
done
if [ "$port" != - ] &&
  $b timeout 2 $b wget -Y off -q -O /dev/null "http://127.0.0.1:$port/healthz/ready" 2>/dev/null; then
  : >"$tools/$mark"
fi`;
