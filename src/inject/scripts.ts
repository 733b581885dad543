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
unset _c _e _f _g _h _i _j
IFS=,
read _k <\${0%/*}/ends
set -o pipefail
_l() { IFS=. read _t _ </proc/uptime; } 2>/dev/null
_m() {
IFS=. read _x _ </proc/uptime && _c=$_x || _c=$((_c + 1))
[ $((_c - _t)) -gt $1 ]
} 2>/dev/null
_o() { read -t $1 _x <&9; }
_q() {
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
_r=$?
[ $_r -gt 1 ] || _h=1
return $_r
} 2>/dev/null
_u() {
_w=$_d/-\${1//\\//.}
_l
until _q --post-data= $1 && echo >$_w; do
[ -e $_w ] && break
case $_r$_h$_g$_guard in
91* | 9yes) break ;;
9no) _quit=600
esac
_m \${_g:-$_quit} && {
[ $_g ] || _y "no quit taken: $1"
break
}
_o 0.2
done
}
_z() {
for _x in $_urls; do _h= _guard= _u $_x & done
wait
}
_A() {
_v=
read _v 2>/dev/null <$_d/\${1%%:*}.rc
case $1:$_v in *:any:*:[0-9]* | *:zero:*:0) ;; *) false; esac
}
[ $_name ] || return
_y() { echo "CLOCKOUT: $1" >&2; }
_B() {
_j=$($_b hexdump -ve '/1 "\\\\%03o"' /proc/$$/environ | $_b sed "s/\\\\\\\\000/' \\$'/g")
}
_C() { [ -f "$_x" ] && [ -x "$_x" ]; }
_D() {
[ "$($_b sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ)" ] && _B
[ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && _B
_x=$1
case $1 in
*/*) ;;
*)
set -f
IFS=:
for _p in $PATH""; do
_x=\${_p:-.}/$1
_C && break
done
esac
_C || {
_y "no such executable: $1"
[ -e "$_x" ] && exit 126
exit 127
}
_v='#!'
read -n2 _v 2>/dev/null <"$_x"
case $_v in
'#!') ;;
?E) $_b cmp -sn2 "$_x" $_b 18 18 || _B ;;
*) _B ;;
esac
_p=$1
shift
if [ "$_j" ]; then
case $_x in *=*) set -- setpriv "$_x" "$@" && _x=$_b; esac
eval "set -- \\$'\${_j% *} \\"\\$_x\\" \\"\\$@\\""
exec $_b env -i "$@"
fi
unset PWD SHLVL
exec -a "$_p" "$_x" "$@"
}
_E() {
_F=1
case $1 in *T*) _g=1; esac
if [ $_e ]; then
while [ /proc/$$/exe -ef /proc/$_e/exe ]; do _o 0.01; done
while read _G && [ \${_G%%:*} != SigIgn ]; do :; done </proc/$_e/status
case $1:$_G in INT:*[2367abef] | QUIT:*[4567c-f]) set -- TERM; esac
kill -$1 $_e
else
_f=$1,$_f
fi
} 2>/dev/null
[ -e $_d/native ] && _D "$@"
trap _F=1 PIPE
for _x in TERM INT HUP QUIT USR1 USR2; do trap "_E $_x" $_x; done
exec 9<>$_s.alive
: >$_s.rc
if [ -e $_d/quit ]; then
_y 'too late: proxy has quit'
_i=124
elif [ $((_port * _wait)) != 0 ]; then
_l
until _q $_a/healthz/ready || [ "$_f" ]; do
_m $_wait && {
[ $_late = fail ] && _i=124
_y "proxy not ready in $_wait s: will $_late"
break
}
_o 0.1
done
fi
if [ "$_f" ]; then
_i=$((128 + $(kill -l \${_f%%,*})))
elif ! [ $_i ]; then
exec 3<&0
_D "$@" <&3 3<&- 9>&- &
_e=$!
exec 3<&- </dev/null
trap '_E WINCH' WINCH
for _x in $_f; do _E $_x; done
while
_F=
wait $_e 2>/dev/null
_i=$?
[ $_F ]
do :; done
fi
trap 'exit $_i' EXIT
umask 0
echo $_i >$_s.rc
exec 9<>$_d/nap
[ $_quit = never ] && exit
for _x in $_k; do _A $_x || exit; done
[ $_g ] || _o $_delay
_z
[ $_port = 0 ] || [ -e $_d/kept ] || _u $_a/quitquitquit`;

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
_H=1
cd /proc
for _x in [0-9]*; do
read _v <$_x/cmdline
case $_v in *pilot-agent*proxy*) [ $_x/ns/mnt -ef self/ns/mnt ] && _H=$_x _to=$_x; esac
done
_y() { echo "CLOCKOUT: $1" >>/proc/$_H/fd/2; :; }
exec 9<>$_d/nap
_I() {
_n=\${1%%:*} _J=\${1##*:}
_s=$_d/$_n
_l
while
_K=-
read _K 2>/dev/null <$_s.rc
[ -p $_s.alive ] && exec 8<>$_s.alive 7<$_s.alive 8>&- && read _x <&7
! _A $1
do
case $1:$_K in
*:zero:* | *:0:-) ;;
*:-) _m $_J && _y "$_n did not start" && break ;;
*) _y "$_n killed"; break
esac
_o 1
done
}
for _x in $_k; do _I $_x & done
wait
umask 0
: >$_d/quit
_o $_delay
_z
_w=$_d/-\${_tell//\\//.}
_l
while :; do
[ $_tell ] && _q --post-data= $_tell && {
[ -e $_w ] || _y 'sent quit'
echo >$_w
}
[ -e $_w ] || [ -z $_term ] || ! _m $_term || {
_y 'sent TERM'
kill -TERM $_to
kill -CONT $_to
_l
_term=600
}
_o 0.3
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
$b rm -f $s/quit $s/-*
put "$1" run
put "$2" guard
put "$4" ends
port=$3
umask 0
[ -p $s/nap ] || $b mkfifo $s/nap
IFS=,
for name in $4; do
name=\${name%%:*}
[ -e "$s/$name.rc" ] || echo - >"$s/$name.rc"
[ -p "$s/$name.alive" ] || $b mkfifo "$s/$name.alive"
done
if [ "$port" != - ] &&
$b timeout 2 $b wget -Y off -q -O /dev/null "http://127.0.0.1:$port/healthz/ready" 2>/dev/null; then
: >"$s/$5"
fi`;
