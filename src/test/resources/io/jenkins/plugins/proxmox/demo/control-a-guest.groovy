pipeline {
    agent none
    parameters {
        string(name: 'VMID', defaultValue: '200', description: '100 to 108 are virtual machines, 200 to 203 containers')
        choice(name: 'ACTION', choices: ['start', 'stop', 'shutdown', 'reboot', 'reset', 'suspend', 'resume'])
        choice(name: 'CREDENTIALS', choices: ['ci', 'limited'], description: 'the second one may do nothing')
    }
    stages {
        stage('Before') {
            steps {
                proxmoxStatus vmid: params.VMID ?: 200
            }
        }
        stage('Do it') {
            steps {
                proxmoxVm action: params.ACTION ?: 'start', vmid: params.VMID ?: 200, credentialsId: params.CREDENTIALS ?: 'ci'
            }
        }
    }
}
