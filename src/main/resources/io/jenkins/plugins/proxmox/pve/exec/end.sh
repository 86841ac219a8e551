mkdir "$d" 2>/dev/null
mkdir "$d/run" 2>/dev/null && { echo prevented; exit 0; }
for second in 1 2 3 4 5; do
  [ -f "$d/pid" ] || [ -f "$d/code" ] && break
  sleep 1
done
pid=$(cat "$d/pid" 2>/dev/null)
[ -n "$pid" ] && [ "$(cat "$d/boot" 2>/dev/null)" = "$(boot)" ] || { echo ended; exit 0; }
tree() {
  for child in $(ps -A -o pid= -o ppid= | awk -v p="$1" '$2 == p { print $1 }'); do tree "$child"; done
  echo "$1"
}
if [ -f "$d/session" ]; then all=-$pid; else all=$(tree "$pid"); fi
kill -TERM $all 2>/dev/null
for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
  kill -0 $all 2>/dev/null || { echo ended; exit 0; }
  sleep 0.1 2>/dev/null || sleep 1
done
kill -KILL $all 2>/dev/null
echo ended
