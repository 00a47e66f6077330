# Outlives whoever started a server, to leave nothing of it behind: guard.sh FOLDER SIGNAL. On its input stands the process id of the
# server, anew after each start, and an empty line when it does not run. The input ends when its writer does, however that
# happens; then the server is told to stop, gets killed if it does not, and its data are removed.
trap '' INT TERM HUP
folder=$1
signal=$2
pid=
while read -r line; do pid=$line; done

family() {
  echo "$1"
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || ps -A -o ppid=,pid= | awk -v p="$1" '$1 == p { print $2 }'); do
    family "$child"
  done
}

if [ -n "$pid" ]; then
  # Whoever was paused could not follow.
  kill -CONT $(family "$pid")
  kill "-$signal" "$pid"
  tries=50
  while [ "$tries" -gt 0 ] && kill -0 "$pid"; do
    tries=$((tries - 1))
    sleep 0.1
  done
  kill -KILL $(family "$pid")
fi 2>/dev/null
[ -z "$folder" ] || rm -rf -- "$folder"
