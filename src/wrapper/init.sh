# shellcheck shell=dash disable=SC2086
#
# The init container: lays busybox, the two scripts, the steps and a FIFO for each container into the pod's volumes, proves
# that they work, and finds out whether a native sidecar is running. Its image needs nothing but /bin/busybox. Runs as
#   /bin/busybox sh -c INIT clockout-init RUN GUARD PROBE-PORT WRAPPED GUARDS MARK
# where WRAPPED is name:rule:start-timeout of every wrapped container and GUARDS the containers with a guard, separated by
# commas (see run.sh), and MARK the file that tells the wrappers of a native sidecar: `native`, to become their apps, or
# `kept`, to leave only that one alone. It may run again in the same pod (a lost sandbox). By then containers have written
# into steps/NAME, and into nothing else: see PROTOCOL.md.
b=/bin/busybox
tools=/clockout
state=/clockout-state
umask 022
fail() {
  echo "CLOCKOUT: $1" >&2
  exit 1
}
# cannot VOLUME: write to it.
cannot() { fail "cannot write to the volume at $1: full, read-only, or denied by SELinux or the like"; }

# place FILE: gives FILE.new its name, in one moment: a container may run the one that is there.
place() { $b chmod 755 "$1.new" && $b mv -f "$1.new" "$1" || cannot $tools; }

# put FILE LINE…
put() {
  file=$tools/$1
  shift
  printf '%s\n' "$@" >"$file.new" || cannot $tools
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
# Some builds take an applet for a program that has its name.
PATH=/ $tools/busybox setsid true 2>/dev/null && applets=y
put pod "_apps=$4" "_guards=$5" "_applets=$applets"
$b rm -f $tools/native $tools/kept
port=$3 wrapped=$4 guards=$5 mark=$6

# What is made from here on is opened by wrappers and guards of any user.
umask 0
# A > makes a file that is not there, or fails: it follows no link.
set -C
$b mkdir -p -m 755 $state/steps $state/alive || cannot $state

# empty FOLDER: removes all that its container has left in there. The kubelet has bound that very folder: it is never
# replaced. What can't be removed, such as another user's folder with something in it, is renamed. It fails if a step's name
# is not free then: what stands there is not opened, because it could be a FIFO.
empty() {
  $b rm -rf "$1"/* "$1"/.[!.]* "$1"/..?*
  for step in start end urls proxy; do
    there=$1/$step
    [ -e "$there" ] || [ -L "$there" ] || continue
    away=0
    while [ -e "$there.$away" ] || [ -L "$there.$away" ]; do away=$((away + 1)); done
    $b mv "$there" "$there.$away" || return
  done
} 2>/dev/null

# renew: makes each step of $name undone, in a file of our own.
renew() {
  empty "$own" || return
  for step in start end urls proxy; do
    { echo >"$own/$step"; } 2>/dev/null || {
      [ -e "$own/$step" ] && fail "no space in the volume at $state"
      return 1
    }
    [ -s "$own/$step" ] || fail "no space in the volume at $state"
    # A guard compares with this what it has opened.
    [ "$rule" != "$name" ] || $b ln -f "$own/$step" "$alive/$step"
  done
}

IFS=,
for name in $wrapped $guards; do
  rule=${name#*:} name=${name%%:*}
  own=$state/steps/$name
  alive=$state/alive/$name
  $b mkdir -p -m 755 "$own" "$alive" || cannot $state
  [ -p "$alive/alive" ] || $b mkfifo "$alive/alive" || fail "cannot make a FIFO in the volume at $state"
  { echo x >&9 && read -t 2 -n 1 x <&9 && [ "$x" = x ]; } 9<>"$alive/alive" || fail "a FIFO in the volume at $state does not work"
  # One that has ended for good is not started again; all sidecars are.
  ended=
  [ "$rule" != "$name" ] && ! [ -L "$own/end" ] && [ -f "$own/end" ] && ! [ -s "$own/end" ] && ended=1
  # A container that keeps us from writing into its own folder has only itself to blame.
  renew || echo "CLOCKOUT: cannot write to $own" >&2
  [ -z "$ended" ] || { :; } >|"$own/end"
done

# Only a native sidecar is up before us: its startup probe holds us back.
if [ "$port" != - ] &&
  $b timeout 2 $b wget -Y off -q -O /dev/null "http://127.0.0.1:$port/healthz/ready" 2>/dev/null; then
  : >"$tools/$mark"
fi
