def vm = proxmoxVm action: 'start', vmid: 100
echo "${vm.name} runs on node ${vm.node}; starting it took ${vm.durationMillis} ms"

def now = proxmoxStatus vmid: 100
echo "${now.name} is ${now.status} and uses ${now.memory} bytes of memory"

proxmoxVm action: 'stop', vmid: 100
