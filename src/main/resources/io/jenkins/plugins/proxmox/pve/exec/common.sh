umask 077
base=${TMPDIR:-/var/tmp}
[ -d "$base" ] && [ -w "$base" ] || base=/tmp
d=$base/jenkins-exec-$1
decode() {
  tr '_-' '/+' | if command -v base64 >/dev/null 2>&1; then base64 -d; else b64decode -r; fi
}
encode() {
  if command -v base64 >/dev/null 2>&1; then base64; else b64encode x | sed '1d;/^====$/d'; fi
}
boot() {
  cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null
}
