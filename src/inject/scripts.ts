// Generated from run.sh, guard.sh and init.sh by scripts/embed-scripts.ts: change those.

/** run.sh */
export const runScript = `while [ "$1" != -- ]; do
eval "_\${1%%=*}=\\\${1#*=}"
shift
done
shift
_b=\${0%/*}/busybox
_d=/clockout-state
_s=$_d/$_name
_a=http://127.0.0.1:$_port
unset _c _e _f _g _h _i
IFS=,
read _j <\${0%/*}/ends
set -o pipefail
start() { IFS=. read _t _ </proc/uptime; }
past() {
IFS=. read _v _ </proc/uptime
[ $((_v - _t)) -gt $1 ]
}
nap() {
$_b sleep $1 &
wait $!
}
ask() {
{
read _x </proc/self/stat
echo \${_x%% *}
exec $_b wget -Y off -q -O /dev/null "$@" 2>&1
} | {
read _x
read -t 2 _v || kill -9 $_x
case $_v in *refused*) exit 9; esac
} &
wait $!
_k=$?
[ $_k -gt 1 ] || _g=1
return $_k
} 2>/dev/null
post() {
for _x in $_urls; do ask --post-data= $_x & done
wait
}
ended() {
_v=
read _v 2>/dev/null <$_d/\${1%%:*}.rc
case $1:$_v in *:any:*:?* | *:zero:*:0) ;; *) false; esac
}
[ $_name ] || return
say() { echo "CLOCKOUT: $1" >&2; }
getenv() {
_i=$($_b hexdump -ve '/1 "\\\\%03o"' /proc/$$/environ | $_b sed "s/\\\\\\\\000/' \\$'/g")
}
can() { [ -f "$_x" ] && [ -x "$_x" ]; }
launch() {
[ "$($_b sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ)" ] && getenv
[ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && getenv
_x=$1
case $1 in
*/*) ;;
*)
set -f
IFS=:
for _p in $PATH""; do
_x=\${_p:-.}/$1
can && break
done
esac
can || {
say "no such executable: $1"
[ -e "$_x" ] && exit 126
exit 127
}
_v='#!'
read -n2 _v 2>/dev/null <"$_x"
case $_v in '#!' | ?E) ;; *) getenv; esac
_p=$1
shift
if [ "$_i" ]; then
case $_x in *=*) set -- setpriv "$_x" "$@" && _x=$_b; esac
eval "set -- \\$'\${_i% *} \\"\\$_x\\" \\"\\$@\\""
exec $_b env -i "$@"
fi
unset PWD SHLVL
exec -a "$_p" "$_x" "$@"
}
on() {
_l=1
case $1 in *T*) _f=1; esac
if [ $_c ]; then
while [ /proc/$$/exe -ef /proc/$_c/exe ]; do $_b sleep .01; done
while read _m && [ \${_m%%:*} != SigIgn ]; do :; done </proc/$_c/status
case $1:$_m in INT:*[2367abef] | QUIT:*[4567c-f]) set -- TERM; esac
kill -$1 $_c
else
_e=$1,$_e
fi
} 2>/dev/null
[ -e $_d/native ] && launch "$@"
trap _l=1 PIPE
for _x in TERM INT HUP QUIT USR1 USR2; do trap "on $_x" $_x; done
exec 9<>$_s.alive
: >$_s.rc
if [ -e $_d/quit ]; then
say 'too late, istio-proxy was told to quit'
_h=124
elif [ $((_port * _wait)) != 0 ]; then
start
until ask $_a/healthz/ready || [ "$_e" ]; do
past $_wait && {
[ $_late = fail ] && _h=124
say "istio-proxy not ready after $_wait s: will $_late"
break
}
nap .1
done
fi
if [ "$_e" ]; then
_h=$((128 + $(kill -l \${_e%%,*})))
elif ! [ $_h ]; then
exec 3<&0
launch "$@" <&3 3<&- 9>&- &
_c=$!
exec 3<&- </dev/null
trap 'on WINCH' WINCH
for _x in $_e; do on $_x; done
while
_l=
wait $_c 2>/dev/null
_h=$?
[ $_l ]
do :; done
fi
umask 0
echo $_h >$_s.tmp
$_b mv $_s.tmp $_s.rc
exec 9>&-
[ $_quit = never ] && exit $_h
for _x in $_j; do ended $_x || exit $_h; done
[ $_f ] || nap $_delay
post
start
until [ $_port = 0 ] || { ask --post-data= $_a/quitquitquit && echo >$_d/taken; }; do
case $_k$_g$_f$_guard in
91* | 9yes) break ;;
9no) _quit=600
esac
past \${_f:-$_quit} && {
[ $_f ] || say 'istio-proxy did not take the quit'
break
}
nap .2
done
exit $_h`;

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
_o=1
cd /proc
for _x in [0-9]*; do
read _v <$_x/cmdline
case $_v in *pilot-agent*proxy*) [ $_x/ns/mnt -ef self/ns/mnt ] && _o=$_x; esac
done
say() { echo "CLOCKOUT: $1" >>/proc/$_o/fd/2; :; }
watch() {
_n=\${1%%:*} _q=\${1##*:}
_s=$_d/$_n
start
while
_r=
[ -e $_s.rc ] && _r=1
[ -p $_s.alive ] && exec 8<>$_s.alive 7<$_s.alive 8>&- && read _x <&7
! ended $1
do
case $1:$_r in
*:any:*:1) say "$_n was killed"; break ;;
*:any:[1-9]*) past $_q && say "$_n did not start" && break
esac
$_b sleep 1
done
}
for _x in $_j; do watch $_x & done
wait
umask 0
: >$_d/quit
$_b sleep $_delay
post
_t=0
[ $_port = 0 ] || start
while :; do
if ask --post-data= $_a/quitquitquit; then
[ -e $_d/taken ] || say 'all ended: told istio-proxy to quit'
echo >$_d/taken
fi
[ -e $_d/taken ] || ! past 10 || {
say 'quit not taken: sent TERM'
kill -TERM $_o
start
}
$_b sleep .3
done`;

/** init.sh */
export const initScript = `b=/bin/busybox
d=/clockout
s=/clockout-state
set -e
umask 022
put() {
printf '%s\\n' "$1" >"$d/$2.new"
$b chmod 755 "$d/$2.new"
$b mv -f "$d/$2.new" "$d/$2"
}
if ! [ -x $d/busybox ]; then
$b cp $b $d/busybox.new
$b chmod 755 $d/busybox.new
$b mv -f $d/busybox.new $d/busybox
fi
put "$1" run
put "$2" guard
put "$4" ends
port=$3
IFS=,
for name in $4; do
name=\${name%%:*}
[ -p "$s/$name.alive" ] && continue
$b mkfifo "$s/$name.new"
$b chmod 666 "$s/$name.new"
$b mv -f "$s/$name.new" "$s/$name.alive"
done
if [ "$port" != - ] &&
$b timeout 2 $b wget -Y off -q -O /dev/null "http://127.0.0.1:$port/healthz/ready" 2>/dev/null; then
: >$s/native
fi`;
