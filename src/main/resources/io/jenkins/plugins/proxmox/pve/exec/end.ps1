New-Home
if (Test-First) { 'prevented'; exit 0 }
for ($i = 0; $i -lt 25; $i++) {
  if ([IO.File]::Exists("$d\pid") -or [IO.File]::Exists("$d\code")) { break }
  Start-Sleep -Milliseconds 200
}
$child = Get-Wrapper
if ($child) {
  $ErrorActionPreference = 'Continue'
  & taskkill.exe /T /F /PID $child 2>&1 | Out-Null
}
'ended'
