// Makes the two sample jobs of the demo and runs the first one.
import jenkins.model.Jenkins
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition
import org.jenkinsci.plugins.workflow.job.WorkflowJob

def jenkins = Jenkins.get()
['start-look-stop', 'control-a-guest'].each { name ->
    def job = jenkins.getItem(name) ?: jenkins.createProject(WorkflowJob, name)
    job.definition = new CpsFlowDefinition(new File(jenkins.rootDir, "${name}.groovy").getText('UTF-8'), true)
    job.save()
}
jenkins.getItem('start-look-stop').scheduleBuild2(0)
