d=$1
echo "$$" >"$d/pid.new" && mv "$d/pid.new" "$d/pid"
if [ "$2" = apart ]; then
  /bin/sh "$d/command" <"$d/input" >"$d/stdout" 2>"$d/log"
else
  /bin/sh "$d/command" <"$d/input" >"$d/log" 2>&1
fi
echo "$?" >"$d/code.new" && mv "$d/code.new" "$d/code"
