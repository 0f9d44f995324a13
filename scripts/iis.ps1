# Makes two IIS sites from one published ASP.NET Core app, in-process at 8091 and out-of-process
# at 8092, each in an application pool of its own, proves the hosting model of each, and prints the
# command that measures them.
#
#   scripts\iis.ps1 -Publish C:\publish [-Work C:\ancmbench-iis] [-Path /plaintext] [-Remove]
#
# Needs an administrator, IIS and the ASP.NET Core Hosting Bundle. -Remove takes away what it made.
# NOT VERIFIED: nobody has published a run of it.
param(
    [Parameter(Mandatory)] [string] $Publish,
    [string] $Work = "$env:SystemDrive\ancmbench-iis",
    [string] $Path = '/plaintext',
    [switch] $Remove
)
$ErrorActionPreference = 'Stop'
Import-Module WebAdministration

$sites = [ordered]@{ 'inprocess' = 8091; 'outofprocess' = 8092 }

foreach ($model in $sites.Keys) {
    $name = "ancmbench-$model"
    if (Test-Path "IIS:\Sites\$name") { Remove-Website -Name $name }
    if (Test-Path "IIS:\AppPools\$name") { Remove-WebAppPool -Name $name }
}
if ($Remove) {
    if (Test-Path $Work) { Remove-Item -Recurse -Force $Work }
    return
}

if (-not (Get-WebGlobalModule -Name AspNetCoreModuleV2)) {
    throw 'AspNetCoreModuleV2 is missing: install the ASP.NET Core Hosting Bundle'
}
$workers = @{}
foreach ($model in $sites.Keys) {
    $name = "ancmbench-$model"
    $dir = Join-Path $Work $model
    if (Test-Path $dir) { Remove-Item -Recurse -Force $dir }
    New-Item -ItemType Directory -Force $dir | Out-Null
    Copy-Item -Recurse "$Publish\*" $dir

    # The hosting model is all that differs between the two folders.
    $file = Join-Path $dir 'web.config'
    $config = [xml](Get-Content -Raw $file)
    $module = $config.SelectSingleNode('//aspNetCore')
    if (-not $module) { throw "$file has no <aspNetCore>" }
    $module.SetAttribute('hostingModel', $model)
    $config.Save($file)

    New-WebAppPool -Name $name | Out-Null
    $pool = "IIS:\AppPools\$name"
    Set-ItemProperty $pool managedRuntimeVersion ''
    # Neither an idle time-out nor a daily recycling in the middle of a run.
    Set-ItemProperty $pool processModel.idleTimeout ([TimeSpan]::Zero)
    Set-ItemProperty $pool recycling.periodicRestart.time ([TimeSpan]::Zero)
    icacls $dir /grant "IIS AppPool\${name}:(OI)(CI)RX" /T /Q | Out-Null
    New-Website -Name $name -PhysicalPath $dir -ApplicationPool $name -IPAddress 127.0.0.1 -Port $sites[$model] | Out-Null
    # Windows PowerShell has no -SkipHttpErrorCheck: an error status throws, and that is wanted.
    $answer = Invoke-WebRequest -UseBasicParsing -TimeoutSec 60 "http://127.0.0.1:$($sites[$model])$Path"

    # In-process, the app's requests are answered within the pool's w3wp.exe and no program is
    # started; out-of-process, ANCM starts one as a child of it.
    $worker = Get-CimInstance Win32_Process -Filter "Name = 'w3wp.exe'" | Where-Object CommandLine -Like "*`"$name`"*"
    if (@($worker).Count -ne 1) { throw "$name has $(@($worker).Count) worker processes, want 1" }
    $children = @(Get-CimInstance Win32_Process -Filter "ParentProcessId = $($worker.ProcessId)" | Where-Object Name -NE 'conhost.exe')
    if ($model -eq 'inprocess' -and $children.Count -ne 0) { throw "${name}: the worker has started $($children.Name -join ', ')" }
    if ($model -eq 'outofprocess' -and $children.Count -ne 1) { throw "${name}: the worker has started $($children.Count) programs, want 1" }
    # The reference app names the process that answers; other apps do not.
    $answered = $answer.Headers['X-Ancm-App-Pid']
    $expected = if ($children) { $children[0].ProcessId } else { $worker.ProcessId }
    if ($answered -and "$answered" -ne "$expected") { throw "${name}: process $answered answers, want $expected" }
    $workers[$model] = $worker.ProcessId
    [pscustomobject]@{
        Site = $name; Port = $sites[$model]; Status = [int]$answer.StatusCode; Server = "$($answer.Headers['Server'])"
        Worker = $worker.ProcessId; Program = if ($children) { "$($children[0].Name) $($children[0].ProcessId)" } else { '' }
        WorkingSetMB = [math]::Round(($worker.WorkingSetSize + ($children | Measure-Object WorkingSetSize -Sum).Sum) / 1MB, 1)
        PrivateMB = [math]::Round(($worker.PrivatePageCount + ($children | Measure-Object PrivatePageCount -Sum).Sum) / 1MB, 1)
    }
}
# What a worker has started is counted with it.
$command = "run --profile=iis --processes in-process.server=pid:$($workers['inprocess']) --processes out-of-process.server=pid:$($workers['outofprocess'])"
Set-Content -Encoding ascii -Path (Join-Path $Work 'arguments.txt') -Value $command
Write-Host "ancmbench $command"
