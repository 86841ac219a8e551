// guest 100 is stopped at first; it runs while the body does, and is stopped again afterwards
withProxmoxVm(vmid: 100) {
    echo "Tests would now use ${env.PROXMOX_GUEST_NAME} (${env.PROXMOX_VMID}) on node ${env.PROXMOX_NODE}"
}
