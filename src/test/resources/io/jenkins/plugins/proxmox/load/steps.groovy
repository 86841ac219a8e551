def vm = proxmoxClone template: @TEMPLATE@, name: "load-${params.NUMBER}", credentialsId: 'builds'
proxmoxVm action: 'start', vmid: vm.vmid, waitFor: 'ip', credentialsId: 'builds'
def now = proxmoxStatus vmid: vm.vmid, addresses: true, credentialsId: 'builds'
if (now.status != 'running' || now.ip == null) {
    error "is ${now}"
}
proxmoxDelete vmid: vm.vmid, stop: true, credentialsId: 'builds'
