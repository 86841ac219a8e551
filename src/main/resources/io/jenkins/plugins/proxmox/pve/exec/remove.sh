if [ "$2" = keep ]; then rm -f "$d"/* 2>/dev/null; else rm -rf "$d"; fi
echo removed
