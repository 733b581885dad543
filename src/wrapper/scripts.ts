// Generated from run.sh, guard.sh and init.sh by scripts/embed-scripts.ts: change those.

/** run.sh */
export const runTracedScript = `_trace() { [ "$1" = "$_traced" ] || echo "clockout: $1" >&2; _traced=$1; }
while [ "$1" != -- ]; do
eval "_\${1%%=*}=\\\${1#*=}"
shift
done
shift
_tools=\${0%/*}
_busybox=$_tools/busybox
_steps=/clockout-steps
_own=/clockout-own
_alive=/clockout-alive
_proxy=istio-proxy
_url=http://127.0.0.1:$_port
_report=\${_report:-0}
unset _now _since _app _shell _early _signal _hurry _was_open _code _env _bare _tty
IFS=,
. $_tools/pod
_clock() { IFS=. read _began _ </proc/uptime; } 2>/dev/null
_past() {
IFS=. read _uptime _ </proc/uptime && _now=$_uptime || _now=$((_now + 1))
[ $((_now - _began)) -gt $1 ]
} 2>/dev/null
_nap() { read -t $1 -n 1 _ <&9; }
for _it in 0 1 2; do [ -e /proc/self/fd/$_it ] || eval "exec $_it<>/dev/null"; done
exec 9<<E
E
[ -w /proc/self/fd/9 ] && exec 9<>/proc/self/fd/9
_plain() { ! [ -L $1 ] && [ -f $1 ]; }
_did() { _plain $_steps/$1/$2 && ! [ -s $_steps/$1/$2 ]; }
_any_did() {
for _it in $_apps; do _did \${_it%%:*} $1 && return; done
false
}
_remind() {
_past 0
_since=\${_since:-$_now}
[ $((_now - _since)) -lt $_report ] && return
_names=
for _it; do _names="$_names \${_it%%:*}"; done
_say "the pod waits for$_names; another container has ended"
_report=0
}
_do() { eval "{ :; } >/proc/self/fd/\\$_$1_open"; } 2>/dev/null
_can_use() { _plain $_step && [ -w $_step ]; }
_open_step() {
_step=$_own/$2
_can_use || {
[ $_me ] || {
$_busybox rm -rf $_step
(umask 0 && set -C && echo >$_step)
}
_can_use || _step=/dev/null
}
eval "exec $1<>$_step; _$2_open=$1"
[ -z $_me ] || [ /proc/self/fd/$1 -ef $_alive/$_me/$2 ] || eval "exec $1<>/dev/null"
[ -s /proc/self/fd/$1 ] || echo >&$1
}
_open_steps() {
_open_step 5 proxy
_open_step 6 urls
_open_step 7 end
_open_step 8 start
_do start
} 2>/dev/null
_ask() {
{
read _wget
read -t 2 -d '' _answer
kill -9 $_wget
} < <(
read -n8 _wget </proc/self/stat
echo \${_wget%% *}
exec $_busybox wget -SY off -qO /dev/null "$@" 2>&1
)
jobs >/dev/null
case $_answer in
*'on refused'*) _answer=refused ;;
*wget:*) _answer=other _was_open=yes ;;
*HTTP/1.?' 2'*) _answer=accepted _was_open=yes ;;
*) _answer=none
esac
[ $_answer = accepted ]
} 2>/dev/null
_ask_to_exit() {
_clock
_trace "asking the sidecar at $1 to exit"
until _ask --post-data= $1; do
_trace "$1 answered: $_answer"
if [ $_answer = refused ]; then
[ $_was_open$_hurry ] || [ "$_guard" = yes ] && return 1
[ "$_guard" != no ] || _quit=600
fi
_past \${_hurry:-$_quit} && {
[ $_hurry ] || _say "no quit taken: $1"
return 1
}
_nap 0.2
done
_trace "$1 answered: accepted"
:
}
_ask_urls() {
for _it in $_urls; do _was_open= _guard= _ask_to_exit $_it & done
wait
_do urls
}
[ $_name ] || return
_say() { echo "CLOCKOUT: $1" >&2; }
_read_env() {
_env=$($_busybox hexdump -ve '/1 "\\\\%03o"' /proc/$$/environ | $_busybox sed "s/\\\\\\\\000/' \\$'/g")
}
_find_odd() {
exec $_busybox sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|OLDPWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ 2>/dev/null
}
_can_run() { [ -f "$_file" ] && [ -x "$_file" ]; }
_named=TERM,INT,HUP,QUIT,USR1,USR2,ABRT,ALRM,IO,PWR,PROF,VTALRM,XCPU
_become='unset PWD SHLVL OLDPWD; exec -a "$0" "$@"'
_job="trap : PIPE \${_named//,/ }"'; set -m; _busybox=$0 _become=$1 _argv0=$2; shift 2'
_job="$_job;"' "$_busybox" sh -c "echo app:\\$\\$:\\$PPID >&6; exec 2>&7 6>&- 7>&-; $_become" "$_argv0" "$@"; _code=$?'
_job="$_job;"' while [ $_code -gt 128 ] && kill -CONT %1; do fg %1 >/dev/null; _code=$?; done; echo $_code >&6'
_launch() {
[ "$_odd" ] && _read_env
[ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && _read_env
_file=$1
case $1 in
*/*) ;;
*)
set -f
IFS=:
for _folder in $PATH""; do
_file=\${_folder:-.}/$1
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
_ash=$_bare$_tty
[ $_applets ] && [ "$_argv0" != "$_file" ] && _ash=yes
_kind='#!'
[ $_ash ] && { read -n2 _kind; } 2>/dev/null <"$_file"
case $_kind in
'#!') ;;
?E) $_busybox cmp -sn2 "$_file" $_busybox 18 18 || _read_env ;;
*) _read_env
esac
if [ "$_env" ]; then
case $_file in *=*) set -- setpriv "$_file" "$@" && _file=$_busybox; esac
eval "set -- env -i \\$'\${_env% *} \\"\\$_file\\" \\"\\$@\\""
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
_run() {
exec 6>&1 >&3 3>&- 4>&- 5>&- 7>&- 8>&- 9>&-
[ $_tty ] && _launch "$@"
trap : PIPE $_named
exec 7>&2 2>/dev/null
{
(
IFS=' ' read -n30 _app _ _ _shell _ </proc/self/stat
echo app:$_app:$_shell >&6
_launch "$@"
)
} 2>&7 7>&-
echo $? >&6
}
_shell_lives() {
[ $_shell ] && read _stat </proc/$_shell/stat && case \${_stat##*)} in ' Z'*) false ;; ' T'*) kill -CONT $_shell; esac
} 2>/dev/null
_hear() {
_over= _line=
until
_signal= _byte=
read \${_shell:+-t1} -n1 _byte <&8
do
[ $_signal ] && continue
[ $_over ] && return
[ $_report != 0 ] && _any_did end && _remind $_name
_shell_lives || _over=yes
done
while
_signal= _line=
! read _line <&8 && [ $_signal ]
do :; done
_line=$_byte$_line
}
_pass_on() {
_signal=yes
[ $1 = "$_stop" ] && _hurry=1
if [ $_app ]; then
_trace "passing signal $1 on to the app"
kill -$1 $_app 2>/dev/null
elif ! [ $_code ]; then
_early=$_early$1,
fi
}
[ -e $_tools/native ] && _bare=yes && _odd=$(_find_odd) && _launch "$@"
exec 3< <(_find_odd)
trap _signal=yes PIPE
for _it in $_named $_stop; do trap "_pass_on $_it" $_it; done
_it=34
while [ $_it -lt 65 ]; do
trap "_pass_on $_it" $_it
_it=$((_it + 1))
done
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
{ _tty=yes; } 2>/dev/null </dev/tty
while
_signal= _odd=yes
! read -n 1 _ <&3 && _odd= && [ $_signal ]
do :; done
exec 3>&1
exec 8< <(_run "$@")
exec 3>&- </dev/null
for _it in CONT TSTP TTIN TTOU WINCH URG; do trap "_pass_on $_it" $_it; done
trap '_signal=yes; jobs >/dev/null' CHLD
while
_hear
[ $_line ]
do
case $_line in
app:*)
_shell=\${_line##*:} _app=\${_line%:*}
_app=\${_app#app:}
_trace "started the app as process $_app"
for _it in $_early; do _pass_on $_it; done
;;
*) _code=$_line
esac
done
while [ "$_app" ] && ! [ $_code ] && kill -0 $_app; do _nap 0.2; done 2>/dev/null
_code=\${_code:-137}
_app=
trap - CHLD
_trace "the app exited with $_code"
fi
trap 'exit $_code' EXIT
case ,$_apps:$_code in
*,$_name:any:* | *:0) _do end ;;
*)
_trace "the kubelet restarts this container: asking no sidecar to exit"
exit
esac
[ $_quit = never ] && exit
for _it in $_apps; do
_it=\${_it%%:*}
[ $_it = $_name ] || _did $_it end || {
_trace "$_it has not ended yet: asking no sidecar to exit"
exit
}
done
[ $_hurry ] || _nap $_delay
_ask_urls
[ $_port = 0 ] || [ -e $_tools/kept ] && exit
case ,$_guards, in
*,$_proxy,?*, | ,?*,$_proxy,*)
_trace "waiting for the proxy's guard to ask the proxy to exit"
_clock
until _did $_proxy proxy || _past $((\${_hurry:-$_quit} + 1)); do _nap 0.2; done
_did $_proxy proxy && exit
esac
_ask_to_exit $_url/quitquitquit && _do proxy
exit`;

/** guard.sh */
export const guardTracedScript = `_busybox=\${0%/*}/busybox
if [ $1 != name= ]; then
$_busybox setsid $_busybox sh $0 name= "$@" </dev/null >/dev/null 2>&1 &
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
exit
fi
. \${0%/*}/run
_guard=
_logger=1
cd /proc
for _it in [0-9]*; do
_cmdline=
[ $_it/ns/mnt -ef self/ns/mnt ] && read -n 1024 _cmdline <$_it/cmdline
case $_cmdline in *pilot-agent*proxy*) _logger=$_it _to=$_it; esac
done
_say() { echo "CLOCKOUT: $1" >>/proc/$_logger/fd/2; :; }
_trace() { [ "$1" = "$_traced" ] || echo "clockout: guard of $_me: $1" >>/proc/$_logger/fd/2; _traced=$1; }
[ -p $_alive/$_me/alive ] || {
_say 'sees nothing of the pod: its end is left to the wrappers'
exit
}
exec 4<>$_alive/$_me/alive
_open_steps
_trace "waits for $_apps"
_watch() {
while :; do
{ echo +$1 && read -n 1 _; echo !$1; } <$_alive/$1/alive
_nap 0.5
done
}
_watchers() {
exec 4>&- 5>&- 6>&- 7>&- 8>&-
for _it in $_apps,$_guards; do
_it=\${_it%%:*}
[ $_it = $_me ] || _watch $_it &
done
}
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
_up=\${_up//,$_who,/,}
esac
}
_is_up() { case $_up in *,$1,*) ;; *) false; esac }
_saw() { case $_seen in *,$1,*) ;; *) false; esac }
_unseen=
_has_ended() {
_who=\${1%%:*}
_did $_who end && return
case $1 in *:zero:*) return 1; esac
_is_up $_who && return 1
if _saw $_who; then
_say "$_who killed"
elif _did $_who start; then
case $_unseen in
*,$_who,*)
[ "$_seen" != , ] && _say "$_who killed" && return
case $_unseen in *,$_who,*,$_who,*) return 1; esac
_say "$_who started, and was never seen: its end is left to its wrapper"
esac
_unseen=$_unseen,$_who,
false
else
_timeout=\${1##*:}
_plain $_steps/$_who/start && [ $_timeout != 0 ] && _past $_timeout && _say "$_who did not start"
fi
}
_others() {
for _it in $_guards; do
[ $_it = $_me ] && continue
_is_up $_it || { _did $_it start && ! _saw $_it; } && return
done
false
}
_is_calm() {
[ $_guards = $_me ] || return
for _it in $_left; do _is_up \${_it%%:*} || return; done
}
exec 8< <(_watchers)
_clock
_left=$_apps
while [ "$_left" ]; do
_pause=0.5
_is_calm && {
_pause=5
[ $_report = 0 ] || [ $_report -gt 5 ] || _pause=$_report
}
_hear $_pause
_rest=
for _each in $_left; do _has_ended $_each || _rest=$_rest,$_each; done
_left=\${_rest#,}
_trace "still to end: \${_left:-none}"
[ $_report != 0 ] && [ "$_left" ] && [ "$_left" != "$_apps" ] && _remind $_left
done
_do end
_nap $_delay
if [ "$_urls" ]; then
_clock
until _any_did urls || _past $_quit; do
_running=
for _it in $_apps; do _is_up \${_it%%:*} && _running=$_it; done
[ $_running ] || break
_hear 0.2
done
_any_did urls || _ask_urls
fi
if [ $_me = $_proxy ]; then
_clock
while _others && ! _past $_quit; do _hear 0.2; done
fi
_trace "asking the sidecar to exit\${_tell:+ at $_tell}"
_asked=
_clock
while :; do
[ $_me = $_proxy ] && _any_did proxy && _asked=yes
[ $_tell ] && _ask --post-data= $_tell && {
[ $_asked ] || { [ $_me = $_proxy ] && _any_did proxy; } || _say 'sent quit'
_asked=yes
_do proxy
}
[ $_asked ] || [ -z $_term ] || ! _past $_term || {
_say 'sent TERM'
kill -TERM $_to
kill -CONT $_to
_clock
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
place() { $b chmod 755 "$1.new" && $b mv -f "$1.new" "$1" || cannot $tools; }
put() {
file=$tools/$1
shift
printf '%s\\n' "$@" >"$file.new" || cannot $tools
place "$file"
}
[ -x $tools/busybox ] || {
$b cp $b $tools/busybox.new || cannot $tools
place $tools/busybox
}
$tools/busybox true ||
fail "cannot execute from the volume at $tools: the node mounts emptyDirs noexec, SELinux or the like denies it, or /bin/busybox is not static"
put run "$1"
put guard "$2"
PATH=/ $tools/busybox setsid true 2>/dev/null && applets=yes
put pod "_apps=$4" "_guards=$5" "_applets=$applets"
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
$b mkdir -p -m 755 "$own" "$alive" || cannot $state
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

const withoutTrace = (script: string) => script.replace(/^_trace\b.*\n/gm, '');

/** run.sh, without the lines that say what it decides */
export const runScript = withoutTrace(runTracedScript);

/** guard.sh, without the lines that say what it decides */
export const guardScript = withoutTrace(guardTracedScript);
