New-Home
[IO.File]::WriteAllText("$d\part.$part", [Console]::In.ReadToEnd())
'stored'
