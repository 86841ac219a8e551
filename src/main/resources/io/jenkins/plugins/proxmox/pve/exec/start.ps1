New-Home
if (-not (Test-First)) { exit 0 }
try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding($false) } catch { }
function Open-Append($name) {
  New-Object IO.FileStream("$d\$name", [IO.FileMode]::Append, [Security.AccessControl.FileSystemRights]::AppendData,
    [IO.FileShare]'ReadWrite, Delete', 1, [IO.FileOptions]::None)
}
function Get-Bytes($line) { , [Convert]::FromBase64String($line.Trim().Replace('-', '+').Replace('_', '/')) }
function Get-Text($line) { [Text.Encoding]::UTF8.GetString((Get-Bytes $line)) }
$log = Open-Append 'log'
$code = 127
try {
  if ($parts -gt 0) {
    $names = [IO.Directory]::GetFiles($d, 'part.*') | Sort-Object
    $text = -join ($names | ForEach-Object { [IO.File]::ReadAllText($_) })
    $names | ForEach-Object { [IO.File]::Delete($_) }
  } else {
    $text = [Console]::In.ReadToEnd()
  }
  $lines = $text.Split("`n")
  $info = New-Object Diagnostics.ProcessStartInfo
  $info.FileName = Get-Text $lines[0]
  $info.Arguments = Get-Text $lines[1]
  $script = Get-Text $lines[2]
  if ($script) {
    [IO.File]::WriteAllText("$d\command.ps1", $script, (New-Object Text.UTF8Encoding($true)))
    $info.Arguments += " -File `"$d\command.ps1`""
  }
  $pairs = @($lines[3].Trim().Split(' ') | Where-Object { $_ })
  for ($i = 0; $i -lt $pairs.Count; $i += 2) {
    $info.EnvironmentVariables[(Get-Text $pairs[$i])] = Get-Text $pairs[$i + 1].TrimStart(':')
  }
  $bytes = Get-Bytes $lines[4]
  $info.UseShellExecute = $false
  $info.CreateNoWindow = $true
  $info.RedirectStandardInput = $true
  $info.RedirectStandardOutput = $true
  $info.RedirectStandardError = $true
  $process = [Diagnostics.Process]::Start($info)
  $own = Get-Process -Id $PID
  Write-Whole 'pid' "$PID $($own.StartTime.Ticks) $($process.Id)"
  if ($apart) { $stdout = Open-Append 'stdout' } else { $stdout = Open-Append 'log' }
  $copies = [Threading.Tasks.Task[]]@(
    $process.StandardOutput.BaseStream.CopyToAsync($stdout), $process.StandardError.BaseStream.CopyToAsync($log))
  try {
    $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    $process.StandardInput.Close()
  } catch { }
  $process.WaitForExit()
  [void][Threading.Tasks.Task]::WaitAll($copies, 10000)
  $code = $process.ExitCode
} catch {
  $message = [Text.Encoding]::UTF8.GetBytes("$_`r`n")
  $log.Write($message, 0, $message.Length)
}
Write-Whole 'code' "$code"
