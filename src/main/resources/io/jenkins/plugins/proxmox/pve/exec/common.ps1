$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$d = Join-Path ([IO.Path]::GetTempPath()) ('jenkins-exec-' + $exec)
function New-Home {
  if ([IO.Directory]::Exists($d)) { return }
  [void][IO.Directory]::CreateDirectory($d)
  $me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
  & icacls.exe $d /inheritance:r /grant:r "*${me}:(OI)(CI)F" '*S-1-5-32-544:(OI)(CI)F' | Out-Null
}
function Test-First {
  try { [IO.File]::Open("$d\run", 'CreateNew').Close(); return $true }
  catch { if ([IO.File]::Exists("$d\run")) { return $false } else { throw } }
}
function Write-Whole($name, $text) {
  [IO.File]::WriteAllText("$d\$name.new", $text)
  [IO.File]::Move("$d\$name.new", "$d\$name")
}
function Get-Wrapper {
  if (-not [IO.File]::Exists("$d\pid")) { return }
  $wrapper, $began, $child = [IO.File]::ReadAllText("$d\pid").Split(' ')
  $process = Get-Process -Id $wrapper -ErrorAction SilentlyContinue
  if ($process -and "$($process.StartTime.Ticks)" -eq $began) { $child }
}
