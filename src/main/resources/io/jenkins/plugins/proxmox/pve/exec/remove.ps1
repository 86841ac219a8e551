if ($keep) {
  Get-ChildItem -LiteralPath $d -Force -ErrorAction SilentlyContinue | Where-Object { $_.Name -ne 'run' } |
    Remove-Item -Force -ErrorAction SilentlyContinue
} else {
  Remove-Item -LiteralPath $d -Recurse -Force -ErrorAction SilentlyContinue
}
'removed'
