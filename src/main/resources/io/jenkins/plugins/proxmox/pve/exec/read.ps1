if (-not [IO.File]::Exists("$d\run")) { 'absent'; exit 0 }
function Get-End {
  if ([IO.File]::Exists("$d\code")) { 'ended ' + [IO.File]::ReadAllText("$d\code").Trim() }
}
$state = Get-End
if (-not $state) {
  if (-not [IO.File]::Exists("$d\pid")) { $state = 'starting' }
  elseif (Get-Wrapper) { $state = 'running' }
  else { $state = Get-End; if (-not $state) { $state = 'gone' } }
}
$size = 0
$chunk = ''
if ([IO.File]::Exists("$d\$file")) {
  $stream = [IO.File]::Open("$d\$file", 'Open', 'Read', 'ReadWrite, Delete')
  $size = $stream.Length
  if ($most -gt 0 -and $size -gt $offset) {
    [void]$stream.Seek($offset, 'Begin')
    $bytes = New-Object byte[] $most
    $count = $stream.Read($bytes, 0, $most)
    $chunk = [Convert]::ToBase64String($bytes, 0, $count)
  }
  $stream.Close()
}
[Console]::Out.Write("$state`n$size`n$chunk`n")
