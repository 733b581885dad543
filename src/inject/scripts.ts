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
_k() { IFS=. read _t _ </proc/uptime; } 2>/dev/null
_l() {
IFS=. read _v _ </proc/uptime || _v=$((_v + 1))
[ $((_v - _t)) -gt $1 ]
} 2>/dev/null
_m() { read -t $1 _x <&9; }
_o() {
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
_q=$?
[ $_q -gt 1 ] || _g=1
return $_q
} 2>/dev/null
_r() {
_u=$_d/-\${1//\\//.}
_k
until _o --post-data= $1 && echo >$_u; do
[ -e $_u ] && break
case $_q$_g$_f$_guard in
91* | 9yes) break ;;
9no) _quit=600
esac
_l \${_f:-$_quit} && {
[ $_f ] || _w "no quit taken at $1"
break
}
_m 0.2
done
}
_y() {
for _x in $_urls; do _g= _guard= _r $_x & done
wait
}
_z() {
_v=
read _v 2>/dev/null <$_d/\${1%%:*}.rc
case $1:$_v in *:any:*:[0-9]* | *:zero:*:0) ;; *) false; esac
}
[ $_name ] || return
_w() { echo "CLOCKOUT: $1" >&2; }
_A() {
_i=$($_b hexdump -ve '/1 "\\\\%03o"' /proc/$$/environ | $_b sed "s/\\\\\\\\000/' \\$'/g")
}
_B() { [ -f "$_x" ] && [ -x "$_x" ]; }
_C() {
[ "$($_b sed -nE '/^([^=]*[^A-Za-z0-9_=]|[0-9_]|(PWD|SHLVL|IFS|OPTIND|PPID)=)/p' /proc/$$/environ)" ] && _A
[ "$PATH" = /sbin:/usr/sbin:/bin:/usr/bin ] && PATH=$PATH:/usr/local/sbin:/usr/local/bin && _A
_x=$1
case $1 in
*/*) ;;
*)
set -f
IFS=:
for _p in $PATH""; do
_x=\${_p:-.}/$1
_B && break
done
esac
_B || {
_w "no such executable: $1"
[ -e "$_x" ] && exit 126
exit 127
}
_v='#!'
read -n2 _v 2>/dev/null <"$_x"
case $_v in
'#!') ;;
?E) $_b cmp -sn2 "$_x" $_b 18 18 || _A ;;
*) _A ;;
esac
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
_D() {
_E=1
case $1 in *T*) _f=1; esac
if [ $_c ]; then
while [ /proc/$$/exe -ef /proc/$_c/exe ]; do _m 0.01; done
while read _F && [ \${_F%%:*} != SigIgn ]; do :; done </proc/$_c/status
case $1:$_F in INT:*[2367abef] | QUIT:*[4567c-f]) set -- TERM; esac
kill -$1 $_c
else
_e=$1,$_e
fi
} 2>/dev/null
[ -e $_d/native ] && _C "$@"
trap _E=1 PIPE
for _x in TERM INT HUP QUIT USR1 USR2; do trap "_D $_x" $_x; done
exec 9<>$_s.alive
: >$_s.rc
if [ -e $_d/quit ]; then
_w 'too late, istio-proxy was told to quit'
_h=124
elif [ $((_port * _wait)) != 0 ]; then
_k
until _o $_a/healthz/ready || [ "$_e" ]; do
_l $_wait && {
[ $_late = fail ] && _h=124
_w "istio-proxy not ready after $_wait s: will $_late"
break
}
_m 0.1
done
fi
if [ "$_e" ]; then
_h=$((128 + $(kill -l \${_e%%,*})))
elif ! [ $_h ]; then
exec 3<&0
_C "$@" <&3 3<&- 9>&- &
_c=$!
exec 3<&- </dev/null
trap '_D WINCH' WINCH
for _x in $_e; do _D $_x; done
while
_E=
wait $_c 2>/dev/null
_h=$?
[ $_E ]
do :; done
fi
trap 'exit $_h' EXIT
umask 0
echo $_h >$_s.rc
exec 9<>$_d/nap
[ $_quit = never ] && exit $_h
for _x in $_j; do _z $_x || exit $_h; done
[ $_f ] || _m $_delay
_y
[ $_port = 0 ] || _r $_a/quitquitquit
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
_G=-1,
_H=1
cd /proc
for _x in [0-9]*; do
read _v <$_x/cmdline
case $_v in *pilot-agent*proxy*) [ $_x/ns/mnt -ef self/ns/mnt ] && _H=$_x _G=; esac
done
_w() { echo "CLOCKOUT: $1" >>/proc/$_H/fd/2; :; }
exec 9<>$_d/nap
_I() {
_n=\${1%%:*} _J=\${1##*:}
_s=$_d/$_n
_k
while
_K=-
read _K 2>/dev/null <$_s.rc
[ -p $_s.alive ] && exec 8<>$_s.alive 7<$_s.alive 8>&- && read _x <&7
! _z $1
do
case $1:$_K in
*:zero:* | *:0:-) ;;
*:-) _l $_J && _w "$_n did not start" && break ;;
*) _w "$_n was killed"; break
esac
_m 1
done
}
for _x in $_j; do _I $_x & done
wait
umask 0
: >$_d/quit
_m $_delay
_y
_u=$_d/-\${_tell//\\//.}
_k
while :; do
[ $_tell ] && _o --post-data= $_tell && {
[ -e $_u ] || _w 'sent the quit'
echo >$_u
}
[ -e $_u ] || [ -z $_term ] || ! _l $_term || {
_w 'sent TERM'
kill -TERM $_G$_H
_k
_term=600
}
_m 0.3
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
: >$s/native
fi`;
