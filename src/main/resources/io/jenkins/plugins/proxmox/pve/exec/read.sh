[ -d "$d/run" ] || { echo absent; exit 0; }
ended() {
  [ -f "$d/code" ] && state="ended $(cat "$d/code")"
}
if ! ended; then
  pid=$(cat "$d/pid" 2>/dev/null)
  if [ -f "$d/boot" ] && [ "$(cat "$d/boot")" != "$(boot)" ]; then state=restarted
  elif [ -z "$pid" ]; then state=starting
  elif kill -0 "$pid" 2>/dev/null; then state=running
  else ended || state=gone
  fi
fi
size=0
[ -f "$d/$4" ] && size=$(wc -c <"$d/$4")
echo "$state"
echo $(($size))
if [ "$3" -gt 0 ] && [ "$size" -gt "$2" ]; then
  tail -c +$(($2 + 1)) "$d/$4" | head -c "$3" | encode
fi
