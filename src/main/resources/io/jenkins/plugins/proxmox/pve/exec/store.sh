mkdir "$d" 2>/dev/null
cat >"$d/part.$2.new" && mv "$d/part.$2.new" "$d/part.$2" && echo stored
