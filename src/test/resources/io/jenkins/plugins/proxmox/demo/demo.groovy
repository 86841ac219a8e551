// Makes the sample jobs of the demo and runs the first one.
import hudson.model.FreeStyleProject
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper
import jenkins.model.Jenkins
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition
import org.jenkinsci.plugins.workflow.job.WorkflowJob

def jenkins = Jenkins.get()
['start-look-stop', 'control-a-guest', 'with-a-guest'].each { name ->
    def job = jenkins.getItem(name) ?: jenkins.createProject(WorkflowJob, name)
    job.definition = new CpsFlowDefinition(new File(jenkins.rootDir, "${name}.groovy").getText('UTF-8'), true)
    job.save()
}
if (jenkins.getItem('freestyle-with-a-container') == null) {
    def job = jenkins.createProject(FreeStyleProject, 'freestyle-with-a-container')
    def container = new StartedGuestWrapper()
    container.vmid = '200'
    job.buildWrappersList.add(container)
    job.save()
}
jenkins.getItem('start-look-stop').scheduleBuild2(0)
