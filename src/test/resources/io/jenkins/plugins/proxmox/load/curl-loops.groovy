node {
    withCredentials([proxmoxApiToken(credentialsId: 'builds', variable: 'PVE')]) {
        sh '''#!/bin/sh
set -eu

template=@TEMPLATE@
vmid=$((20000 + NUMBER))
url=https://@ADDRESS@/api2/json
node=@NODE@

api() {
    curl --silent --show-error --fail --max-time 60 --cacert "@CA@" \\
        --header "Authorization: PVEAPIToken=$PVE" "$@"
}

# the task of the answer in $1, until it has ended
await() {
    upid=$(echo "$1" | sed 's/.*"data":"\\([^"]*\\)".*/\\1/')
    while true; do
        status=$(api "$url/nodes/$node/tasks/$upid/status")
        case $status in
            *'"status":"stopped"'*) break ;;
        esac
        sleep 1
    done
    case $status in
        *'"exitstatus":"OK"'*) ;;
        *) echo "$status"; exit 1 ;;
    esac
}

await "$(api --data newid=$vmid --data name=load-$NUMBER "$url/nodes/$node/qemu/$template/clone")"
await "$(api --request POST "$url/nodes/$node/qemu/$vmid/status/start")"
until api "$url/nodes/$node/qemu/$vmid/agent/network-get-interfaces" 2>/dev/null | grep -q '"192[.]0[.]2[.]'; do
    sleep 1
done
api "$url/nodes/$node/qemu/$vmid/status/current" | grep -q '"status":"running"'
await "$(api --request POST "$url/nodes/$node/qemu/$vmid/status/stop")"
await "$(api --request DELETE "$url/nodes/$node/qemu/$vmid")"
'''
    }
}
