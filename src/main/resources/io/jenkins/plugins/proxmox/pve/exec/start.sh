mkdir "$d" 2>/dev/null
mkdir "$d/run" || { [ -d "$d/run" ] && exit 0; exit 1; }
if [ "$2" -gt 0 ]; then cat "$d"/part.*; else cat; fi >"$d/all" &&
  { IFS= read -r line && printf '%s\n' "$line" | decode >"$d/command" && decode >"$d/input"; } <"$d/all" ||
  { echo failed >"$d/code"; exit 1; }
rm -f "$d/all" "$d"/part.*
boot >"$d/boot.new" && mv "$d/boot.new" "$d/boot"
if command -v setsid >/dev/null 2>&1; then : >"$d/session"; session=setsid; else session=; fi
cd /
$session /bin/sh -c "$4" jenkins-exec "$d" "$3" </dev/null >/dev/null 2>&1 &
