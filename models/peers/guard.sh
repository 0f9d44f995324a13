# Waits for the end of its input, which comes when the process that started it has
# ended, however it ended; then kills a server's processes and removes what is left.
# Arguments: the mark in the environment of the server's processes, its cgroup,
# its folder (both may be empty). Input: "group N" or "dismissed", a line each.
trap '' HUP INT QUIT TERM PIPE
mark=$1 leaf=$2 private=$3 group=
while read -r word rest; do
  case $word in
    group) group=$rest ;;
    dismissed) exit 0 ;;
  esac
done
exec 2>/dev/null
# dash takes a group's id after -s only.
[ -n "$group" ] && kill -s KILL -- "-$group"
[ -n "$leaf" ] && echo 1 >"$leaf/cgroup.kill"
tries=0
while [ $tries -lt 100 ]; do
  found=
  # What left the group, and on a kernel before 5.14 what is in the cgroup.
  for file in $(grep -lsF -- "$mark" /proc/[0-9]*/environ); do
    pid=${file#/proc/}
    kill -9 "${pid%/environ}" && found=1
  done
  if [ -n "$leaf" ]; then
    while read -r pid; do kill -9 "$pid" && found=1; done <"$leaf/cgroup.procs"
    rmdir "$leaf"
    [ -d "$leaf" ] && found=1
  fi
  [ -z "$found" ] && break
  tries=$((tries + 1))
  sleep 0.05
done
while [ -n "$leaf" ]; do
  leaf=${leaf%/*}
  case ${leaf##*/} in
    ancmbench*) rmdir "$leaf" || break ;;
    *) break ;;
  esac
done
[ -n "$private" ] && rm -rf -- "$private"
exit 0
